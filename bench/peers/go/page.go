// A page: its handler, and the control that only sleeps.
package main

import (
	"context"
	"time"
)

const bodyBytes = 10240

func (o *octo) control(deadlineNs int64, record *told) {
	time.Sleep(time.Until(o.clock.timeOf(deadlineNs)))
	record.ControlNs = o.clock.nowNs()
}

func (o *octo) handle(page asked, record *told) {
	ctx, cancel := context.WithDeadline(context.Background(), o.clock.timeOf(page.DeadlineNs))
	bodies := o.fetchPage(ctx, page.Keys)
	record.HandlerNs = o.clock.nowNs()
	cancel()
	record.Missing = []int{}
	for position, body := range bodies {
		switch {
		case body == nil:
			record.Missing = append(record.Missing, position)
		case len(body) != bodyBytes:
			fail("a body has %d bytes instead of %d", len(body), bodyBytes)
		default:
			record.Delivered++
		}
	}
}

// fetchPage gives a body for each key, nil where there was none when ctx was over.
func (o *octo) fetchPage(ctx context.Context, keys []string) [][]byte {
	bodies := make([][]byte, len(keys))
	// With room for all, so that no worker ever waits for a page.
	answers := make(chan answer, len(keys))
	openCount := 0
	for position, key := range keys {
		if bodies[position] = o.recent.get(key); bodies[position] != nil {
			continue
		}
		if !o.delegator.submit(job{ctx: ctx, key: key, position: position, answers: answers}) {
			break
		}
		openCount++
	}
	for ; openCount > 0; openCount-- {
		select {
		case came := <-answers:
			o.take(came, keys, bodies)
		case <-ctx.Done():
			o.takeRest(answers, keys, bodies)
			return bodies
		}
	}
	return bodies
}

// takeRest takes what came before the deadline and has not been looked at: select chooses by chance among what is ready.
func (o *octo) takeRest(answers <-chan answer, keys []string, bodies [][]byte) {
	for {
		select {
		case came := <-answers:
			o.take(came, keys, bodies)
		default:
			return
		}
	}
}

func (o *octo) take(came answer, keys []string, bodies [][]byte) {
	bodies[came.position] = came.body
	if came.body != nil {
		o.recent.set(keys[came.position], came.body)
	}
}
