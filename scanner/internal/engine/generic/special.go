package generic

import "bytes"

// line finds how far the line of pos reaches to either side, within limits.
func line(text []byte, pos, left, right int) (lo, hi int) {
	lo, hi = pos, pos
	for limit := max(0, pos-left); lo > limit && text[lo-1] != '\n'; {
		lo--
	}
	for limit := min(len(text), pos+right); hi < limit && text[hi] != '\n'; {
		hi++
	}
	return
}

const maxUserinfo = 320

// url reads scheme://user:password@host from the colon of "://".
func (p *parse) url(pos int) bool {
	text := p.text
	// most URLs have no user: the first byte that cannot be part of one tells
	colon := -1
	i := pos + 3
	limit := min(len(text), i+maxUserinfo)
	last := -1
	for i < limit {
		b := text[i]
		if b == ':' && colon < 0 {
			colon = i
		}
		if b == '@' && colon >= 0 {
			last = i
			// a password may hold an @ of its own: the last one before the
			// path counts
			if j := nextAt(text, i+1, limit); j < 0 {
				break
			} else {
				i = j
				continue
			}
		}
		if b <= ' ' || b == '/' && colon < 0 || b == '"' || b == '\'' || b == '`' || b == '<' && i > pos+3 && colon < 0 || b == '\\' || b == '?' && colon < 0 ||
			b == '>' && colon < 0 || b == '#' && colon < 0 || b == ')' && colon < 0 || b == ',' && colon < 0 {
			break
		}
		if b == '/' && slashEnds(text, colon, i, limit) {
			break
		}
		i++
	}
	if last < 0 || colon < 0 || colon > last || last-colon < 2 {
		return false
	}
	start := pos
	for start > 0 && pos-start < 32 && (is(text[start-1], wordByte) && text[start-1] < 0x80 || text[start-1] == '+' || text[start-1] == '-' || text[start-1] == '.') {
		start--
	}
	if start == pos {
		return false
	}
	if h := at(text, last+1); h <= ' ' || is(h, quoteByte) {
		return false
	}
	p.form = urlUser
	p.whole, p.start, p.end = start, colon+1, last
	p.name.start, p.name.end = start, pos // the scheme
	p.name.own, p.name.ownEnd = pos+3, colon
	p.name.class = password
	p.context = start
	p.lo, p.hi = start-1, max(i+1, last+2)
	for j := last + 1; ; j++ { // the host, up to its end
		b := at(text, j)
		if !is(b, wordByte) && b != '.' && b != '-' || j > last+80 {
			p.hi = max(p.hi, j+1)
			p.wholeEnd = j
			break
		}
	}
	return true
}

// nextAt finds another @ before the end of the authority.
func nextAt(text []byte, i, limit int) int {
	for ; i < limit; i++ {
		switch b := text[i]; {
		case b == '@':
			return i
		case b <= ' ' || b == '/' || is(b, quoteByte) || b == '?' || b == '#' || b == '<' || b == '>' || b == ',' || b == ';' || b == ')' || b == ':':
			return -1
		}
	}
	return -1
}

// slashEnds tells whether the slash at i ends the authority: it does if what
// follows the colon is a port, or if no @ comes before the next blank or quote.
func slashEnds(text []byte, colon, i, limit int) bool {
	port := true
	for _, b := range text[colon+1 : i] {
		port = port && (isDigit(b) || b == '$' || b == '{' || b == '}' || b == '%')
	}
	return port || nextAt(text, i+1, limit) < 0
}

// schemes of authorisation, as Authorization headers and their like have them.
const (
	noScheme = iota
	bearerScheme
	basicScheme
	otherScheme
)

// header reads "Bearer value" and "Basic value".
func (p *parse) header(pos, end int) bool {
	text := p.text
	if is(at(text, pos-1), wordByte) {
		return false
	}
	i := end
	b := text[pos] | 0x20
	if b == 'b' && text[end-1] == ' ' { // "basic "
		p.scheme = basicScheme
	} else {
		p.scheme = bearerScheme
		switch at(text, i) {
		case ' ', '+':
			i++
		case ':':
			i++
		case '%':
			if !fold(text, i, "%20") {
				return false
			}
			i += 3
		default:
			return false
		}
	}
	for range 4 {
		if at(text, i) == ' ' {
			i++
		}
	}
	if p.scheme == bearerScheme && is(at(text, i), quoteByte) { // "Bearer " + "..."
		return false
	}
	j := i
	limit := min(len(text), i+maxValue)
	for j < limit {
		b := text[j]
		if !is(b, wordByte) && b != '.' && b != '-' && b != '+' && b != '/' && b != '=' && b != '~' && b != '|' {
			break
		}
		j++
	}
	for j > i && (text[j-1] == '.' || text[j-1] == ':') {
		j--
	}
	if j-i < 6 || j == limit && j < len(text) {
		return false
	}
	p.hi = j + 2
	p.form = header
	p.name.start, p.name.end, p.name.own, p.name.ownEnd = pos, end, pos, end
	p.name.class = token
	if p.scheme == basicScheme {
		var buf [150]byte
		if basicPair(text[i:j], &buf) == 0 {
			return false
		}
		p.form = basicAuth
		p.name.class = password
	}
	p.whole, p.start, p.end = pos, i, j
	p.lo, p.context = pos-1, pos
	p.after()
	return true
}

var b64 = func() (t [256]int8) {
	for i := range t {
		t[i] = -1
	}
	for i, c := range []byte("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/") {
		t[c] = int8(i)
	}
	t['-'], t['_'] = 62, 63
	return
}()

// decode64 decodes base64 of either alphabet into buf, as much as fits.
func decode64(s []byte, buf []byte) (n int, ok bool) {
	acc, bits := uint32(0), 0
	for len(s) > 0 && s[len(s)-1] == '=' {
		s = s[:len(s)-1]
	}
	if len(s)%4 == 1 {
		return 0, false
	}
	for _, c := range s {
		v := b64[c]
		if v < 0 {
			return n, false
		}
		acc = acc<<6 | uint32(v)
		if bits += 6; bits >= 8 {
			bits -= 8
			if n == len(buf) {
				return n, true
			}
			buf[n] = byte(acc >> bits)
			n++
		}
	}
	return n, true
}

// basicPair tells whether s is the base64 of "user:password" in printable
// characters: it returns where in the decoded text the password begins, or 0.
func basicPair(s []byte, buf *[150]byte) int {
	if len(s) < 8 || len(s) > 200 {
		return 0
	}
	n, ok := decode64(s, buf[:])
	if !ok || n < 4 {
		return 0
	}
	d := buf[:n]
	colon := bytes.IndexByte(d, ':')
	if colon < 0 || colon == n-1 && colon < 8 {
		return 0
	}
	for _, b := range d {
		if b < ' ' || b == 0x7f || b >= 0x80 {
			return 0
		}
	}
	if colon == n-1 { // "token:", as Stripe and others have it
		return colon
	}
	return colon + 1
}

// sql reads IDENTIFIED BY 'password'.
func (p *parse) sql(pos, end int) bool {
	text := p.text
	i := skip(text, end)
	if i == end {
		return false
	}
	if fold(text, i, "password ") {
		i += 9
	} else if fold(text, i, "values ") {
		i += 7
	} else if text[end-1]|0x20 == 'h' { // identified with plugin as|by
		j := i
		for j < min(len(text), i+64) && (is(text[j], wordByte) || is(text[j], quoteByte)) {
			j++
		}
		i = skip(text, j)
		if !fold(text, i, "by ") && !fold(text, i, "as ") {
			return false
		}
		i += 3
	}
	p.form = sqlBy
	p.name.start, p.name.end, p.name.own, p.name.ownEnd = pos, end, pos, end
	p.name.class = password
	p.start = skip(text, i)
	if b := at(text, p.start); is(b, quoteByte) || b == '\\' && is(at(text, p.start+1), quoteByte) {
		if b == '\\' {
			p.start++
			p.facts |= atEscaped
		}
		if !p.quoted(p.start + 1) {
			return false
		}
	} else if !p.plain() {
		return false
	}
	p.whole = pos
	p.lo, p.context = pos-1, pos
	p.after()
	return true
}

// curl reads "-u user:password" behind the command's name.
func (p *parse) curl(pos, end int) bool {
	text := p.text
	if !is(at(text, end), spaceByte) || is(at(text, pos-1), wordByte) {
		return false
	}
	_, hi := line(text, pos, 0, 256)
	for i := end; i+5 < hi; i++ {
		if text[i] != '-' || !is(text[i-1], spaceByte) {
			continue
		}
		j := 0
		switch {
		case text[i+1] == 'u' || text[i+1] == 'U':
			j = i + 2
		case fold(text, i, "--user "), fold(text, i, "--user="):
			j = i + 7
		case fold(text, i, "--proxy-user "):
			j = i + 13
		}
		if j == 0 {
			continue
		}
		j = skip(text, j)
		p.quote = 0
		if b := at(text, j); b == '"' || b == '\'' {
			p.quote = b
			j++
		}
		k, colon := j, -1
		for k < hi && text[k] > ' ' && !is(text[k], quoteByte) && text[k] != '\\' {
			if text[k] == ':' && colon < 0 {
				colon = k
			}
			k++
		}
		if colon < 0 || colon == j || k == colon+1 {
			return false
		}
		p.form = shortOpt
		p.name.start, p.name.end, p.name.own, p.name.ownEnd = pos, end, j, colon
		p.name.class = password
		p.whole, p.start, p.end = i, colon+1, k
		p.lo, p.hi, p.context = pos-1, k+1, i
		p.after()
		return true
	}
	return false
}

// short reads commands with a password in a short option: mysql -pX,
// sshpass -p X, docker login -p X, redis-cli -a X.
func (p *parse) short(pos, end int) bool {
	text := p.text
	if is(at(text, pos-1), nameByte) && at(text, pos-1) != '.' || isUpper(text[pos]) && text[pos] != 'P' {
		return false
	}
	option, glued := byte('p'), false
	switch text[pos] {
	case 'm': // mysql, mysqldump, mysqladmin, mariadb
		glued = true
		for is(at(text, end), wordByte) {
			end++
			if end-pos > 20 {
				return false
			}
		}
	case 'r':
		option = 'a'
	case '7':
		glued = true
	case 'l':
		option = 'w'
	case 's':
		if text[pos+1] == 'm' {
			option = 'U'
		}
	}
	if fold(text, end, ".exe") {
		end += 4
	}
	if !is(at(text, end), spaceByte) {
		return false
	}
	_, hi := line(text, pos, 0, 256)
	for i := end; i+3 < hi; i++ {
		switch text[i] {
		case '|', ';', '>':
			return false
		case '-':
		default:
			continue
		}
		if !is(text[i-1], spaceByte) || text[i+1] != option {
			continue
		}
		j := i + 2
		if is(text[j], spaceByte) {
			if glued {
				continue
			}
			j = skip(text, j)
		} else if !glued && !is(text[j], quoteByte) {
			if isAlpha(text[j]) && text[pos] != 's' {
				continue
			}
		}
		p.quote = 0
		if b := at(text, j); b == '"' || b == '\'' {
			p.quote = b
			j++
		}
		k := j
		for k < hi && text[k] > ' ' && !is(text[k], quoteByte) && text[k] != ';' && text[k] != ')' && text[k] != '\\' && text[k] != '|' {
			k++
		}
		if k-j < 2 {
			return false
		}
		p.form = shortOpt
		p.name.start, p.name.end, p.name.own, p.name.ownEnd = pos, end, pos, end
		p.name.class = password
		p.whole, p.start, p.end = i, j, k
		p.lo, p.hi, p.context = pos-1, k+1, i
		p.after()
		return true
	}
	return false
}

// jwk reads the private members of a JSON Web Key: "d" and "qi" of any, "k" of
// a symmetric one.
func (p *parse) jwk(pos, end int) bool {
	text := p.text
	i := skip(text, end)
	if at(text, i) != ':' {
		return false
	}
	i = skip(text, i+1)
	if at(text, i) != '"' {
		return false
	}
	p.name.start, p.name.end, p.name.own, p.name.ownEnd = pos+1, end-1, pos+1, end-1
	if !p.quoted(i + 1) {
		return false
	}
	n := p.end - p.start
	if n < 40 {
		return false
	}
	for _, b := range text[p.start:p.end] {
		if b64[b] < 0 {
			return false
		}
	}
	p.form = jwkMember
	p.name.class = strongKey
	p.whole = pos
	p.lo, p.context = pos-1, pos
	p.after()
	return true
}

// der reads a private key in base64 without its PEM lines around the algorithm
// identifier that every RSA key in PKCS #8 has.
func (p *parse) der(pos, end int) bool {
	text := p.text
	start := pos
	for start > 0 && pos-start < 16 && b64[text[start-1]] >= 0 {
		start--
	}
	limit := min(len(text), end+maxValue)
	for end < limit && b64[text[end]] >= 0 {
		end++
	}
	if end-pos < 200 || !fold(text, start, "mii") || end == limit && end < len(text) {
		return false
	}
	for at(text, end) == '=' && end < limit {
		end++
	}
	p.form, p.name.class = derKey, strongKey
	p.name.start, p.name.end, p.name.own, p.name.ownEnd = start, start, start, start
	p.whole, p.wholeEnd, p.start, p.end = start, end, start, end
	p.lo, p.hi, p.context = start-1, end+1, start
	return true
}
