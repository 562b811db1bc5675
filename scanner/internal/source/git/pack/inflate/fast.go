package inflate

import "encoding/binary"

const (
	// inMargin is what one round of the fast loop may look ahead: two loads,
	// the second at most seven bytes on.
	inMargin = 16
	// matchRoom is what a match of 258 bytes may touch with what the wide
	// copy writes beyond it.
	matchRoom = 258 + 30
	// outMargin is what one round may write: two literals and a match.
	outMargin = 2 + matchRoom
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
	lit, dist := &z.codes.lit, &z.codes.dist
	litMask, distMask := uint64(1)<<z.codes.litBits-1, uint64(1)<<z.codes.distBits-1
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

		if d > op {
			return op, false, ErrCorrupt
		}
		// Arrays of fixed size take one bounds check each.
		to, from := (*[matchRoom]byte)(out[op:]), (*[matchRoom]byte)(out[op-d:])
		op += length
		switch {
		case d >= 16:
			// Most matches are short: the first steps are taken unasked.
			copy16(to[:16], from[:16])
			if length > 16 {
				copy16(to[16:32], from[16:32])
				for at := 32; at < length; at += 16 {
					copy16(to[at:at+16], from[at:at+16])
				}
			}
		case d == 1:
			v := uint64(from[0]) * 0x0101010101010101
			for at := 0; at < length; at += 8 {
				binary.LittleEndian.PutUint64(to[at:at+8], v)
			}
		case d >= 8:
			for at := 0; at < length; at += 8 {
				binary.LittleEndian.PutUint64(to[at:at+8], binary.LittleEndian.Uint64(from[at:at+8]))
			}
		default:
			for at := range length {
				to[at] = from[at]
			}
		}
	}
	z.ip, z.buf, z.n = ip, buf, n
	return op, false, nil
}

// copy16 copies sixteen bytes; the texts may overlap if to is behind from by
// that much.
func copy16(to, from []byte) {
	a := binary.LittleEndian.Uint64(from)
	b := binary.LittleEndian.Uint64(from[8:])
	binary.LittleEndian.PutUint64(to, a)
	binary.LittleEndian.PutUint64(to[8:], b)
}
