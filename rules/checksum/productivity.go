package checksum

// productivitySchemes are those of tokens for files, notes and the like.
var productivitySchemes = []*Scheme{
	{
		// The ten letters A are zero bytes in base64url. They look like a
		// placeholder's filling, so the rest is what has to look drawn.
		Name: "dropbox", Source: "published example tokens: 11 characters, ten A, 43 characters", Structure: true,
		Check: func(t []byte) Result {
			if len(t) != 64 {
				return Wrong
			}
			var seen [256]bool
			distinct := 0
			for i, c := range t {
				if i >= 11 && i < 21 {
					if c != 'A' {
						return Wrong
					}
					continue
				}
				if !seen[c] {
					seen[c] = true
					distinct++
				}
			}
			// 54 draws from 64 characters give 36 different ones on average,
			// fewer than 24 in less than one case in a million.
			return result(distinct >= 24)
		},
	},
}
