// One object over net/http, whose transport has as many connections as there are workers and keeps them.
package main

import (
	"context"
	"io"
	"net"
	"net/http"
	"time"
)

const (
	connectMax = 10 * time.Second
	// As long as octofetch keeps it.
	idleMax = 10 * time.Second
	// What is read of an answer that is no object, so that its connection can be used again.
	errorBytesMax = 64 << 10
)

type origin struct {
	folder string
	client *http.Client
}

func newOrigin(folder string, connections int) *origin {
	transport := &http.Transport{
		DialContext:         (&net.Dialer{Timeout: connectMax}).DialContext,
		MaxConnsPerHost:     connections,
		MaxIdleConns:        connections,
		MaxIdleConnsPerHost: connections,
		IdleConnTimeout:     idleMax,
		DisableCompression:  true,
	}
	return &origin{folder: folder, client: &http.Client{Transport: transport}}
}

// fetch gives nil where there is no body, for whatever reason.
func (o *origin) fetch(ctx context.Context, key string) []byte {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, o.folder+key, nil)
	if err != nil {
		return nil
	}
	response, err := o.client.Do(request)
	if err != nil {
		return nil
	}
	defer response.Body.Close()
	if response.StatusCode != http.StatusOK || response.ContentLength < 0 {
		io.CopyN(io.Discard, response.Body, errorBytesMax)
		return nil
	}
	// io.ReadAll would grow its buffer, and copy what it has, a dozen times.
	body := make([]byte, response.ContentLength)
	if _, err := io.ReadFull(response.Body, body); err != nil {
		return nil
	}
	return body
}
