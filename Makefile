# `make` alone lists the targets. Every target does its own set-up in .venv.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed

# What `make bench-accuracy` compares in; each may be empty. BEFORE is a result that it kept earlier.
ACCURACY ?= ../shared/accuracy
EXAMPLES ?= $(ACCURACY)/rules-open.jsonl $(ACCURACY)/trufflehog-open.jsonl
LINES ?= $(wildcard $(ACCURACY)/creddata)
BEFORE ?=

# How many files of tests run at once: as many as there are cores.
TEST_JOBS ?= auto
TIMED := tests/engine/test_worst_case.py# where each text is timed, nothing else runs

# What `make fuzz` runs: all readers or one (TARGET=weights.gguf), each for so long.
FUZZ_SECONDS ?= 60
FUZZ_SEED ?= 0
FUZZ_RUNS ?= -1
TARGET ?=

.DEFAULT_GOAL := help
.PHONY: help scan test fuzz lint types rules bench bench-accuracy docs readme clean

help:  ## list the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-15s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

$(BIN)/python:
	@$(PYTHON) -c 'import sys; sys.exit("modelguard needs Python 3.10 or newer, this is " + sys.version.split()[0] if sys.version_info < (3, 10) else 0)'
	$(PYTHON) -m venv $(VENV)

$(VENV)/.scanner: pyproject.toml hatch_build.py | $(BIN)/python
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable .
	@$(BIN)/python -m compileall -q modelguard
	@touch $@

$(STAMP): pyproject.toml requirements-dev.txt $(VENV)/.scanner
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --requirement requirements-dev.txt
	@touch $@

scan: $(VENV)/.scanner  ## scan this repository and print what is found
	@$(BIN)/modelguard scan .

$(VENV)/.git-lfs: | $(BIN)/python
	@git lfs version >/dev/null 2>&1 || { echo 'The tests push with git-lfs; installing it.' >&2; \
		sudo=$$([ "$$(id -u)" = 0 ] || echo sudo); \
		$$sudo apt-get update -qq && DEBIAN_FRONTEND=noninteractive $$sudo apt-get install -qq --yes git-lfs >/dev/null; } \
		|| { echo 'Install git-lfs, then run this again: https://git-lfs.com' >&2; exit 2; }
	@touch $@

test: $(STAMP) $(VENV)/.git-lfs  ## run the tests
	$(BIN)/python -m pytest --numprocesses $(TEST_JOBS) --dist loadfile --ignore $(TIMED)
	$(BIN)/python -m pytest $(TIMED)

fuzz: $(STAMP)  ## run every reader under a fuzzer (20 minutes; FUZZ_SECONDS=60, TARGET=weights.gguf)
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --requirement tests/fuzz/requirements.txt \
		|| { echo 'make fuzz needs atheris, which has wheels for CPython on Linux only (x86-64, glibc)' >&2; exit 2; }
	$(BIN)/python -m tests.fuzz.run --seconds $(FUZZ_SECONDS) --seed $(FUZZ_SEED) --runs $(FUZZ_RUNS) $(TARGET)

lint: $(STAMP)  ## check style and formatting
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: $(STAMP)  ## check types
	$(BIN)/mypy
	$(BIN)/mypy --strict bench

rules: $(VENV)/.scanner  ## prove every rule by its own examples
	$(BIN)/modelguard rules check

bench: $(STAMP)  ## compare speed and memory with other scanners (minutes)
	$(BIN)/python bench/run.py

bench-accuracy: $(STAMP)  ## compare what is found with other scanners (minutes)
	$(BIN)/python bench/accuracy/compare.py $(addprefix --examples ,$(EXAMPLES)) $(addprefix --lines ,$(LINES)) \
		--packages $(addprefix --before ,$(BEFORE))

docs: $(STAMP)  ## write the generated parts of README and docs anew
	$(BIN)/python docs/generate.py

readme: $(STAMP)  ## check that README and docs say what the program says
	$(BIN)/python docs/generate.py --check

clean:  ## remove what the other targets made
	rm -rf $(VENV) build dist .pytest_cache .mypy_cache .ruff_cache .hypothesis modelguard/rules/prepared.jsonl
