// The delegator and its workers: a bounded queue in front of a bounded pool, as in "Handling 1 Million Requests per Minute with
// Go", which the article followed. Unbounded goroutines, one a key, are what it warns of.
package main

import "context"

// As many jobs as octofetch lets requests wait for a connection.
const queueMax = 10000

type job struct {
	ctx      context.Context
	key      string
	position int
	answers  chan<- answer
}

// body is nil where there is none.
type answer struct {
	position int
	body     []byte
}

type delegator struct {
	jobs chan job
	// What an idle worker can be given its next job by.
	idle chan chan job
}

func startDelegator(from *origin, workerCount int) *delegator {
	d := &delegator{jobs: make(chan job, queueMax), idle: make(chan chan job, workerCount)}
	for i := 0; i < workerCount; i++ {
		go d.work(from, make(chan job))
	}
	go d.delegate()
	return d
}

// submit says whether the job was queued before its page was over.
func (d *delegator) submit(next job) bool {
	if next.ctx.Err() != nil {
		return false
	}
	select {
	case d.jobs <- next:
		return true
	case <-next.ctx.Done():
		return false
	}
}

// delegate drops the jobs of pages that are over, so that a queue which has grown long is empty at once.
func (d *delegator) delegate() {
	for next := range d.jobs {
		if next.ctx.Err() != nil {
			continue
		}
		select {
		case worker := <-d.idle:
			worker <- next
		case <-next.ctx.Done():
		}
	}
}

func (d *delegator) work(from *origin, jobs chan job) {
	for {
		d.idle <- jobs
		next := <-jobs
		next.answers <- answer{next.position, from.fetch(next.ctx, next.key)}
	}
}
