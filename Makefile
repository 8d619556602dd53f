# Every target sets up what it needs in .venv, from a bare python3 (3.11 to 3.13).
PYTHON ?= python3
HOST   ?= 127.0.0.1
PORT   ?= 8080
VENV   := .venv
BIN    := $(VENV)/bin

.PHONY: check serve build test lint format golden clean

check: lint test

serve: $(VENV)/run.stamp
	$(BIN)/lungkg serve --host $(HOST) --port $(PORT)

build: $(VENV)/run.stamp
	$(BIN)/lungkg build

test: $(VENV)/dev.stamp
	$(BIN)/pytest -n auto

lint: $(VENV)/dev.stamp
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports

format: $(VENV)/dev.stamp
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

# Writes the expected answers anew; read the diff before you commit it.
golden: $(VENV)/dev.stamp
	$(BIN)/pytest tests/test_canned_queries.py tests/test_fair_release.py --write-golden

$(VENV)/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 13))' \
	  || { echo "lungkg needs Python 3.11 to 3.13; this is $$($(PYTHON) --version). Say which: make PYTHON=python3.12 …"; exit 1; }
	$(PYTHON) -m venv $(VENV)

$(VENV)/run.stamp: pyproject.toml | $(VENV)/bin/python
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable .
	@touch $@

$(VENV)/dev.stamp: pyproject.toml | $(VENV)/bin/python
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[dev]'
	@touch $@ $(VENV)/run.stamp

clean:
	rm -rf build dist $(VENV)
