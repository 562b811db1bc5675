package pack

import (
	"sync"
	"sync/atomic"
)

// queue passes subtrees from busy workers to idle ones. Packs have thousands
// of trees, so it matters at the end only, and where one tree is most of it.
type queue[S any] struct {
	mu      sync.Mutex
	cond    *sync.Cond
	tasks   []task[S]
	idle    int
	workers int
	wanted  atomic.Int32 // idle workers without a task
}

// task is a frame with the children that are still to be walked.
type task[S any] struct{ frame frame[S] }

func (q *queue[S]) reset(workers int) {
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.cond == nil {
		q.cond = sync.NewCond(&q.mu)
	}
	q.tasks, q.idle, q.workers = nil, 0, workers
	q.wanted.Store(0)
}

// hungry tells whether a task would be taken at once.
func (q *queue[S]) hungry() bool { return q.wanted.Load() > 0 }

func (q *queue[S]) put(t task[S]) {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.tasks = append(q.tasks, t)
	q.wanted.Add(-1)
	q.cond.Signal()
}

// take waits for a task; false means that all workers wait, or that the walk
// was stopped.
func (q *queue[S]) take(stopped *atomic.Bool) (t task[S], ok bool) {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.idle++
	q.wanted.Add(1)
	for len(q.tasks) == 0 {
		if q.idle == q.workers || stopped.Load() {
			q.idle = q.workers
			q.cond.Broadcast()
			return t, false
		}
		q.cond.Wait()
	}
	q.idle--
	t = q.tasks[len(q.tasks)-1]
	q.tasks = q.tasks[:len(q.tasks)-1]
	return t, true
}

func (q *queue[S]) wake() {
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.cond != nil {
		q.cond.Broadcast()
	}
}
