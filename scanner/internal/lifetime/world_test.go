package lifetime

import (
	"bytes"
	"compress/zlib"
	"fmt"
	"maps"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/leaksonde/leaksonde/scanner/internal/source/git/object"
)

// world is a random history, and the repository that holds it.
type world struct {
	objects string
	commits []*made
	tips    map[string]int // by name: number of a commit
	head    int            // number of a commit; -1
	blobs   map[object.ID][]int
}

type made struct {
	id      object.ID
	parents []int
	files   map[string]string
	order   int
}

const nsecrets = 5

// secretsIn reads which secrets a text holds: those whose letters are in it.
func secretsIn(text string) (list []int) {
	for s := range nsecrets {
		if strings.ContainsRune(text, rune('A'+s)) {
			list = append(list, s)
		}
	}
	return list
}

func (w *world) write(typ object.Type, text []byte) object.ID {
	id := object.Hash(typ, text, 20)
	hex := id.String()
	file := filepath.Join(w.objects, hex[:2], hex[2:])
	if _, err := os.Stat(file); err == nil {
		return id
	}
	os.MkdirAll(filepath.Dir(file), 0o700)
	var z bytes.Buffer
	d := zlib.NewWriter(&z)
	fmt.Fprintf(d, "%v %d\x00", typ, len(text))
	d.Write(text)
	d.Close()
	if err := os.WriteFile(file, z.Bytes(), 0o600); err != nil {
		panic(err)
	}
	return id
}

// tree writes the files below prefix.
func (w *world) tree(files map[string]string, prefix string) object.ID {
	type line struct {
		key, mode, name string
		id              object.ID
	}
	lines := map[string]line{}
	for path, text := range files {
		rest, ok := strings.CutPrefix(path, prefix)
		if !ok {
			continue
		}
		if dir, _, deeper := strings.Cut(rest, "/"); deeper {
			if _, ok := lines[dir+"/"]; !ok {
				lines[dir+"/"] = line{dir + "/", "40000", dir, w.tree(files, prefix+dir+"/")}
			}
			continue
		}
		id := w.write(object.Blob, []byte(text))
		if list := secretsIn(text); len(list) > 0 {
			w.blobs[id] = list
		}
		lines[rest] = line{rest, "100644", rest, id}
	}
	var b bytes.Buffer
	for _, k := range slices.Sorted(maps.Keys(lines)) {
		l := lines[k]
		fmt.Fprintf(&b, "%s %s\x00%s", l.mode, l.name, l.id[:20])
	}
	return w.write(object.Tree, b.Bytes())
}

func newWorld(dir string, rng *rand.Rand, n, fillers int) *world {
	w := &world{objects: filepath.Join(dir, "objects"), tips: map[string]int{}, head: -1, blobs: map[object.ID][]int{}}
	os.MkdirAll(w.objects, 0o700)
	names := []string{"a", "b", "d/a", "d/e/b", "d/e/c", "f/e/b"}
	for i := range fillers {
		names = append(names, fmt.Sprintf("d/filler%02d", i))
	}
	text := func() string {
		s := fmt.Sprintf("text %d ", rng.IntN(4))
		for k := range nsecrets {
			if rng.IntN(5) == 0 {
				s += string(rune('A' + k))
			}
		}
		return s + "\n"
	}
	for i := range n {
		m := &made{order: i, files: map[string]string{}}
		switch {
		case i == 0 || rng.IntN(15) == 0:
			for range 3 {
				m.files[names[rng.IntN(len(names))]] = text()
			}
			for k := range fillers {
				m.files[fmt.Sprintf("d/filler%02d", k)] = "nothing\n"
			}
		default:
			m.parents = []int{max(0, i-1-rng.IntN(4))}
			for rng.IntN(3) == 0 && len(m.parents) < 4 {
				if p := rng.IntN(i); !slices.Contains(m.parents, p) {
					m.parents = append(m.parents, p)
				}
			}
			m.files = maps.Clone(w.commits[m.parents[rng.IntN(len(m.parents))]].files)
			for range rng.IntN(3) {
				name := names[rng.IntN(len(names))]
				switch rng.IntN(5) {
				case 0:
					delete(m.files, name)
				case 1: // rename
					if t, ok := m.files[name]; ok {
						delete(m.files, name)
						m.files[names[rng.IntN(len(names))]] = t
					}
				case 2: // revert
					m.files = maps.Clone(w.commits[rng.IntN(i)].files)
				default:
					m.files[name] = text()
				}
			}
		}
		var b bytes.Buffer
		fmt.Fprintf(&b, "tree %s\n", w.tree(m.files, ""))
		for _, p := range m.parents {
			fmt.Fprintf(&b, "parent %s\n", w.commits[p].id)
		}
		fmt.Fprintf(&b, "author A %d <a@example.org> %d +0100\ncommitter C <c@example.org> %d +0000\n\nm%d\n", rng.IntN(3), 1000+i, 2000+i, i)
		m.id = w.write(object.Commit, b.Bytes())
		w.commits = append(w.commits, m)
	}
	for i := range 1 + rng.IntN(4) {
		w.tips[fmt.Sprintf("refs/heads/b%d", i)] = rng.IntN(n)
	}
	if rng.IntN(5) > 0 {
		w.head = w.tips["refs/heads/b0"]
	}
	return w
}
