//go:build windows || plan9

package bounded

func notDir(error) bool { return false }
