//go:build !purego

#include "textflag.h"

// Tables by the low and the high half of a byte: a byte is in the classes whose
// bits both have. A byte from 0x80 on gets 0 from the first.
// Bits 0 to 4: base64 with high half 2; 3; 4 or 6; 5; 7. Bit 6: NUL. Bit 7: '%'.
DATA low<>+0(SB)/8, $0x1E1E9E1E1E1E1E5A
DATA low<>+8(SB)/8, $0x0D040504051C1E1E
GLOBL low<>(SB), RODATA|NOPTR, $16
DATA high<>+0(SB)/8, $0x1004080402810040
DATA high<>+8(SB)/8, $0
GLOBL high<>(SB), RODATA|NOPTR, $16

// The classes of the 32 bytes at off, as masks in two registers.
#define CLASSIFY32(off, run, special) \
	VMOVDQU   off(SI), Y0      \
	VPSHUFB   Y0, Y15, Y1      \
	VPSRLW    $4, Y0, Y2       \
	VPAND     Y2, Y13, Y2      \
	VPSHUFB   Y2, Y14, Y2      \
	VPAND     Y1, Y2, Y1       \
	VPAND     Y1, Y12, Y2      \
	VPCMPGTB  Y11, Y2, Y2      \
	VPMOVMSKB Y2, run          \
	VPADDB    Y1, Y1, Y2       \
	VPOR      Y1, Y2, Y2       \
	VPMOVMSKB Y2, special

// func classifyAVX2(text *byte, blocks int, run, special *uint64)
TEXT ·classifyAVX2(SB), NOSPLIT, $0-32
	MOVQ text+0(FP), SI
	MOVQ blocks+8(FP), CX
	MOVQ run+16(FP), DI
	MOVQ special+24(FP), DX
	VBROADCASTI128 low<>(SB), Y15
	VBROADCASTI128 high<>(SB), Y14
	MOVL         $0x0F0F0F0F, AX
	VMOVQ        AX, X13
	VPBROADCASTD X13, Y13
	MOVL         $0x1F1F1F1F, AX
	VMOVQ        AX, X12
	VPBROADCASTD X12, Y12
	VPXOR        Y11, Y11, Y11

loop:
	TESTQ CX, CX
	JEQ   done
	CLASSIFY32(0, AX, R8)
	CLASSIFY32(32, BX, R9)
	SHLQ $32, BX
	ORQ  BX, AX
	SHLQ $32, R9
	ORQ  R9, R8
	MOVQ AX, (DI)
	MOVQ R8, (DX)
	ADDQ $64, SI
	ADDQ $8, DI
	ADDQ $8, DX
	DECQ CX
	JMP  loop

done:
	VZEROUPPER
	RET
