# Everything from a bare machine: Python 3.11, make and git. `make run` does the whole job; `make test` runs every test.
PYTHON ?= python3
VENV := .venv
ifeq ($(OS),Windows_NT)
BIN := $(VENV)/Scripts
else
BIN := $(VENV)/bin
endif
READY := $(VENV)/.ready
COUNTYWIDE_HOME ?= build

.PHONY: run test lint docs bench ui clean setup
setup: $(READY)

$(READY): requirements.lock pyproject.toml
	$(PYTHON) -c "import sys; assert sys.version_info >= (3, 11), 'Python 3.11 or later is needed'"
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check uv
	$(BIN)/python -m uv pip sync --quiet --require-hashes --compile-bytecode --python $(BIN)/python requirements.lock
	$(BIN)/python -m pip --version >/dev/null 2>&1 || $(PYTHON) -m venv --upgrade $(VENV)
	$(BIN)/python -c "import pathlib; pathlib.Path('$(READY)').touch()"
