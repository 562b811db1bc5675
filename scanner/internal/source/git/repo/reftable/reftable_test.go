package reftable_test

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"testing"

	"github.com/leaksonde/leaksonde/scanner/internal/source/git/object"
	"github.com/leaksonde/leaksonde/scanner/internal/source/git/repo/internal/tablewriter"
	"github.com/leaksonde/leaksonde/scanner/internal/source/git/repo/reftable"
)

func id(n, size int) object.ID { return object.Hash(object.Blob, fmt.Append(nil, n), size) }

func sample(size int) (refs []reftable.Ref, logs []reftable.Log) {
	refs = append(refs, reftable.Ref{Name: "HEAD", Target: "refs/heads/main", UpdateIndex: 7})
	for i := range 20 {
		r := reftable.Ref{Name: fmt.Sprintf("refs/heads/branch-%03d", i), ID: id(i, size), UpdateIndex: uint64(7 + i*300)}
		if i%5 == 4 {
			r.Peeled = id(100+i, size)
		}
		refs = append(refs, r)
		for j := 3; j > 0; j-- {
			logs = append(logs, reftable.Log{Name: r.Name, UpdateIndex: uint64(7 + j), Old: id(j-1, size), New: id(j, size),
				Who: "A U Thor", Mail: "a@example.org", Seconds: 1e9 + int64(j), Zone: -90, Message: fmt.Sprintf("commit: %d\n", j)})
		}
	}
	return refs, logs
}

func read(t *testing.T, text []byte) (refs []reftable.Ref, logs []reftable.Log) {
	t.Helper()
	tab, err := reftable.New("t", text)
	if err != nil {
		t.Fatal(err)
	}
	err1 := tab.Refs(func(r reftable.Ref) error { refs = append(refs, r); return nil })
	err2 := tab.Logs(func(l reftable.Log) error { logs = append(logs, l); return nil })
	if err1 != nil || err2 != nil {
		t.Fatal(err1, err2)
	}
	return refs, logs
}

func TestTable(t *testing.T) {
	for _, size := range []int{object.SHA1Size, object.SHA256Size} {
		for _, block := range []int{0, 256, 4096} {
			refs, logs := sample(size)
			gotRefs, gotLogs := read(t, tablewriter.Write(tablewriter.Options{HashSize: size, BlockSize: block, Min: 7, Max: 9000}, refs, logs))
			if !reflect.DeepEqual(gotRefs, refs) || !reflect.DeepEqual(gotLogs, logs) {
				t.Errorf("size %d, block %d: got %v %v", size, block, gotRefs, gotLogs)
			}
			gotRefs, gotLogs = read(t, tablewriter.Write(tablewriter.Options{HashSize: size, BlockSize: block}, nil, logs))
			if gotRefs != nil || !reflect.DeepEqual(gotLogs, logs) {
				t.Errorf("size %d, block %d: logs alone: got %v %v", size, block, gotRefs, gotLogs)
			}
			if a, b := read(t, tablewriter.Write(tablewriter.Options{HashSize: size}, nil, nil)); a != nil || b != nil {
				t.Error("an empty table holds something")
			}
		}
	}
}

func TestStack(t *testing.T) {
	dir := t.TempDir()
	refs, logs := sample(20)
	write := func(name string, text []byte) {
		if err := os.WriteFile(filepath.Join(dir, name), text, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	write("1.ref", tablewriter.Write(tablewriter.Options{HashSize: 20, Min: 7, Max: 9000}, refs, logs))
	later := []reftable.Ref{{Name: refs[1].Name, ID: id(99, 20), UpdateIndex: 9001}, {Name: refs[2].Name, Deleted: true, UpdateIndex: 9001}}
	gone := []reftable.Log{{Name: logs[0].Name, UpdateIndex: logs[0].UpdateIndex, Deleted: true}}
	write("2.ref", tablewriter.Write(tablewriter.Options{HashSize: 20, Min: 9001, Max: 9001}, later, gone))
	write("tables.list", []byte("1.ref\n2.ref\n"))
	s, err := reftable.Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	got, err := s.Refs()
	if err != nil || len(got) != len(refs)-1 || got[1].ID != id(99, 20) || got[2].Name != refs[3].Name {
		t.Errorf("got %v, %v", got, err)
	}
	if l, err := s.Logs(); err != nil || len(l) != len(logs)-1 {
		t.Errorf("%d logs, %v", len(l), err)
	}
	// What is missing, damaged or outside is told; the rest is read.
	write("3.ref", []byte("REFT"))
	write("tables.list", []byte("1.ref\nnone.ref\n../2.ref\n3.ref\n"))
	s, err = reftable.Open(dir)
	if got, _ := s.Refs(); err == nil || len(got) != len(refs) {
		t.Errorf("%d refs, %v", len(got), err)
	}
}

func TestDamage(t *testing.T) {
	refs, logs := sample(20)
	whole := tablewriter.Write(tablewriter.Options{HashSize: 20, Min: 7}, refs, logs)
	for n := 0; n < len(whole); n += 13 {
		_, err := reftable.New("t", whole[:n])
		var e *reftable.Error
		if !errors.As(err, &e) || e.File != "t" {
			t.Fatalf("cut at %d: %v", n, err)
		}
	}
}

func FuzzTable(f *testing.F) {
	refs, logs := sample(20)
	foot := 68
	for _, o := range []tablewriter.Options{{HashSize: 20, Min: 7}, {HashSize: 20, Min: 7, BlockSize: 256}} {
		text := tablewriter.Write(o, refs[:5], logs[:5])
		f.Add(text[:len(text)-foot])
	}
	tail := tablewriter.Write(tablewriter.Options{HashSize: 20}, nil, nil)
	f.Fuzz(func(t *testing.T, body []byte) {
		// The checksum would keep the fuzzer out: body gets a valid footer.
		text := append([]byte{}, tail[:24]...)
		if len(body) > 24 {
			text = append(text, body[24:]...)
		}
		text = append(text, tail[24:]...)
		tab, err := reftable.New("t", text)
		if err != nil {
			t.Fatal(err)
		}
		tab.Refs(func(r reftable.Ref) error { return nil })
		tab.Logs(func(l reftable.Log) error { return nil })
	})
}
