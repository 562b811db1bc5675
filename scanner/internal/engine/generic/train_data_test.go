//go:build train

package generic

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/leaksonde/leaksonde/scanner/internal/engine/randomness"
)

type row struct {
	repo, file string
	line       int
	start, end int
	secret     string
	text       string
	kind       string
	ids        []feature
	label      int // 1, 0, or -1 where the label says nothing of this value
	labelled   bool
	drawn      bool
	weak       bool
	weight     float64
	crossed    float64
	final      float64
}

type label struct {
	from, to int
	truth    string
	vs, ve   int
}

func readLabels(t *testing.T, dir string) map[string][]label {
	all := map[string][]label{}
	files, _ := filepath.Glob(filepath.Join(dir, "meta", "*.csv"))
	for _, f := range files {
		h, err := os.Open(f)
		if err != nil {
			t.Fatal(err)
		}
		rows, err := csv.NewReader(h).ReadAll()
		h.Close()
		if err != nil {
			t.Fatal(err)
		}
		col := map[string]int{}
		for i, n := range rows[0] {
			col[n] = i
		}
		num := func(s string) int {
			n, err := strconv.Atoi(s)
			if err != nil {
				return -1
			}
			return n
		}
		for _, r := range rows[1:] {
			p := strings.TrimPrefix(r[col["FilePath"]], "data/")
			all[p] = append(all[p], label{num(r[col["LineStart"]]), num(r[col["LineEnd"]]), r[col["GroundTruth"]],
				num(r[col["ValueStart"]]), num(r[col["ValueEnd"]])})
		}
	}
	return all
}

type searcher [256][]int

func newSearcher() *searcher {
	var s searcher
	for i, l := range Literals() {
		b := l.Bytes[0]
		s[b] = append(s[b], i)
		if l.Fold && isLower(b) {
			s[b-0x20] = append(s[b-0x20], i)
		}
	}
	return &s
}

func (s *searcher) each(text []byte, hit func(pos, pattern int)) {
	lits := Literals()
	for i, b := range text {
		for _, k := range s[b] {
			l := lits[k]
			if i+len(l.Bytes) > len(text) {
				continue
			}
			if l.Fold && fold(text, i, l.Bytes) || !l.Fold && string(text[i:i+len(l.Bytes)]) == l.Bytes {
				hit(i, k)
			}
		}
	}
}

func scanFile(s *searcher, text []byte, emit func(p *parse, e *evidence)) {
	seen := map[[2]int]bool{}
	s.each(text, func(pos, pattern int) {
		var p parse
		if !p.attempt(text, pos, pattern) {
			return
		}
		e := evidence{full: true}
		if !p.collect(&e) {
			return
		}
		k := [2]int{p.start, p.end}
		if seen[k] {
			return
		}
		seen[k] = true
		emit(&p, &e)
	})
}

func gather(t *testing.T) (rows []*row) {
	s := newSearcher()
	visit := func(root string, labels map[string][]label) {
		filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
			if err != nil || !d.Type().IsRegular() {
				return nil
			}
			rel, _ := filepath.Rel(root, path)
			rel = filepath.ToSlash(rel)
			text, err := os.ReadFile(path)
			if err != nil || labels == nil && bytes.IndexByte(text[:min(len(text), 8000)], 0) >= 0 {
				return nil
			}
			repo, _, _ := strings.Cut(rel, "/")
			lineStart, line := 0, 1
			at := 0
			scanFile(s, text, func(p *parse, e *evidence) {
				if p.start < at {
					at, line, lineStart = 0, 1, 0
				}
				for ; at < p.start; at++ {
					if text[at] == '\n' {
						line++
						lineStart = at + 1
					}
				}
				lineEnd := p.start
				for lineEnd < len(text) && text[lineEnd] != '\n' && lineEnd < p.start+160 {
					lineEnd++
				}
				r := &row{repo: repo, file: rel, line: line, start: p.start, end: p.end, secret: string(text[p.start:p.end]),
					text: string(text[max(lineStart, p.start-100):lineEnd]), kind: p.kind(), ids: slices.Clone(e.ids[:e.n]), weight: 1, weak: p.weak,
					drawn: randomness.Score(text[p.start:p.end]) > 8 && p.name.class != salt && p.name.facts&(nameAgainst|nameHash) == 0}
				if labels != nil {
					vs := utf8.RuneCount(text[lineStart:p.start])
					ve := vs + utf8.RuneCount(text[p.start:p.end])
					anyT, hitT := false, false
					for _, l := range labels[rel] {
						if line < l.from || line > l.to {
							continue
						}
						r.labelled = true
						if l.truth != "T" {
							continue
						}
						anyT = true
						if l.from != l.to || l.vs < 0 || l.ve < 0 || vs < l.ve && l.vs < ve {
							hitT = true
						}
					}
					switch {
					case hitT:
						r.label = 1
					case anyT:
						r.label = -1
					case !r.labelled:
						r.weight = 0.5
					}
				}
				rows = append(rows, r)
			})
			return nil
		})
	}
	visit(filepath.Join(*labelled, "data"), readLabels(t, *labelled))
	for _, c := range strings.Split(*clean, ",") {
		if c != "" {
			visit(c, nil)
		}
	}
	if *cases != "" {
		rows = append(rows, gatherCases(t, s)...)
	}
	return rows
}

// gatherCases reads single texts. Only positives teach: what is a negative for
// some provider's rule may be a secret all the same.
func gatherCases(t *testing.T, s *searcher) (rows []*row) {
	b, err := os.ReadFile(*cases)
	if err != nil {
		t.Fatal(err)
	}
	d := json.NewDecoder(bytes.NewReader(b))
	for n := 0; d.More(); n++ {
		var c struct {
			ID, Provider, Text, Expect, Secret, Origin string
			Flags                                      []string
		}
		if err := d.Decode(&c); err != nil {
			t.Fatal(err)
		}
		if c.Expect != "positive" || c.Secret == "" || len(c.Flags) > 0 {
			continue
		}
		text := []byte(c.Text)
		scanFile(s, text, func(p *parse, e *evidence) {
			v := string(text[p.start:p.end])
			if !strings.Contains(v, c.Secret) && !(strings.Contains(c.Secret, v) && len(v)*10 > len(c.Secret)*6) {
				return
			}
			rows = append(rows, &row{repo: fmt.Sprint("case+", n%97), file: "case+/" + c.ID, line: 1, secret: v, text: c.Text, kind: p.kind(),
				ids: slices.Clone(e.ids[:e.n]), label: 1, labelled: true, weight: *caseWeight})
		})
	}
	return
}
