package checksum

import "bytes"

// socialSchemes look at the structure of social networks' tokens.
var socialSchemes = []*Scheme{
	{
		Name: "twitter-bearer", Structure: true,
		Source: "X documentation: an app-only bearer token; its leading bytes are zero, which base64 writes as a run of A; + / = stand in it percent-encoded",
		Check: func(t []byte) Result {
			rest := bytes.TrimLeft(t, "A")
			if len(t)-len(rest) < 19 || len(rest) < 40 || !bytes.Contains(rest, []byte("%")) {
				return Unknown
			}
			var seen [256]bool
			distinct := 0
			for _, c := range rest {
				if !seen[c] {
					seen[c] = true
					distinct++
				}
			}
			return result(distinct >= 16)
		},
		Break: func(t string) string { return t[:19] + string(bytes.Repeat([]byte("B%"), len(t)/2)) },
	},
}
