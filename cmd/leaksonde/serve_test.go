package main

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"strconv"
	"sync"

	"github.com/rogpeppe/go-internal/testscript"
)

// serve STATUS BODY plays a provider that always gives this answer, on an
// address that is put into $URL; what it is asked is appended to $WORK/asked.
func serve(ts *testscript.TestScript, neg bool, args []string) {
	if len(args) != 2 {
		ts.Fatalf("usage: serve STATUS BODY")
	}
	status, err := strconv.Atoi(args[0])
	ts.Check(err)
	asked := ts.MkAbs("asked")
	var mu sync.Mutex
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		mu.Lock()
		defer mu.Unlock()
		if f, err := os.OpenFile(asked, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o666); err == nil {
			fmt.Fprintln(f, r.Method, r.URL.Path)
			f.Close()
		}
		w.Header().Set("Content-Type", "application/json")
		w.WriteHeader(status)
		fmt.Fprint(w, args[1])
	}))
	ts.Defer(server.Close)
	ts.Setenv("URL", server.URL)
}
