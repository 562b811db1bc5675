package randomness

// Known counts the letters of s that belong to common words of three letters
// or more, and those words. Words end where people end them: at separators,
// digits and humps ("dbPassword2"); a run of letters that is no word may
// still be two ("adminpassword").
func Known(s []byte) (letters, words int) {
	if len(s) > maxMeasured {
		s = s[:maxMeasured]
	}
	for i := 0; i < len(s); {
		if symbolOf[s[i]] == 0 {
			i++
			continue
		}
		j := i + 1
		for j < len(s) && symbolOf[s[j]] != 0 {
			if classOf[s[j]] == upper && (classOf[s[j-1]] == lower || j+1 < len(s) && classOf[s[j+1]] == lower) {
				break
			}
			j++
		}
		l, w := known(s[i:j])
		letters += l
		words += w
		i = j
	}
	return
}

const maxRun = 24

func known(run []byte) (letters, words int) {
	n := len(run)
	if n < 3 || n > maxRun {
		return 0, 0
	}
	if isWord(run) {
		return n, 1
	}
	for k := n - 3; k >= 3; k-- { // two words
		if isWord(run[:k]) && isWord(run[k:]) {
			return n, 2
		}
	}
	for k := n - 1; k >= 4; k-- { // a word and what is left
		if isWord(run[:k]) || isWord(run[n-k:]) {
			return k, 1
		}
	}
	return 0, 0
}
