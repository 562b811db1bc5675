package inflate

import "encoding/binary"

const (
	// inMargin is what one round of the fast loop may look ahead: two loads,
	// the second at most seven bytes on.
	inMargin = 16
	// outMargin is what one round may write: two literals, a match of 258
	// and what the wide copy writes beyond it.
	outMargin = 2 + 258 + 32
)

// fast decodes symbols while both ends are far. It stops for the careful loop
// (done false), at the end of the block (done true) or when more than size
// bytes came out (op > size).
func (z *Inflater) fast(out []byte, size, op int) (_ int, done bool, err error) {
	in := z.in
	ip := z.ip
	buf, n := z.buf, z.n
	inEnd := len(in) - inMargin
	outEnd := min(len(out)-outMargin, size)
	if z.over > 0 {
		return op, false, nil
	}
	lit, dist := &z.lit, &z.dist
	litMask, distMask := uint64(1)<<z.litBits-1, uint64(1)<<z.distBits-1
	for ip <= inEnd && op <= outEnd {
		buf |= binary.LittleEndian.Uint64(in[ip:]) << (n & 63)
		ip += int((63 - n) >> 3)
		n |= 56
		e := lit[buf&litMask&(litSize-1)]
		if e&literal != 0 {
			// At most 11 bits each: three literals leave room for looking
			// at a fourth code.
			buf >>= e & 63
			n -= uint(e & 63)
			out[op] = byte(e >> 16)
			op++
			e = lit[buf&litMask&(litSize-1)]
			if e&literal != 0 {
				buf >>= e & 63
				n -= uint(e & 63)
				out[op] = byte(e >> 16)
				op++
				e = lit[buf&litMask&(litSize-1)]
				if e&literal != 0 {
					buf >>= e & 63
					n -= uint(e & 63)
					out[op] = byte(e >> 16)
					op++
					continue
				}
			}
		}
		if e&exceptional != 0 {
			if e&subtable != 0 {
				buf >>= e & 63
				n -= uint(e & 63)
				e = lit[(uint64(e>>16)+buf&(1<<(e>>8&15)-1))&(litSize-1)]
				if e&literal != 0 {
					buf >>= e & 63
					n -= uint(e & 63)
					out[op] = byte(e >> 16)
					op++
					continue
				}
			}
			if e&exceptional != 0 {
				z.ip, z.buf, z.n = ip, buf>>(e&63), n-uint(e&63)
				if e&endOfBlock != 0 {
					return op, true, nil
				}
				return op, false, ErrCorrupt
			}
		}
		length := int(e>>16) + int(buf&(1<<(e&63)-1)>>(e>>8&15))
		buf >>= e & 63
		n -= uint(e & 63)

		buf |= binary.LittleEndian.Uint64(in[ip:]) << (n & 63)
		ip += int((63 - n) >> 3)
		n |= 56
		e = dist[buf&distMask&(distSize-1)]
		if e&exceptional != 0 {
			if e&subtable == 0 {
				return op, false, ErrCorrupt
			}
			buf >>= e & 63
			n -= uint(e & 63)
			e = dist[(uint64(e>>16)+buf&(1<<(e>>8&15)-1))&(distSize-1)]
			if e&exceptional != 0 {
				return op, false, ErrCorrupt
			}
		}
		d := int(e>>16) + int(buf&(1<<(e&63)-1)>>(e>>8&15))
		buf >>= e & 63
		n -= uint(e & 63)

		from := op - d
		if from < 0 {
			return op, false, ErrCorrupt
		}
		to := op
		op += length
		switch {
		case d >= 16:
			for {
				a := binary.LittleEndian.Uint64(out[from:])
				b := binary.LittleEndian.Uint64(out[from+8:])
				binary.LittleEndian.PutUint64(out[to:], a)
				binary.LittleEndian.PutUint64(out[to+8:], b)
				from += 16
				to += 16
				if to >= op {
					break
				}
			}
		case d == 1:
			v := uint64(out[from]) * 0x0101010101010101
			for ; to < op; to += 8 {
				binary.LittleEndian.PutUint64(out[to:], v)
			}
		case d >= 8:
			for ; to < op; to += 8 {
				binary.LittleEndian.PutUint64(out[to:], binary.LittleEndian.Uint64(out[from:]))
				from += 8
			}
		default:
			for ; to < op; to++ {
				out[to] = out[from]
				from++
			}
		}
	}
	z.ip, z.buf, z.n = ip, buf, n
	return op, false, nil
}
