# What people do with this project, by word; `make` alone lists it.

WORKFLOW ?= workflows/penguins.yaml
PREFIX   ?= /usr/local
DESTDIR  ?=
PYTHON   ?= python3
# where `make bench-data` writes 3 GB, and the Python that has the peers of training and reading
DATA     ?= /tmp/bench
PEERS    ?= /tmp/venv-peers/bin/python
# what `make fuzz` gives damaged files to (parquet, arrow, gzip, zstd, csv, jsonl, sqlite; several with commas), how long, and where it begins
READER   ?= parquet
SECONDS  ?= 600
SEED     ?= 1

binary     := .build/release/mlflowctl
root       := $(DESTDIR)$(PREFIX)
completion := $(binary) --generate-completion-script
swiftbuild := swift build -c release --static-swift-stdlib
benches    := $(notdir $(wildcard Sources/*Bench))

.DEFAULT_GOAL := help
.PHONY: help bootstrap build train test fuzz lint bench bench-data install clean

help: ## list these targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-10s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

bootstrap: ## install the Debian packages that the build needs, if any is missing
	@scripts/bootstrap

build: bootstrap ## build the binary: .build/release/mlflowctl
	$(swiftbuild) --product mlflowctl

train: build ## run a workflow to a deployed model (WORKFLOW=workflows/penguins.yaml)
	$(binary) train $(WORKFLOW)

# A scratch folder of its own: debug and release flags do not throw away each other's work.
test: build ## build and run every test, end-to-end ones against the release binary
	MLFLOWCTL_BINARY='$(CURDIR)/$(binary)' swift test --scratch-path .build-tests

fuzz: ## give a reader damaged files for a while (READER=parquet SECONDS=600 SEED=1)
	MLFLOWCTL_FUZZ_READER='$(READER)' MLFLOWCTL_FUZZ_SECONDS=$(SECONDS) MLFLOWCTL_FUZZ_SEED=$(SEED) \
	  swift test --scratch-path .build-fuzz --sanitize address --filter FuzzTests

lint: ## hold the sources against the format of .swift-format
	swift format lint --strict --recursive Sources Tests Package.swift

bench: build ## measure against peers, forty minutes; those not installed are left out
	$(foreach bench,$(benches),$(swiftbuild) --product $(bench) && )true
	@test -e '$(DATA)/mixed_1000000.jsonl' -a -e '$(DATA)/sparse.svm' || $(MAKE) bench-data
	$(PYTHON) Benchmarks/noop.py --binary $(binary)
	$(PYTHON) Benchmarks/train.py --binary $(binary) --data '$(DATA)' --peers '$(PEERS)'
	$(PYTHON) Benchmarks/ingest.py --binary $(binary) --data '$(DATA)' --peers '$(PEERS)'

bench-data: ## write the data that is measured on (DATA=/tmp/bench, 3 GB); needs NumPy
	$(if $(wildcard $(PEERS)),$(PEERS),$(PYTHON)) Benchmarks/data.py --data '$(DATA)'

# Takes a binary that is there as it is, so that `sudo make install` needs no Swift in root's path.
install: ## install binary, completions and man page (PREFIX=/usr/local DESTDIR=)
	@test -x $(binary) || $(MAKE) build
	install -D -m 755 $(binary) '$(root)/bin/mlflowctl'
	install -d '$(root)/share/bash-completion/completions' '$(root)/share/zsh/site-functions' '$(root)/share/fish/vendor_completions.d'
	$(completion) bash > '$(root)/share/bash-completion/completions/mlflowctl'
	$(completion) zsh > '$(root)/share/zsh/site-functions/_mlflowctl'
	$(completion) fish > '$(root)/share/fish/vendor_completions.d/mlflowctl.fish'
	install -D -m 644 docs/man/mlflowctl.1 '$(root)/share/man/man1/mlflowctl.1'

clean: ## remove what was built and measured; leaves models/ and .mlflowctl/ alone
	rm -rf .build .build-tests .build-fuzz .build-venv Benchmarks/out
