# Observer. `make help` lists what there is.
SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DELETE_ON_ERROR:

SYSTEM := $(shell uname -s)-$(shell uname -m)
ifeq ($(filter $(SYSTEM),Linux-x86_64 Linux-aarch64 Linux-arm64),)
$(error Observer runs on Linux (WSL2 too), x86-64 and arm64; this is $(SYSTEM))
endif

SWIFT ?= swift
DURATION ?= 10
PREFIX ?= /usr/local
DESTDIR ?=
TOOLS := kis-fetch snap-validate snap-guard snap-enrich jsonl-sink jsonl-verify snap-audit observer-health
SCRIPTS := $(wildcard scripts/observer scripts/observer-*)
BIN := .build/release
PAGES := man/man1 bash-completion/completions zsh/site-functions
CASES ?=
LOOPS ?= 1000
MINUTES ?= 30
LINES ?= 1000000
RECONNECTS ?= 1000
SECONDS ?= 10
FUZZ_TARGETS := scanner value frame websocket proxy control answer watchlist config time token ledger board variables request metrics market
SANITIZE ?=
ENGINE ?=
FUZZ_BUILD = .build/fuzz$(addprefix -,$(SANITIZE))$(addprefix -,$(ENGINE))
FUZZ_FLAGS = -Xswiftc -enable-testing -Xswiftc -use-ld=lld $(addprefix --sanitize ,$(SANITIZE))
ifeq ($(ENGINE),libfuzzer)
# The compiler counts branches, and of the runtime only the part without a main is linked.
FUZZ_FLAGS += -Xswiftc -DLIBFUZZER -Xswiftc -Xfrontend -Xswiftc -sanitize=fuzzer -Xlinker -lstdc++ -Xlinker \
  "$$($(SWIFT) -print-target-info | sed -n 's/.*"runtimeResourcePath": "\(.*\)".*/\1/p')/clang/lib/linux/libclang_rt.fuzzer_no_main-$$(uname -m).a"
endif

.PHONY: help build run live test asan faults day completeness hostile kills soak fuzz values pages schema readers cluster bus bench bench-peers lint install install-sim uninstall clean

help: ## this list
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed 's/:.*## /\t/' | expand -t 14

build: ## release executables in .build/release
	@$(SWIFT) build -c release --quiet

run: build ## the whole pipeline against the local KIS simulator for DURATION=10 seconds
	@scripts/run-sim "$(DURATION)"

live: build ## the same against KIS; credentials from the environment (config/observer.env.example)
	@scripts/observer run

test: ## every test
	@SWIFT="$(SWIFT)" Tests/harness/all

asan: ## the Swift tests, programs and all, under AddressSanitizer
	@$(SWIFT) build --quiet --build-tests --sanitize address --scratch-path .build/asan
	@ASAN_OPTIONS=detect_leaks=0 $(SWIFT) test --quiet --skip-build --sanitize address --disable-xctest \
	  --scratch-path .build/asan

faults: build ## faults injected into sink and filters, every record accounted for (root runs them all)
	@Tests/harness/faults $(CASES)

day: ## whole trading days on a virtual clock through observer start, doctor asked every minute (20 minutes)
	@$(SWIFT) build --quiet && export OBSERVER_BIN_DIR="$$($(SWIFT) build --show-bin-path)" && \
	  printf '%s\n' D1 D2 D3 D4 D5 D6 D7 D8 D9 D10 | xargs -P 2 -n 1 Tests/harness/faults --only

completeness: build ## 1,000 random days and 60 of the simulator: what was done, said live, by the audit, by the pages (1 hour)
	@Tests/harness/completeness days
	@Tests/harness/completeness whole
	@Tests/harness/completeness moved
	@Tests/harness/completeness sockets

hostile: build ## kis-fetch under every fault of the simulated exchange, RECONNECTS=1000 lost sessions
	@Tests/harness/faults hostile --reconnects $(RECONNECTS)

kills: build ## kill -9, LOOPS=1000 times the sink and 1000 times a random stage
	@Tests/harness/faults kills --loops $(LOOPS)

soak: build ## MINUTES=30 of load with a random fault a minute: what was sent, archived and lost, and memory
	@Tests/harness/faults soak --minutes $(MINUTES)

fuzz: ## every parser, SECONDS=10 each, with changed inputs; also SANITIZE=address, ENGINE=libfuzzer
	@OBSERVER_FUZZ=1 $(SWIFT) build -c release --quiet --scratch-path $(FUZZ_BUILD) --product observer-fuzz $(FUZZ_FLAGS)
	@for target in $(FUZZ_TARGETS); do \
	  $(FUZZ_BUILD)/release/observer-fuzz $$target Tests/fuzz-corpus/$$target.txt --seconds $(SECONDS) \
	    --last $(FUZZ_BUILD)/$$target.last 2>&1 | { grep -vE '# Uses: |ecommended dictionary' || true; }; \
	done

values: build ## snap-guard --rules market against a second reading, LINES=1000000, and a simulated day
	@Tests/harness/fuzz-market --day
	@Tests/harness/fuzz-market --cases $(LINES)

pages: build ## report, calendar and live page in headless Chromium: pictures in .build/pages, axe-core, Tab, print
	@$(SWIFT) build --quiet && Tests/harness/pages $(CASES)

schema: build ## config/schema, made from the feed table
	@Tests/harness/make-schema

cluster: build ## observer spark on a cluster of this machine beside one machine: bytes, counts, faults, speed (installs Java, PySpark)
	@Tests/harness/cluster $(CASES)

bus: build ## the recipe of a bus (Redis Streams) with its broker killed under load (installs redis-server)
	@Tests/harness/bus $(CASES)

readers: build ## archives of every kind through DuckDB, Polars, PyArrow, pandas and Spark (from PyPI), and the export
	@Tests/harness/readers $(CASES)

bench: build ## speed of every filter, with ratios to other tools that are installed
	@Tests/harness/bench

bench-peers: ## installs what make bench compares with (Debian packages, DuckDB, Polars)
	apt-get update -qq && apt-get install -y -qq jq gojq libsimdjson-dev g++ valgrind
	python3 -m pip install -q duckdb polars

lint: ## formatting, and shellcheck where it is installed
	@$(SWIFT) format lint --strict -r Sources Tests Package.swift
	@if command -v shellcheck >/dev/null; then \
	  grep -lE -d skip '^#!.*bash' scripts/* Tests/harness/* .ci/run | xargs shellcheck -x; \
	else echo 'shellcheck is not installed: scripts not checked'; fi

install-sim: ## the KIS simulator alone, under PREFIX=/usr/local
	install -d "$(DESTDIR)$(PREFIX)/bin" "$(DESTDIR)$(PREFIX)/share/kis-sim/kissim"
	install -m 755 scripts/kis-sim "$(DESTDIR)$(PREFIX)/share/kis-sim/"
	install -m 644 $(wildcard scripts/kissim/*.py scripts/kissim/*.jsonl) "$(DESTDIR)$(PREFIX)/share/kis-sim/kissim/"
	ln -sfn ../share/kis-sim/kis-sim "$(DESTDIR)$(PREFIX)/bin/kis-sim"

install: build install-sim ## programs, scripts, manual pages, completions and the simulator under PREFIX=/usr/local
	install -d "$(DESTDIR)$(PREFIX)/bin" "$(DESTDIR)$(PREFIX)/share/observer"
	install -m 755 $(addprefix $(BIN)/,$(TOOLS)) $(SCRIPTS) "$(DESTDIR)$(PREFIX)/bin/"
	install -m 644 config/deployment_config.json config/watchlist.jsonl config/holidays.jsonl config/observer.env.example \
	  config/logrotate.conf \
	  "$(DESTDIR)$(PREFIX)/share/observer/"
	install -d "$(DESTDIR)$(PREFIX)/share/observer/schema"
	install -m 644 $(wildcard config/schema/*.*) "$(DESTDIR)$(PREFIX)/share/observer/schema/"
	install -d $(addprefix "$(DESTDIR)$(PREFIX)/share/,$(addsuffix ",$(PAGES)))
	for tool in $(TOOLS); do \
	  "$(BIN)/$$tool" --help=man >"$(DESTDIR)$(PREFIX)/share/man/man1/$$tool.1"; \
	  "$(BIN)/$$tool" --help=bash >"$(DESTDIR)$(PREFIX)/share/bash-completion/completions/$$tool"; \
	  "$(BIN)/$$tool" --help=zsh >"$(DESTDIR)$(PREFIX)/share/zsh/site-functions/_$$tool"; \
	done
	for page in observer observer-seal observer-prune observer-restore observer-export observer-report observer-spark observer-symbols; do \
	  "$(BIN)/observer-health" manual "$$page" man >"$(DESTDIR)$(PREFIX)/share/man/man1/$$page.1"; \
	done
	"$(BIN)/observer-health" manual observer bash >"$(DESTDIR)$(PREFIX)/share/bash-completion/completions/observer"
	"$(BIN)/observer-health" manual observer zsh >"$(DESTDIR)$(PREFIX)/share/zsh/site-functions/_observer"

uninstall: ## what install has put under PREFIX; configuration and archives elsewhere stay
	cd "$(DESTDIR)$(PREFIX)" && rm -f -- $(addprefix bin/,$(TOOLS) $(notdir $(SCRIPTS)) kis-sim) \
	  $(patsubst %,share/man/man1/%.1,$(TOOLS) observer observer-seal observer-prune observer-restore observer-export observer-report observer-spark observer-symbols) \
	  $(addprefix share/bash-completion/completions/,$(TOOLS) observer) \
	  $(addprefix share/zsh/site-functions/_,$(TOOLS) observer)
	cd "$(DESTDIR)$(PREFIX)" && rm -rf -- share/observer share/kis-sim

clean: ## what the build made; archives stay
	@rm -rf .build
