# Everything here runs on a bare machine with Go; see CONTRIBUTING.md.
export CGO_ENABLED := 0

STATICCHECK := honnef.co/go/tools/cmd/staticcheck@v0.8.2
FUZZTIME    := 3s
PLATFORMS   := linux/amd64 linux/arm64 darwin/amd64 darwin/arm64 windows/amd64 windows/arm64

.PHONY: build test vet lint race fuzz cross bench verify-delta generate clean

build:
	go build -trimpath -o leaksonde ./cmd/leaksonde

# test is what CI runs.
test: build vet lint race fuzz cross

vet:
	@test -z "$$(gofmt -l cmd scanner rules reporters)" || { gofmt -l cmd scanner rules reporters; echo "run gofmt -w on these"; exit 1; }
	go vet ./...

lint:
	go run $(STATICCHECK) ./...
	go run ./cmd/leaksonde rules lint

race:
	CGO_ENABLED=1 go test -race -short -timeout 10m ./...

# fuzz runs each fuzzer for a short while; "make fuzz FUZZTIME=1h" for longer.
fuzz:
	@set -e; for pkg in $$(go list ./...); do \
	  for target in $$(go test -list '^Fuzz' $$pkg 2>/dev/null | grep '^Fuzz' || true); do \
	    echo "fuzz $$pkg $$target"; \
	    go test -run '^$$' -fuzz "^$$target\$$" -fuzztime $(FUZZTIME) $$pkg; \
	  done; \
	done

cross:
	@set -e; for p in $(PLATFORMS); do echo "build $$p"; GOOS=$${p%/*} GOARCH=$${p#*/} go build -o /dev/null ./cmd/leaksonde; done

# bench prints ratios against rg and git on trees of your own:
# make bench TREE=dir LOG=file REPO=repository
bench: build
	go run ./scanner/benchratios/main.go -bin ./leaksonde -tree "$(TREE)" -log "$(LOG)" -repo "$(REPO)"

# verify-delta holds the search along the deltas of a repository of your own
# against one of every object in full: make verify-delta REPO=repository
verify-delta: build
	LEAKSONDE_REPO="$(abspath $(REPO))" go test ./scanner/internal/source/git -run TestDeltaEqualsPlain -count 1 -timeout 2h -v
	@set -e; dir=$$(mktemp -d); trap 'rm -rf "$$dir"' EXIT; \
	  ./leaksonde scan --scope history --fail-on none --allow-incomplete -q --format json -o "$$dir/delta.json" "$(REPO)"; \
	  ./leaksonde scan --scope history --fail-on none --allow-incomplete -q --format json --no-delta -o "$$dir/plain.json" "$(REPO)"; \
	  cmp "$$dir/delta.json" "$$dir/plain.json" && echo "the reports are the same"

generate:
	go generate ./...

clean:
	rm -rf leaksonde dist
