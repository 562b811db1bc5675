//go:build !purego

#include "textflag.h"

// FILTER32 takes the sixteen samples of 32 bytes at off from SI+BX: the even ones in Y0, the odd ones
// in Y1, a lane of four bytes each, so that plain unaligned loads spread them. The two tests of
// each end up in bit 15 of an even and bit 31 of an odd one's lane, clear if it passed. The two are
// laced into 16-bit lanes in text order, whose sign bits are the odd bits of out: bit i+1 is that
// of the sample at off+i.
#define FILTER32(off, out) \
	VMOVDQU    off(SI)(BX*1), Y0       \ // b0 b1 b2 b3 of the even samples
	VMOVDQU    off+2(SI)(BX*1), Y1     \ // and of the odd ones
	VPAND      Y0, Y15, Y2             \
	VPAND      Y1, Y15, Y3             \
	VPMULLD    Y14, Y2, Y2             \
	VPMULLD    Y14, Y3, Y3             \
	VPSRLD     $16, Y2, Y2             \ // wordShift
	VPSRLD     $16, Y3, Y3             \
	VPCMPEQD   Y6, Y6, Y6              \
	VPCMPEQD   Y7, Y7, Y7              \
	VPGATHERDD Y6, (DI)(Y2*4), Y4      \
	VPGATHERDD Y7, (DI)(Y3*4), Y5      \
	VPAND      Y0, Y13, Y0             \
	VPAND      Y1, Y13, Y1             \
	VPAND      off+4(SI)(BX*1), Y13, Y2\ // b4
	VPAND      off+6(SI)(BX*1), Y13, Y3\
	VPSLLVD    Y0, Y4, Y0              \ // b0's bit to bit 31
	VPSLLVD    Y1, Y5, Y1              \
	VPSLLVD    Y2, Y4, Y2              \ // b4's bit to bit 15
	VPSLLVD    Y3, Y5, Y3              \
	VPSRLD     $16, Y0, Y0             \
	VPSLLD     $16, Y3, Y3             \
	VPOR       Y0, Y2, Y0              \
	VPOR       Y1, Y3, Y1              \
	VPBLENDW   $0xAA, Y1, Y0, Y0       \
	VPMOVMSKB  Y0, out

// Write the position of the lowest candidate left in R8 and clear it. With none left it writes
// rubbish beyond the candidates counted, which the next write covers.
#define EMIT(at) \
	TZCNTQ R8, R10            \
	LEAQ   -1(BX)(R10*1), R10 \
	MOVL   R10, at(R11)       \
	BLSRQ  R8, R8

// func scanAVX2(f *filter, text *byte, blocks int, buf *candidate, limit int) (done, n int)
TEXT ·scanAVX2(SB), NOSPLIT, $0-56
	MOVQ f+0(FP), DI
	MOVQ text+8(FP), SI
	MOVQ blocks+16(FP), CX
	MOVQ buf+24(FP), DX
	MOVQ limit+32(FP), R13
	XORQ AX, AX            // candidates written
	XORQ BX, BX            // offset in text
	SHLQ $6, CX            // end offset

	MOVL         $0x0FDFDF00, R8    // hashedBits
	VMOVQ         R8, X15
	VPBROADCASTD X15, Y15
	MOVL         $0x198A8DDD, R8    // hashMultiplier
	VMOVQ         R8, X14
	VPBROADCASTD X14, Y14
	MOVL         $15, R8
	VMOVQ         R8, X13
	VPBROADCASTD X13, Y13
	MOVQ         $0xAAAAAAAAAAAAAAAA, R12

	CMPQ BX, CX
	JGE  done

block:
	FILTER32(0, R8)
	FILTER32(32, R9)
	SHLQ $32, R9
	ORQ  R9, R8
	ANDNQ R12, R8, R8        // clear sign bits are candidates

	// Most blocks have up to four candidates: writing four always is cheaper than a branch on
	// their number, which would be mispredicted in about every other block.
	LEAQ    (DX)(AX*4), R11
	POPCNTQ R8, R9
	EMIT(0)
	EMIT(4)
	EMIT(8)
	EMIT(12)
	ADDQ    R9, AX
	CMPQ    R9, $4
	JA      more

next:
	ADDQ $64, BX
	CMPQ AX, R13
	JGT  done
	CMPQ BX, CX
	JLT  block

done:
	VZEROUPPER
	SHRQ $6, BX
	MOVQ BX, done+40(FP)
	MOVQ AX, n+48(FP)
	RET

more:
	ADDQ $16, R11

moreLoop:
	EMIT(0)
	ADDQ  $4, R11
	TESTQ R8, R8
	JNZ   moreLoop
	JMP   next
