package generic

import (
	"testing"
)

// find runs every literal over a text and keeps the candidates.
func find(text string) (all []Candidate) {
	b := []byte(text)
	seen := map[[2]int]bool{}
	for i, t := range triggers {
		for pos := 0; pos+len(t.bytes) <= len(b); pos++ {
			if t.fold && fold(b, pos, t.bytes) || !t.fold && text[pos:pos+len(t.bytes)] == t.bytes {
				var c Candidate
				if Match(b, pos, i, &c) && !seen[[2]int{c.SecretStart, c.SecretEnd}] {
					seen[[2]int{c.SecretStart, c.SecretEnd}] = true
					all = append(all, c)
				}
			}
		}
	}
	return
}

func TestMatch(t *testing.T) {
	// assembled, so that no scanner trips over this file
	r := "Zf3D0LXCM3" + "EIMbgJpUNn" + "kRtOfOueHznB"
	w := "uguxr" + "nh838"
	for _, c := range []struct{ text, secret string }{
		{`api_key = "` + r + `"`, r},
		{`const apiSecret: string = '` + r + `';`, r},
		{`API_SECRET=` + r, r},
		{`  "client_secret": "` + r + `",`, r},
		{`password: ` + w, w},
		{`"{\"password\":\"` + w + `\"}"`, w},
		{`user.setPassword("` + w + `");`, w},
		{`mysql -uroot -p` + w + ` db`, w},
		{`postgres://app:` + w + `@db:5432/x`, w},
		{`IDENTIFIED BY '` + w + `'`, w},
		{`Authorization: Bearer ` + r, r},
		{`<password>` + w + `</password>`, w},
		{`<add key="DbPassword" value="` + w + `"/>`, w},
		{`Server=db;User Id=sa;Password=` + w + `;`, w},
		{`curl -u admin:` + w + ` http://x/`, w},
		{`--password=` + w + ` --x`, w},
		{`'password' => '` + w + `',`, w},
		{"数据库密码：" + w, w},
		{"Пароль: " + w, w},
		{`getToken("` + r + `x").password`, r + "x"},
		{`password = os.getenv("DB_PASSWORD")`, ""},
		{`password: ${DB_PASSWORD}`, ""},
		{`"password": "Enter your password"`, ""},
		{`public_key = "` + r + `"`, ""},
		{`primary_key = "user_id"`, ""},
		{`keyword = "` + r + `"`, ""},
	} {
		got := find(c.text)
		if c.secret == "" {
			if len(got) > 0 && got[0].Score > 0 {
				t.Errorf("%s: found %q (%.1f)", c.text, c.text[got[0].SecretStart:got[0].SecretEnd], got[0].Score)
			}
			continue
		}
		ok := false
		for _, g := range got {
			ok = ok || c.text[g.SecretStart:g.SecretEnd] == c.secret
		}
		if !ok {
			t.Errorf("%s: not found (%v)", c.text, got)
		}
	}
}
