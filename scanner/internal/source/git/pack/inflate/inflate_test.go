package inflate

import (
	"bytes"
	"compress/zlib"
	"fmt"
	stdadler "hash/adler32"
	"io"
	"math/rand/v2"
	"testing"
)

// text makes n bytes that deflate like source code: words, lines, repeats.
func text(r *rand.Rand, n int) []byte {
	words := make([]string, 200)
	for i := range words {
		w := make([]byte, 2+r.IntN(9))
		for k := range w {
			w[k] = byte('a' + r.IntN(26))
		}
		words[i] = string(w)
	}
	var b bytes.Buffer
	for b.Len() < n {
		switch r.IntN(12) {
		case 0:
			b.WriteString("\n\t\t")
		case 1:
			fmt.Fprintf(&b, "%x", r.Uint64())
		case 2:
			b.WriteString("    ")
		default:
			b.WriteString(words[min(r.IntN(200), r.IntN(200))])
			b.WriteByte(" .(),;="[r.IntN(7)])
		}
	}
	return b.Bytes()[:n]
}

func deflated(t testing.TB, data []byte, level int) []byte {
	t.Helper()
	var b bytes.Buffer
	w, err := zlib.NewWriterLevel(&b, level)
	if err != nil {
		t.Fatal(err)
	}
	w.Write(data)
	w.Close()
	return b.Bytes()
}

// samples are contents of all sorts that deflate in all ways.
func samples() [][]byte {
	r := rand.New(rand.NewPCG(1, 2))
	noise := make([]byte, 70000)
	for i := range noise {
		noise[i] = byte(r.Uint32())
	}
	all := [][]byte{{}, {'a'}, []byte("ab"), bytes.Repeat([]byte{'x'}, 100000), noise, noise[:300],
		bytes.Repeat([]byte("abc"), 5000), bytes.Repeat([]byte("abcdefghijk"), 500)}
	for _, n := range []int{3, 10, 33, 100, 250, 290, 310, 333, 1000, 5000, 65536, 300000} {
		all = append(all, text(r, n))
	}
	// Skewed letters give long codes: subtables.
	skew := make([]byte, 50000)
	for i := range skew {
		skew[i] = byte(r.ExpFloat64() * 20)
	}
	return append(all, skew)
}

func TestZlib(t *testing.T) {
	var z Inflater
	for i, data := range samples() {
		for level := -2; level <= 9; level++ {
			if level > 1 && level != 6 && level < 9 {
				continue
			}
			comp := deflated(t, data, level)
			for _, slack := range []int{0, 7, Slack} {
				for _, tail := range []int{0, 3, 20} {
					dst := make([]byte, len(data), len(data)+slack)
					src := append(bytes.Clone(comp), make([]byte, tail)...)
					used, err := z.Zlib(dst, src)
					if err != nil || used != len(comp) || !bytes.Equal(dst, data) {
						t.Fatalf("sample %d level %d slack %d tail %d: used %d of %d, %v", i, level, slack, tail, used, len(comp), err)
					}
				}
			}
			var head [20]byte
			n, err := z.Prefix(head[:], comp)
			if err != nil || !bytes.Equal(head[:n], data[:min(20, len(data))]) {
				t.Fatalf("sample %d level %d: prefix %q, %v", i, level, head[:n], err)
			}
		}
	}
}

// TestZlibBroken cuts and flips every stream: an error or the very content,
// and never a byte outside the destination and its slack.
func TestZlibBroken(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 4))
	var z Inflater
	for _, data := range samples() {
		if len(data) > 5000 {
			continue
		}
		comp := deflated(t, data, 6)
		for cut := range min(len(comp), 200) {
			dst := make([]byte, len(data))
			if _, err := z.Zlib(dst, comp[:len(comp)-1-cut]); err != ErrShort {
				t.Fatalf("cut by %d: %v, want ErrShort", cut+1, err)
			}
		}
		for _, size := range []int{len(data) - 1, len(data) + 1, 0, 2 * len(data)} {
			if size < 0 || size == len(data) {
				continue
			}
			if _, err := z.Zlib(make([]byte, size), comp); err != ErrSize {
				t.Fatalf("size %d for %d: %v, want ErrSize", size, len(data), err)
			}
		}
		for range 300 {
			bad := bytes.Clone(comp)
			bad[r.IntN(len(bad))] ^= 1 << r.IntN(8)
			compare(t, &z, bad, len(data))
		}
	}
}

// compare holds Zlib to compress/zlib for any input and size.
func compare(t *testing.T, z *Inflater, src []byte, size int) {
	t.Helper()
	for _, slack := range []int{0, Slack} {
		store := make([]byte, size+slack+64)
		for i := range store[size+slack:] {
			store[size+slack+i] = 0xa5
		}
		_, got := z.Zlib(store[:size:size+slack], src)
		var want []byte
		rd, err := zlib.NewReader(bytes.NewReader(src))
		if err == nil {
			want, err = io.ReadAll(io.LimitReader(rd, int64(size)+1))
		}
		good := err == nil && len(want) == size
		if good != (got == nil) {
			t.Fatalf("%x size %d: got %v, compress/zlib %d bytes %v", src, size, got, len(want), err)
		}
		if good && !bytes.Equal(want, store[:size]) {
			t.Fatalf("%x: content differs", src)
		}
		for _, c := range store[size+slack:] {
			if c != 0xa5 {
				t.Fatalf("%x: wrote beyond the slack", src)
			}
		}
	}
}

// TestBlocks inflates streams of many blocks to sizes around their ends: a
// block may end beyond the size, in the slack.
func TestBlocks(t *testing.T) {
	r := rand.New(rand.NewPCG(5, 6))
	var z Inflater
	for range 200 {
		var b bytes.Buffer
		w, _ := zlib.NewWriterLevel(&b, r.IntN(12)-2)
		var ends []int
		total := 0
		for range 1 + r.IntN(5) {
			n := r.IntN(600)
			w.Write(text(r, n))
			w.Flush()
			total += n
			ends = append(ends, total)
		}
		w.Close()
		for _, end := range ends {
			for d := -3; d <= 3; d++ {
				if end+d >= 0 {
					compare(t, &z, b.Bytes(), end+d)
				}
			}
		}
	}
}

func FuzzZlib(f *testing.F) {
	for _, data := range samples() {
		if len(data) < 2000 {
			for _, level := range []int{-2, 0, 1, 9} {
				f.Add(deflated(f, data, level), uint16(len(data)))
			}
		}
	}
	var z Inflater
	f.Fuzz(func(t *testing.T, src []byte, size uint16) {
		compare(t, &z, src, int(size))
		// The checksum stops most mutations, so set it right where the
		// stream is good up to it.
		rd, err := zlib.NewReader(bytes.NewReader(src))
		if err != nil {
			return
		}
		all, err := io.ReadAll(io.LimitReader(rd, 1<<20))
		if err == zlib.ErrChecksum {
			fixed := append(bytes.Clone(src), 0, 0, 0, 0)
			for end := 2; end+4 <= len(fixed); end++ {
				s := adler32(all)
				try := append(bytes.Clone(fixed[:end]), byte(s>>24), byte(s>>16), byte(s>>8), byte(s))
				if rd, err := zlib.NewReader(bytes.NewReader(try)); err == nil {
					if _, err := io.Copy(io.Discard, rd); err == nil {
						compare(t, &z, try, len(all))
						return
					}
				}
			}
		}
	})
}

func TestAdler32(t *testing.T) {
	full := bytes.Repeat([]byte{0xff}, 6000)
	for n := range full {
		if got, want := adler32(full[:n]), stdadler.Checksum(full[:n]); got != want {
			t.Fatalf("%d bytes of 0xff: %#x, want %#x", n, got, want)
		}
	}
	for _, data := range samples() {
		if got, want := adler32(data), stdadler.Checksum(data); got != want {
			t.Fatalf("%d bytes: %#x, want %#x", len(data), got, want)
		}
	}
}
