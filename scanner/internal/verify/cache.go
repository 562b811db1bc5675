package verify

import (
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"sync"
	"time"

	"github.com/leaksonde/leaksonde/scanner/finding"
)

// Cache remembers results by an HMAC of what was asked: it holds no secret and
// none can be read from it. It is safe for concurrent use.
//
// Between runs only clear answers are kept. What is told from an older run
// carries the fact "checked" with its time.
type Cache struct {
	mu   sync.Mutex
	now  func() time.Time
	salt []byte
	run  map[string]finding.Verification // of this run, unknown ones too
	kept map[string]entry                // clear answers, of older runs too
}

type entry struct {
	State  finding.VerificationState `json:"state"`
	Reason string                    `json:"reason,omitempty"`
	Facts  map[string]string         `json:"facts,omitempty"`
	At     time.Time                 `json:"at"`
}

// cacheFile is the file of a cache: version 1.
type cacheFile struct {
	Version int              `json:"version"`
	Salt    []byte           `json:"salt"`
	Entries map[string]entry `json:"entries"`
}

func newCache(now func() time.Time) *Cache {
	salt := make([]byte, 32)
	_, _ = rand.Read(salt) // never fails
	return &Cache{now: now, salt: salt, run: map[string]finding.Verification{}, kept: map[string]entry{}}
}

// OpenCache reads the cache file, if there is one; results older than age are
// forgotten.
func OpenCache(file string, age time.Duration, now func() time.Time) (*Cache, error) {
	if now == nil {
		now = time.Now
	}
	c := newCache(now)
	b, err := os.ReadFile(file)
	if errors.Is(err, fs.ErrNotExist) {
		return c, nil
	}
	if err != nil {
		return nil, fmt.Errorf("reading the verification cache: %w", err)
	}
	var f cacheFile
	if err := json.Unmarshal(b, &f); err != nil || f.Version != 1 || len(f.Salt) < 16 {
		return nil, fmt.Errorf("%s is no verification cache of this version; remove it or name another file", file)
	}
	c.salt = f.Salt
	for key, e := range f.Entries {
		clear := e.State == finding.Active || e.State == finding.Inactive
		if clear && now().Sub(e.At) < age && !e.At.After(now()) {
			c.kept[key] = e
		}
	}
	return c, nil
}

// Save writes the file, readable by its owner alone, since facts name accounts.
func (c *Cache) Save(file string) error {
	c.mu.Lock()
	b, err := json.MarshalIndent(cacheFile{1, c.salt, c.kept}, "", " ")
	c.mu.Unlock()
	if err != nil {
		return err
	}
	tmp, err := os.CreateTemp(filepath.Dir(file), ".leaksonde-*") // 0600
	if err != nil {
		return fmt.Errorf("writing the verification cache: %w", err)
	}
	defer os.Remove(tmp.Name())
	_, err = tmp.Write(b)
	if err = errors.Join(err, tmp.Close()); err != nil {
		return fmt.Errorf("writing the verification cache: %w", err)
	}
	if err := os.Rename(tmp.Name(), file); err != nil {
		return fmt.Errorf("writing the verification cache: %w", err)
	}
	return nil
}

func (c *Cache) get(key string) (finding.Verification, bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if r, ok := c.run[key]; ok {
		r.Facts = maps.Clone(r.Facts)
		return r, true
	}
	e, ok := c.kept[key]
	if !ok {
		return finding.Verification{}, false
	}
	facts := maps.Clone(e.Facts)
	if facts == nil {
		facts = map[string]string{}
	}
	facts["checked"] = e.At.UTC().Format(time.RFC3339)
	return finding.Verification{State: e.State, Reason: e.Reason, Facts: facts}, true
}

func (c *Cache) put(key string, r finding.Verification) {
	c.mu.Lock()
	defer c.mu.Unlock()
	r.Facts = maps.Clone(r.Facts)
	c.run[key] = r
	if r.State == finding.Active || r.State == finding.Inactive {
		c.kept[key] = entry{r.State, r.Reason, maps.Clone(r.Facts), c.now().UTC()}
	}
}
