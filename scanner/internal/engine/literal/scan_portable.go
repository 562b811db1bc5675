package literal

func (f *filter) scan(text []byte, p, end int, buf *[candidateBuffer]candidate) (next, n int) {
	return f.scanPortable(text, p, end, buf)
}
