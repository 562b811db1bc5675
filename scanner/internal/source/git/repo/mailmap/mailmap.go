// Package mailmap maps the names and addresses in commits to those that people
// go by now, as gitmailmap(5) says.
package mailmap

import "strings"

// Map is the content of a .mailmap. The zero value maps nothing. It is safe
// for concurrent use once made.
type Map struct {
	byMail map[string]*entry
}

type entry struct {
	to     person
	byName map[string]person // for one name at that address
}

type person struct{ name, mail string }

// Parse reads the text of a .mailmap. Lines it cannot read say nothing, as in
// git.
func Parse(text string) *Map {
	m := &Map{byMail: map[string]*entry{}}
	for line := range strings.Lines(text) {
		line = strings.TrimSpace(line)
		if line == "" || line[0] == '#' {
			continue
		}
		name1, mail1, rest, ok := nameAndMail(line)
		if !ok {
			continue
		}
		name2, mail2, _, two := nameAndMail(rest)
		old, to := mail1, person{name: name1}
		if two {
			old, to.mail = mail2, mail1
		}
		key := strings.ToLower(old)
		e := m.byMail[key]
		if e == nil {
			e = &entry{}
			m.byMail[key] = e
		}
		if name2 == "" {
			if to.name != "" {
				e.to.name = to.name
			}
			if to.mail != "" {
				e.to.mail = to.mail
			}
			continue
		}
		if e.byName == nil {
			e.byName = map[string]person{}
		}
		e.byName[strings.ToLower(name2)] = to
	}
	return m
}

func nameAndMail(s string) (name, mail, rest string, ok bool) {
	name, s, ok = strings.Cut(s, "<")
	if !ok {
		return "", "", "", false
	}
	mail, rest, ok = strings.Cut(s, ">")
	return strings.TrimSpace(name), strings.TrimSpace(mail), rest, ok
}

// Resolve gives the name and address to show.
func (m *Map) Resolve(name, mail string) (string, string) {
	if m == nil || len(m.byMail) == 0 {
		return name, mail
	}
	e := m.byMail[strings.ToLower(mail)]
	if e == nil {
		return name, mail
	}
	to, ok := e.byName[strings.ToLower(name)]
	if !ok {
		to = e.to
	}
	if to.name != "" {
		name = to.name
	}
	if to.mail != "" {
		mail = to.mail
	}
	return name, mail
}
