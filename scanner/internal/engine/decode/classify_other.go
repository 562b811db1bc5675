//go:build !amd64 || purego

package decode

func classifyFast([]byte, *[blocks]uint64, *[blocks]uint64) bool { return false }
