//go:build !amd64 || purego

package literal

func (f *filter) choose() {}

// scan is the portable one where there is no assembly.
func (f *filter) scan(text []byte, p, end int, buf []candidate) (next, n int) {
	return f.scanPortable(text, p, end, buf)
}
