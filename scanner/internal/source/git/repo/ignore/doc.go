// Package ignore decides which untracked files of a work tree git ignores:
// .gitignore of every level and info/exclude, nothing else. Tracked files are
// never ignored; the caller knows them from the index.
//
// It is made for a walk: a Dir stands for one directory, Enter goes down one
// level, and a level without a .gitignore costs nothing. Most patterns are a
// plain name or "*.ext"; those are looked up in maps, so a thousand of them
// cost as much as one. The rest is matched segment by segment in linear time;
// git's own matcher goes exponential on patterns such as "*a*a*a*a*b", which a
// hostile repository would send.
//
// go-git's matcher was not used: it takes filepath.Match for git's wildmatch
// ("[!a]" differs), and tries every pattern of every level on every path.
package ignore
