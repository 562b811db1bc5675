// Package config reads git's configuration files.
//
// go-git reads them too, but gives up at the first line it does not like and
// keeps no line numbers. A scanner must still learn the remotes of a file
// whose fifth line is broken, and say where that line is. So this reader takes
// what it can and reports the rest.
//
// Nothing is executed, and includes are not followed: what decides how a
// repository is read (core, extensions) git itself reads without includes, and
// a repository nobody vouches for must not choose files for us to open.
// Config.Includes lists them.
package config
