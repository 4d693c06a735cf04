// Octo in Go, as the article describes it: a delegator hands jobs from a bounded queue to the idle workers of a pool, there are
// as many workers as connections, and each page has a context with its deadline. net/http and contexts are what a Go program
// uses; ../README.md says what goes in and comes out.
package main

import (
	"bufio"
	"bytes"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"log"
	"os"
	"runtime"
	"sync"
)

type asked struct {
	Page       int64    `json:"page"`
	DeadlineNs int64    `json:"deadline_ns"`
	Keys       []string `json:"keys"`
}

type told struct {
	Page      int64 `json:"page"`
	HandlerNs int64 `json:"handler_ns"`
	ControlNs int64 `json:"control_ns"`
	Delivered int   `json:"delivered"`
	Missing   []int `json:"missing"`
}

func main() {
	origin := flag.String("origin", "", "such as http://127.0.0.1:4000")
	bucket := flag.String("bucket", "", "the folder of the objects")
	connections := flag.Int("connections", 256, "open at once, and kept alive")
	flag.Int("budget-ms", 1200, "of a page; each says its deadline itself")
	cacheObjects := flag.Int("cache-objects", 0, "bodies that are kept; 0 for none")
	flag.Parse()
	// net/http writes there what an origin does to idle connections.
	log.SetOutput(io.Discard)

	service := &octo{
		clock:     readClock(),
		delegator: startDelegator(newOrigin(*origin+"/"+*bucket+"/", *connections), *connections),
		recent:    newRecent(*cacheObjects),
	}
	print(map[string]any{"ready": true, "versions": map[string]string{"Go": runtime.Version()}})
	print(map[string]any{"pages": service.serve(os.Stdin)})
}

type octo struct {
	clock     clock
	delegator *delegator
	recent    *recent
}

// serve starts a goroutine for each page and one for its control, and returns when all have ended.
func (o *octo) serve(input io.Reader) []*told {
	lines := bufio.NewReader(input)
	pages := []*told{}
	var open sync.WaitGroup
	for {
		line, err := lines.ReadBytes('\n')
		if len(bytes.TrimSpace(line)) > 0 {
			var page asked
			if err := json.Unmarshal(line, &page); err != nil {
				fail("a line is not a page: %v", err)
			}
			record := &told{Page: page.Page}
			pages = append(pages, record)
			open.Add(2)
			go func() {
				defer open.Done()
				o.control(page.DeadlineNs, record)
			}()
			go func() {
				defer open.Done()
				o.handle(page, record)
			}()
		}
		if err != nil {
			break
		}
	}
	open.Wait()
	return pages
}

func print(record any) {
	if err := json.NewEncoder(os.Stdout).Encode(record); err != nil {
		fail("%v", err)
	}
}

func fail(format string, values ...any) {
	fmt.Fprintf(os.Stderr, "octo: "+format+"\n", values...)
	os.Exit(1)
}
