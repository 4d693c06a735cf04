// Between instants of CLOCK_MONOTONIC, which pages come with, and Go's. A time.Time carries a reading of the same clock that it
// does not show; so both are read once, one right after the other, and the rest is arithmetic: their rates are the same, and
// what lies between the two readings, well below a microsecond, is the error.
package main

import (
	"syscall"
	"time"
	"unsafe"
)

const clockMonotonic = 1

type clock struct {
	at   time.Time
	atNs int64
}

func readClock() clock {
	var spec syscall.Timespec
	_, _, number := syscall.Syscall(syscall.SYS_CLOCK_GETTIME, clockMonotonic, uintptr(unsafe.Pointer(&spec)), 0)
	at := time.Now()
	if number != 0 {
		fail("CLOCK_MONOTONIC cannot be read: %v", number)
	}
	return clock{at: at, atNs: spec.Nano()}
}

func (c clock) nowNs() int64 {
	return c.atNs + int64(time.Since(c.at))
}

func (c clock) timeOf(instantNs int64) time.Time {
	return c.at.Add(time.Duration(instantNs - c.atNs))
}
