package pack

import (
	"sync"

	"github.com/leaksonde/leaksonde/scanner/internal/source/git/object"
)

// baseCache keeps the latest delta bases of random access, up to a number of
// bytes. Neighbouring trees and blobs share their chains, so a few megabytes
// save most of the work. Contents are shared and must not be written to.
type baseCache struct {
	mu    sync.Mutex
	room  int64
	used  int64
	items map[baseKey]*baseItem
	ring  baseItem // newest at ring.next, oldest at ring.prev
}

type baseKey struct {
	pack *Pack
	off  int64
}

type baseItem struct {
	key        baseKey
	typ        object.Type
	content    []byte
	next, prev *baseItem
}

func newBaseCache(room int64) *baseCache {
	c := &baseCache{room: room, items: map[baseKey]*baseItem{}}
	c.ring.next, c.ring.prev = &c.ring, &c.ring
	return c
}

func (c *baseCache) get(k baseKey) ([]byte, object.Type) {
	c.mu.Lock()
	defer c.mu.Unlock()
	it := c.items[k]
	if it == nil {
		return nil, 0
	}
	it.unlink()
	c.push(it)
	return it.content, it.typ
}

// add keeps content, which the caller gives away.
func (c *baseCache) add(k baseKey, typ object.Type, content []byte) {
	if int64(cap(content)) > c.room/4 {
		return
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.items[k] != nil {
		return
	}
	c.used += int64(cap(content))
	for c.used > c.room && c.ring.prev != &c.ring {
		old := c.ring.prev
		old.unlink()
		delete(c.items, old.key)
		c.used -= int64(cap(old.content))
	}
	it := &baseItem{key: k, typ: typ, content: content}
	c.items[k] = it
	c.push(it)
}

func (c *baseCache) push(it *baseItem) {
	it.next, it.prev = c.ring.next, &c.ring
	it.next.prev, c.ring.next = it, it
}

func (it *baseItem) unlink() {
	it.prev.next, it.next.prev = it.next, it.prev
}
