# Encryption comes from goolm, in Go, instead of libolm.
TAGS := goolm
# Where "make build" puts the program.
PROGRAM := matrix-pretix
STATICCHECK := honnef.co/go/tools/cmd/staticcheck@v0.8.2

.PHONY: help build test test-short lint demo bench clean bin/lab

help: ## show this
	@awk -F ':.*## ' '/^[a-z\/-]+:.*## / {printf "  make %-12s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

build: ## the program, one static binary: ./matrix-pretix (needs gcc, for SQLite)
	CGO_ENABLED=1 go build -tags '$(TAGS) sqlite_omit_load_extension netgo osusergo' \
		-ldflags '-s -w -extldflags -static' -o $(PROGRAM) ./cmd/matrix-pretix

test: bin/lab ## everything, on a real Synapse, Pretix and Postgres that come and go with it
	@bin/lab check --postgres
	$(MAKE) --no-print-directory test-short
	bin/lab run -- go test -tags $(TAGS) -race -count=1 -p 2 -timeout 18m ./...

test-short: ## what needs nothing but Go and gcc
	go test -tags $(TAGS) -short ./...

lint: ## what must be clean
	@unformatted=$$("$$(go env GOROOT)/bin/gofmt" -l .) || exit 1; \
		test -z "$$unformatted" || { echo "not formatted by gofmt:"; echo "$$unformatted"; exit 1; }
	go vet -tags $(TAGS) ./...
	go run $(STATICCHECK) -tags $(TAGS) ./...
	go mod tidy -diff

# With ONCE=1 the demo exits 0 or 1; make then makes 2 of 1, as of every recipe that fails.
demo: bin/lab ## see it at work on a real Synapse and Pretix; ONCE=1 ends by itself
	@bin/lab check
	@echo "building matrix-pretix (the first time this takes a minute or two)"
	@$(MAKE) --no-print-directory --silent build
	@bin/lab demo ./$(PROGRAM)

bench: bin/lab ## how fast it is, against a plain loop on the same Synapse
	@bin/lab check --postgres
	@$(MAKE) --no-print-directory --silent build
	@bin/lab bench ./$(PROGRAM)

clean: ## remove what was built; the lab's cache stays
	rm -rf $(PROGRAM) bin

bin/lab:
	@go build -tags $(TAGS) -o bin/lab ./cmd/lab
