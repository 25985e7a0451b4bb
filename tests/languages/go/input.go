// Package comments are nobody's.
package stack

import "fmt"

// Stack is a stack.
type Stack[T any] struct{ items []T }

// Push puts x on top.
//
//	s.Push(1)
//
//go:noinline
func (s *Stack[T]) Push(x T) {
	s.items = append(s.items, x)
	fmt.Println(len(s.items))
}

/*
Pop takes the top off.

It may panic.
*/
func (s *Stack[T]) Pop() (top T, ok bool) { return }

// A blank line parts this from Plain.

func Plain(values ...int) func() int {
	inner := func() int { return 1 }
	return inner
}

// TODO comments are docs to godoc.
// So are these.
func (pair[K, V]) String() string { return "" }

func (*plain) Reset() {}

//go:linkname assembled runtime.assembled
func assembled(x uintptr) uintptr

var x = 1 // not a doc of init
func init() { Plain(1)() }

// Bench is run as follows:
/*
	export bench=x
	go test
*/
func Bench() {}
