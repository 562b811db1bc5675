//go:build train

// Training and measuring. Not part of the ordinary tests:
//
//	go test -tags train -run Train ./scanner/internal/engine/generic \
//	    -labelled DIR -clean DIR[,DIR...] [-write] [-out DIR]
//
// -labelled is a directory with data/REPO/... (files) and meta/REPO.csv (one
// labelled value a row, with the columns FilePath, LineStart, LineEnd,
// GroundTruth, ValueStart, ValueEnd and Category, as in Samsung's CredData).
// -clean are trees of well-kept public repositories, one directory below for
// each: what is found there counts as no credential. The fit is a logistic
// regression with a ridge penalty by Newton's method: nothing is drawn at
// random, the same data give the same weights. Repositories are the folds of
// the cross-validation. With -write weights.go is rewritten; with -out
// findings are written as JSON lines, crossed.jsonl judged by the weights of
// the folds that did not see the repository, final.jsonl by all.
package generic

import (
	"bytes"
	"cmp"
	"encoding/json"
	"flag"
	"fmt"
	"go/format"
	"hash/fnv"
	"io/fs"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"
)

var (
	labelled   = flag.String("labelled", "", "directory of labelled data")
	clean      = flag.String("clean", "", "directories of clean repositories, comma-separated")
	cases      = flag.String("cases", "", "JSON lines of texts with one secret each: text, secret, provider, expect, flags")
	caseWeight = flag.Float64("case-weight", 0.1, "weight of a case against a labelled value")
	write      = flag.Bool("write", false, "rewrite weights.go")
	outDir     = flag.String("out", "", "directory for findings")
	ridge      = flag.Float64("ridge", 3, "strength of the penalty")
	drop       = flag.Float64("drop", 1, "score from which unlabelled candidates are left out")
	rounds     = flag.Int("rounds", 3, "rounds of TestCost")
	folds      = flag.Int("folds", 12, "folds of the cross-validation")
)

// prior is what is known without data, or what few repositories show: the
// penalty draws these weights here and all others to zero.
var prior = map[feature]float64{
	fName + 6:               -2, // speaks of a hash or of something encrypted
	fName + 0:               -1, // id, type, file ...
	fForm + feature(header): 1.5, fForm + feature(basicAuth): 1, fForm + feature(jwkMember): 2, fForm + feature(derKey): 6,
	fForm + feature(urlUser): 0.5, fForm + feature(sqlBy): 0.5,
	fMisc + mSchemed: 1.5, fMisc + mDecodesWords: -3, fMisc + mPlaceholder: -2, fMisc + mEqualsName: -2, fMisc + mHash: -2,
	fMisc + mPublicKey: -2, fMisc + mPrivateKey: 2, fMisc + mNearPublic: -1, fMisc + mNearHash: -1, fMisc + mExampleHost: -0.5,
	fShape + feature(foreignText): -1, fShape + feature(sentence): -1, fShape + feature(formatShape): -1,
}

// fit is Newton's method on the penalised likelihood.
func fit(rows []*row, use func(*row) bool, lambda float64) []float64 {
	n := int(features)
	w := make([]float64, n)
	for range 12 {
		h := make([][]float64, n)
		g := make([]float64, n)
		for i := range h {
			h[i] = make([]float64, n)
			h[i][i] = lambda
			g[i] = -lambda * (w[i] - prior[feature(i)])
		}
		h[0][0], g[0] = 1e-3, 0 // the bias is free
		for _, r := range rows {
			if r.label < 0 || !use(r) {
				continue
			}
			p := 1 / (1 + math.Exp(-dot(w, r.ids)))
			v := r.weight * max(p*(1-p), 1e-6)
			d := r.weight * (float64(r.label) - p)
			for _, i := range r.ids {
				g[i] += d
				for _, j := range r.ids {
					h[i][j] += v
				}
			}
		}
		step := solve(h, g)
		size := 0.0
		for i := range w {
			w[i] += step[i]
			size = max(size, math.Abs(step[i]))
		}
		if size < 1e-4 {
			break
		}
	}
	return w
}

func dot(w []float64, ids []feature) (s float64) {
	for _, i := range ids {
		s += w[i]
	}
	return
}

// solve is Cholesky's.
func solve(a [][]float64, b []float64) []float64 {
	n := len(b)
	for j := range n {
		for k := range j {
			f := a[j][k]
			if f == 0 {
				continue
			}
			for i := j; i < n; i++ {
				a[i][j] -= a[i][k] * f
			}
		}
		d := math.Sqrt(max(a[j][j], 1e-9))
		for i := j; i < n; i++ {
			a[i][j] /= d
		}
	}
	x := slices.Clone(b)
	for i := range n {
		for k := range i {
			x[i] -= a[i][k] * x[k]
		}
		x[i] /= a[i][i]
	}
	for i := n - 1; i >= 0; i-- {
		for k := i + 1; k < n; k++ {
			x[i] -= a[k][i] * x[k]
		}
		x[i] /= a[i][i]
	}
	return x
}

func TestTrain(t *testing.T) {
	if *labelled == "" {
		t.Skip("no -labelled")
	}
	rows := gather(t)
	// the same evidence many times over in one repository counts less
	same := map[string]float64{}
	key := func(r *row) string { return fmt.Sprint(r.repo, r.label, r.ids) }
	for _, r := range rows {
		same[key(r)]++
	}
	for _, r := range rows {
		r.weight /= math.Sqrt(same[key(r)])
	}
	// What the labels do not know and a first fit takes for drawn secrets is
	// left out: looked at by hand, nearly all of it is credentials in tests
	// and documentation, which count as true.
	first := fit(rows, func(r *row) bool { return r.labelled }, *ridge)
	dropped := 0
	for _, r := range rows {
		if !r.labelled && r.drawn && dot(first, r.ids) > *drop {
			r.label = -1
			dropped++
		}
	}
	fmt.Println(dropped, "unlabelled candidates left out")
	fold := func(repo string) int {
		h := fnv.New32a()
		h.Write([]byte(repo))
		return int(h.Sum32() % uint32(*folds))
	}
	done := make(chan bool, *folds)
	slots := make(chan bool, 2)
	for k := range *folds {
		go func() {
			slots <- true
			w := fit(rows, func(r *row) bool { return fold(r.repo) != k }, *ridge)
			for _, r := range rows {
				if fold(r.repo) == k {
					r.crossed = dot(w, r.ids)
				}
			}
			<-slots
			done <- true
		}()
	}
	for range *folds {
		<-done
	}
	w := fit(rows, func(*row) bool { return true }, *ridge)
	for _, r := range rows {
		r.final = dot(w, r.ids)
	}
	report(rows)
	if *write {
		writeWeights(t, w)
	}
	if *outDir != "" {
		dump(t, rows, "crossed.jsonl", func(r *row) float64 { return r.crossed })
		dump(t, rows, "final.jsonl", func(r *row) float64 { return r.final })
	}
}

func report(rows []*row) {
	rs := slices.DeleteFunc(slices.Clone(rows), func(r *row) bool { return r.label < 0 || strings.HasPrefix(r.repo, "case+") })
	slices.SortStableFunc(rs, func(a, b *row) int { return cmp.Compare(b.crossed, a.crossed) })
	total, loss := 0, 0.0
	for _, r := range rs {
		total += r.label
		z := r.crossed
		if r.label == 1 {
			z = -z
		}
		loss += math.Log1p(math.Exp(z))
	}
	fmt.Printf("%d candidates, %d true, cross-validated loss %.1f\n", len(rs), total, loss)
	for _, nonpw := range []bool{false, true} {
		tp, fp, next, local := 0, 0, 8.0, 0
		for _, r := range rs {
			if nonpw && (r.kind == "password" || r.kind == "salt") {
				continue
			}
			for r.crossed < next {
				fmt.Printf("   >= %5.1f  true %5d  false %5d (unlabelled %d)  precision %.3f recall %.3f\n", next, tp, fp, local,
					float64(tp)/float64(tp+fp), float64(tp)/float64(total))
				next -= 0.5
			}
			if next < -3 {
				break
			}
			tp += r.label
			fp += 1 - r.label
			if r.label == 0 && !r.labelled {
				local++
			}
		}
		fmt.Println()
	}
}

func dump(t *testing.T, rows []*row, name string, score func(*row) float64) {
	f, err := os.Create(filepath.Join(*outDir, name))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	enc := json.NewEncoder(f)
	enc.SetEscapeHTML(false)
	for _, r := range rows {
		s := score(r)
		var why []string
		for _, i := range r.ids {
			why = append(why, strconv.Itoa(int(i)))
		}
		if r.kind == "salt" || r.weak {
			s = min(s, mediumFrom-0.01)
		}
		enc.Encode(map[string]any{"file": r.file, "line": r.line, "end_line": r.line, "secret": r.secret, "rule": "generic-" + r.kind,
			"provider": "generic", "score": math.Round(s*100) / 100, "label": r.label, "labelled": r.labelled, "text": r.text, "why": strings.Join(why, " ")})
	}
}

func writeWeights(t *testing.T, w []float64) {
	var b bytes.Buffer
	b.WriteString("package generic\n\n// Code generated by train_test.go; DO NOT EDIT.\n\n// weights are the log odds of the features.\nvar weights = [features]float32{\n")
	for i, v := range w {
		fmt.Fprintf(&b, "%.3f,", v)
		if i%12 == 11 {
			b.WriteByte('\n')
		}
	}
	b.WriteString("\n}\n")
	out, err := format.Source(b.Bytes())
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile("weights.go", out, 0o644); err != nil {
		t.Fatal(err)
	}
}

// TestLocal holds the promise of DESIGN §4 on the labelled files.
func TestLocal(t *testing.T) {
	if *labelled == "" {
		t.Skip("no -labelled")
	}
	s := newSearcher()
	n := 0
	for _, root := range append([]string{*labelled}, strings.Split(*clean, ",")...) {
		filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
			if err != nil || !d.Type().IsRegular() {
				return nil
			}
			text, err := os.ReadFile(path)
			if err != nil {
				return nil
			}
			r := rand.New(rand.NewPCG(uint64(len(text)), 5))
			s.each(text, func(pos, pattern int) {
				a, z := max(0, pos-MaxLeft-100), min(len(text), pos+MaxRight+100)
				if checkLocal(t, r, text[a:z], pos-a, pattern) != noForm {
					n++
				}
			})
			return nil
		})
	}
	t.Log(n, "candidates")
}

// TestCost measures Match over the clean trees: hits, time, and where hits end.
func TestCost(t *testing.T) {
	if *clean == "" {
		t.Skip("no -clean")
	}
	s := newSearcher()
	type work struct {
		text []byte
		hits []hit
	}
	var all []work
	bytesRead, count := 0, 0
	per := map[string]int{}
	for _, root := range strings.Split(*clean, ",") {
		filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
			if err != nil || !d.Type().IsRegular() {
				return nil
			}
			text, err := os.ReadFile(path)
			if err != nil || bytes.IndexByte(text[:min(len(text), 8000)], 0) >= 0 {
				return nil
			}
			w := work{text: text}
			s.each(text, func(pos, pattern int) {
				w.hits = append(w.hits, hit{pos, pattern})
				per[triggers[pattern].bytes]++
			})
			bytesRead += len(text)
			count += len(w.hits)
			all = append(all, w)
			return nil
		})
	}
	used := func() time.Duration {
		var u syscall.Rusage
		syscall.Getrusage(syscall.RUSAGE_SELF, &u)
		return time.Duration(u.Utime.Nano())
	}
	begin := used()
	bridged, named, valued, judged := 0, 0, 0, 0
	for range *rounds {
		for _, w := range all {
			for _, h := range w.hits {
				var c Candidate
				if Match(w.text, h.pos, h.pattern, &c) {
					judged++
				}
			}
		}
	}
	spent := (used() - begin) / time.Duration(*rounds)
	for _, w := range all {
		for _, h := range w.hits {
			var p parse
			if p.attempt(w.text, h.pos, h.pattern) {
				valued++
			}
			if p.start > 0 {
				bridged++
			}
			if p.name.class != noClass {
				named++
			}
		}
	}
	fmt.Printf("%d bytes, %d hits (%.0f a MB), %v: %.0f ns a hit, %.2f ms a MB; bridged %d named %d valued %d judged %d\n", bytesRead, count, float64(count)/float64(bytesRead)*1e6,
		spent, float64(spent)/float64(count), float64(spent)/float64(bytesRead), bridged, named, valued, judged / *rounds)
	var keys []string
	for k := range per {
		keys = append(keys, k)
	}
	slices.SortFunc(keys, func(a, b string) int { return per[b] - per[a] })
	for _, k := range keys[:25] {
		fmt.Print(k, " ", per[k], "; ")
	}
	fmt.Println()
}
