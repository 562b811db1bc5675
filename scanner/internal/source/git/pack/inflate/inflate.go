package inflate

import (
	"encoding/binary"
	"errors"
)

// What can be wrong with a stream.
var (
	ErrCorrupt  = errors.New("malformed zlib stream")
	ErrChecksum = errors.New("zlib checksum does not match")
	ErrShort    = errors.New("zlib stream ends early")
	ErrSize     = errors.New("zlib stream does not have its object's stated size")
)

// Slack is how much capacity beyond its length lets a destination be filled
// at full speed to its end, and how many bytes of anything behind the end of
// the source do the same there. Neither is needed for a right result.
const Slack = 320

// An Inflater holds the tables of the block being read. It is large (some
// 19 KB), so it is reused; the zero value is ready. Not for concurrent use.
type Inflater struct {
	codes *codes // of the current block: own, or the fixed ones
	own   codes

	in   []byte
	ip   int    // bytes of in that went into buf
	buf  uint64 // the next bits, lowest first
	n    uint   // how many of buf count; those above may be anything true
	over uint   // bytes in buf that lie beyond the input

	lengths [maxLit + maxDist + 138]uint8 // room for a last overlong repeat
}

// Zlib fills dst with what the zlib stream at the start of src inflates to,
// and gives the stream's length. It is an error if the two sizes differ or
// the checksum is wrong. Bytes of dst between its length and its capacity may
// be overwritten, Slack of them at most.
func (z *Inflater) Zlib(dst, src []byte) (used int, err error) {
	if err := zlibHeader(src); err != nil {
		return 0, err
	}
	z.start(src)
	n, err := z.deflate(dst, false)
	if err != nil {
		return 0, err
	}
	if n != len(dst) {
		return 0, ErrSize
	}
	end := z.position()
	if end+4 > len(src) {
		return 0, ErrShort
	}
	if binary.BigEndian.Uint32(src[end:]) != adler32(dst) {
		return 0, ErrChecksum
	}
	return end + 4, nil
}

// Prefix fills dst with the start of what the stream inflates to and gives
// the number of bytes: fewer than len(dst) where the stream or src ends. The
// checksum is not looked at.
func (z *Inflater) Prefix(dst, src []byte) (n int, err error) {
	if err := zlibHeader(src); err != nil {
		return 0, err
	}
	z.start(src)
	n, err = z.deflate(dst[:len(dst):len(dst)], true)
	if err == ErrShort || err == ErrSize {
		err = nil
	}
	return n, err
}

func zlibHeader(src []byte) error {
	if len(src) < 2 {
		return ErrShort
	}
	// RFC 1950: method 8, a window of at most 32 KiB, no preset dictionary,
	// and a check of the two bytes.
	if src[0]&15 != 8 || src[0]>>4 > 7 || src[1]&0x20 != 0 || binary.BigEndian.Uint16(src)%31 != 0 {
		return ErrCorrupt
	}
	return nil
}

func (z *Inflater) start(src []byte) {
	z.in, z.ip, z.buf, z.n, z.over = src, 2, 0, 0, 0
}

// position is the number of input bytes used, the last one perhaps in part.
func (z *Inflater) position() int { return z.ip - int(z.n>>3) + int(z.over) }

// refill makes at least 56 bits of buf count, zeros beyond the input.
func (z *Inflater) refill() {
	if z.ip+8 <= len(z.in) {
		z.buf |= binary.LittleEndian.Uint64(z.in[z.ip:]) << (z.n & 63)
		z.ip += int((63 - z.n) >> 3)
		z.n |= 56
		return
	}
	for z.n < 56 {
		if z.ip < len(z.in) {
			z.buf |= uint64(z.in[z.ip]) << (z.n & 63)
			z.ip++
		} else {
			z.over++
		}
		z.n += 8
	}
}

// take gives the next k <= 16 bits; refill must have seen to there being some.
func (z *Inflater) take(k uint) uint {
	v := uint(z.buf) & (1<<k - 1)
	z.buf >>= k
	z.n -= k
	return v
}

// overrun tells whether bits beyond the input were used.
func (z *Inflater) overrun() bool { return z.n < 8*z.over }

// deflate writes the blocks of a stream to dst; prefix means to stop when dst
// is full. It gives the number of bytes written.
func (z *Inflater) deflate(dst []byte, prefix bool) (op int, err error) {
	out := dst[:min(cap(dst), len(dst)+Slack)]
	for {
		z.refill()
		last := z.take(1) == 1
		kind := z.take(2)
		if z.overrun() {
			return op, ErrShort
		}
		switch kind {
		case 0:
			op, err = z.stored(dst, op)
		case 1:
			z.codes = fixed
			op, err = z.block(out, len(dst), op)
		case 2:
			if err = z.readTables(); err == nil {
				op, err = z.block(out, len(dst), op)
			}
		default:
			err = ErrCorrupt
		}
		if err != nil || last || prefix && op == len(dst) {
			return op, err
		}
	}
}

// stored copies a block that is not compressed.
func (z *Inflater) stored(dst []byte, op int) (int, error) {
	ip := z.position() // whole bytes: what is left of the current one is void
	if ip+4 > len(z.in) {
		return op, ErrShort
	}
	n := int(binary.LittleEndian.Uint16(z.in[ip:]))
	if n^0xffff != int(binary.LittleEndian.Uint16(z.in[ip+2:])) {
		return op, ErrCorrupt
	}
	ip += 4
	room := min(n, len(dst)-op)
	got := copy(dst[op:op+room], z.in[ip:])
	z.ip, z.buf, z.n, z.over = ip+n, 0, 0, 0
	switch {
	case got < room || room == n && z.ip > len(z.in):
		return op + got, ErrShort
	case room < n:
		return op + got, ErrSize
	}
	return op + n, nil
}

// block decodes the symbols of one block. out is where they go, size how many
// bytes there may be in it; the rest of out is slack.
func (z *Inflater) block(out []byte, size, op int) (int, error) {
	for {
		op, done, err := z.fast(out, size, op)
		if err == nil && op > size { // into the slack, perhaps up to the block's end
			err = ErrSize
		}
		if done || err != nil {
			return min(op, size), err
		}
		// At an end of input or output: one symbol with care. The fast loop
		// gets another try, as only one of the ends may be near for good.
		op, done, err = z.careful(out[:size], op)
		if done || err != nil {
			return op, err
		}
	}
}

// careful decodes until the end of the block, checking everything.
func (z *Inflater) careful(dst []byte, op int) (int, bool, error) {
	lit, dist := &z.codes.lit, &z.codes.dist
	litMask, distMask := uint(1)<<z.codes.litBits-1, uint(1)<<z.codes.distBits-1
	for {
		z.refill()
		e := lit[uint(z.buf)&litMask&(litSize-1)]
		if e&subtable != 0 {
			z.take(uint(e & 63))
			e = lit[(uint(e>>16)+uint(z.buf)&(1<<(e>>8&15)-1))&(litSize-1)]
		}
		saved := z.buf
		z.buf >>= e & 63
		z.n -= uint(e & 63)
		if z.overrun() {
			return op, false, ErrShort
		}
		if e&literal != 0 {
			if op >= len(dst) {
				return op, false, ErrSize
			}
			dst[op] = byte(e >> 16)
			op++
			continue
		}
		if e&exceptional != 0 {
			if e&endOfBlock != 0 {
				return op, true, nil
			}
			return op, false, ErrCorrupt
		}
		n := int(e>>16) + int(saved&(1<<(e&63)-1)>>(e>>8&15))
		z.refill()
		e = dist[uint(z.buf)&distMask&(distSize-1)]
		if e&subtable != 0 {
			z.take(uint(e & 63))
			e = dist[(uint(e>>16)+uint(z.buf)&(1<<(e>>8&15)-1))&(distSize-1)]
		}
		if e&exceptional != 0 {
			return op, false, z.orShort(ErrCorrupt)
		}
		saved = z.buf
		z.buf >>= e & 63
		z.n -= uint(e & 63)
		if z.overrun() {
			return op, false, ErrShort
		}
		d := int(e>>16) + int(saved&(1<<(e&63)-1)>>(e>>8&15))
		if d > op {
			return op, false, ErrCorrupt
		}
		full := n > len(dst)-op
		n = min(n, len(dst)-op)
		for i := range n {
			dst[op+i] = dst[op+i-d]
		}
		op += n
		if full {
			return op, false, ErrSize
		}
	}
}
