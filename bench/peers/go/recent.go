// Bodies that were used most recently, so many of them; the one that was used least recently leaves first.
package main

import (
	"container/list"
	"sync"
)

type recent struct {
	countMax int

	mutex sync.Mutex
	byKey map[string]*list.Element
	order *list.List
}

type kept struct {
	key  string
	body []byte
}

func newRecent(countMax int) *recent {
	return &recent{countMax: countMax, byKey: map[string]*list.Element{}, order: list.New()}
}

func (r *recent) get(key string) []byte {
	if r.countMax == 0 {
		return nil
	}
	r.mutex.Lock()
	defer r.mutex.Unlock()
	found, isKept := r.byKey[key]
	if !isKept {
		return nil
	}
	r.order.MoveToFront(found)
	return found.Value.(*kept).body
}

func (r *recent) set(key string, body []byte) {
	if r.countMax == 0 {
		return
	}
	r.mutex.Lock()
	defer r.mutex.Unlock()
	if found, isKept := r.byKey[key]; isKept {
		found.Value.(*kept).body = body
		r.order.MoveToFront(found)
		return
	}
	r.byKey[key] = r.order.PushFront(&kept{key, body})
	if r.order.Len() > r.countMax {
		oldest := r.order.Back()
		delete(r.byKey, oldest.Value.(*kept).key)
		r.order.Remove(oldest)
	}
}
