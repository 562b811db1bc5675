package pack

type order struct{}
