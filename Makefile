# Everything from a bare machine: Python 3.11 or later, make and git. `make run` does the whole job; `make test` tests it.
PYTHON ?= python3
UV_VERSION := 0.13.9
VENV := .venv
ifeq ($(OS),Windows_NT)
BIN := $(VENV)/Scripts
else
BIN := $(VENV)/bin
endif
READY := $(VENV)/.ready
COUNTYWIDE_HOME ?= build
export COUNTYWIDE_HOME

.PHONY: help setup run test lint docs bench ui clean
help:
	@echo "make run     set up, make the demonstration county (PLANS=13000 PUPILS=190000), run everything"
	@echo "make ui      Dagster's pages about that run, on this machine only: http://127.0.0.1:3000"
	@echo "make test    set up, then every test"
	@echo "make lint    style of the Python and the SQL"
	@echo "make docs    every table described, as one page: build/docs/index.html"
	@echo "make bench   time and memory against merely reading the files (ENGLAND=1: checks a return of 720,000 people too)"
	@echo "make clean   remove build/ and the Python environment"

setup: $(READY)

$(READY): requirements.lock pyproject.toml
	@$(PYTHON) -c "import sys; sys.exit(None if (3, 11) <= sys.version_info < (3, 14) else 'Python 3.11, 3.12 or 3.13 is needed; name it with: make PYTHON=python3.12')"
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV) || { echo "Could not make a Python environment. On Debian: apt install python3-venv"; exit 1; }
	@echo "Installing what requirements.lock says, into $(VENV) (about a minute, once)"
	@{ $(BIN)/python -m pip install --quiet --disable-pip-version-check uv==$(UV_VERSION) && \
	  $(BIN)/uv pip sync --quiet --require-hashes --compile-bytecode --python $(BIN)/python requirements.lock && \
	  $(BIN)/uv pip install --quiet --no-deps --python $(BIN)/python --editable . ; } || \
	  { echo "Packages could not be installed. Set-up alone needs the package registry: check the network, or a proxy set in your pip configuration, and try again."; exit 1; }
	@$(BIN)/python -c "import pathlib; pathlib.Path('$(READY)').touch()"

run: $(READY)
	@$(BIN)/countywide demo $(if $(PLANS),--plans $(PLANS)) $(if $(PUPILS),--pupils $(PUPILS)) $(if $(SEED),--seed $(SEED))
	@$(BIN)/python -m orchestration.run

test: $(READY)
	@$(BIN)/python -m pytest -n 2 --dist loadgroup --no-loadscope-reorder $(ARGS)

lint: $(READY)
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/sqlfluff lint models tests/dbt

docs: $(READY)
	@$(BIN)/countywide docs

bench: $(READY)
	@$(BIN)/python -m benchmarks.bench
	@$(BIN)/python -m benchmarks.check $(if $(ENGLAND),--england)
	@$(BIN)/python -m benchmarks.landing

ui: $(READY)
	@$(BIN)/python -m orchestration.ui

clean:
	rm -rf build $(VENV)
