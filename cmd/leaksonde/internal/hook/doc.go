// Package hook puts leaksonde into git's hooks and takes it out again.
//
// A hook is a block of a few lines between two marks. Where there is no hook
// yet, the block is all of it; an existing shell script gets the block behind
// its first line, so that its $0, its options and the tool that wrote it go on
// as before; anything else (a program, a link, a script in another language) is
// moved aside and run after the block. Uninstalling restores what was there.
//
// The place is asked of git itself, since core.hooksPath may come from any of
// its configuration files. husky and lefthook write the scripts in that place
// anew whenever they please, so they are given the block, or the command, in
// the files that are theirs to be edited.
//
// What the hooks run is "leaksonde hook run": the scripts stay so simple that
// they need not change with the program.
package hook
