package repo

import (
	"fmt"
	"strconv"
	"strings"
	"time"
)

// ParseDate reads a date as --since takes it: 2024-03-01, 2024-03-01 12:30,
// RFC 3339, seconds since 1970 (with or without @), now, today, yesterday,
// "2 weeks ago", 2.weeks, 2w, 36h. Dates without a zone are in now's zone. What
// it does not understand is an error: git would take it for now.
func ParseDate(s string, now time.Time) (time.Time, error) {
	text := strings.ToLower(strings.TrimSpace(s))
	for _, layout := range []string{time.RFC3339, "2006-01-02t15:04:05", "2006-01-02 15:04:05", "2006-01-02t15:04", "2006-01-02 15:04",
		"2006-01-02 15:04:05 -0700", "2006-01-02", "2006/01/02", "2006.01.02"} {
		if t, err := time.ParseInLocation(strings.ToLower(layout), text, now.Location()); err == nil {
			return t, nil
		}
		if t, err := time.ParseInLocation(layout, strings.ToUpper(text), now.Location()); err == nil {
			return t, nil
		}
	}
	if n, err := strconv.ParseInt(strings.TrimPrefix(text, "@"), 10, 64); err == nil && (text[0] == '@' || n >= 100_000_000) {
		return time.Unix(n, 0).In(now.Location()), nil
	}
	midnight := time.Date(now.Year(), now.Month(), now.Day(), 0, 0, 0, 0, now.Location())
	switch text {
	case "now":
		return now, nil
	case "today", "midnight":
		return midnight, nil
	case "yesterday":
		return now.AddDate(0, 0, -1), nil
	}
	if t, ok := ago(text, now); ok {
		return t, nil
	}
	return time.Time{}, fmt.Errorf("%q is no date; write 2024-03-01, 2024-03-01T12:30:00Z or \"2 weeks ago\"", s)
}

// ago reads "2 weeks 3 days ago", "2.weeks", "2w".
func ago(text string, now time.Time) (time.Time, bool) {
	text = strings.TrimSpace(strings.TrimSuffix(strings.ReplaceAll(text, ".", " "), "ago"))
	some := false
	for text != "" {
		digits := len(text) - len(strings.TrimLeft(text, "0123456789"))
		n, err := strconv.Atoi(text[:digits])
		if err != nil || n > 1_000_000 {
			return now, false
		}
		text = strings.TrimLeft(text[digits:], " ")
		letters := len(text) - len(strings.TrimLeft(text, "abcdefghijklmnopqrstuvwxyz"))
		unit := text[:letters]
		text = strings.TrimLeft(text[letters:], " ,")
		switch unit {
		case "s", "sec", "secs", "second", "seconds":
			now = now.Add(time.Duration(-n) * time.Second)
		case "m", "min", "mins", "minute", "minutes":
			now = now.Add(time.Duration(-n) * time.Minute)
		case "h", "hour", "hours":
			now = now.Add(time.Duration(-n) * time.Hour)
		case "d", "day", "days":
			now = now.AddDate(0, 0, -n)
		case "w", "week", "weeks":
			now = now.AddDate(0, 0, -7*n)
		case "month", "months":
			now = now.AddDate(0, -n, 0)
		case "y", "year", "years":
			now = now.AddDate(-n, 0, 0)
		default:
			return now, false
		}
		some = true
	}
	return now, some
}
