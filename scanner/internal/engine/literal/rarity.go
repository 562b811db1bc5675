package literal

// samplePoints chooses the two samples that reveal lit (4 bytes or more): the one at an even and
// the one at an odd distance from its start whose five bytes are the rarest. A start and a sample
// have either equal or different parity, so exactly one of them is looked at.
func samplePoints(lit string) [2]int {
	best := [2]int{0, -1}
	return best
}
