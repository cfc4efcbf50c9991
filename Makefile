PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
export PYTHONWARNINGS := ignore::DeprecationWarning
export TF_CPP_MIN_LOG_LEVEL := 3

WORKERS ?= 2
PYTEST := $(BIN)/pytest --numprocesses $(WORKERS) --no-loadscope-reorder
INTEGRATION := tests/core/engine tests/core/cli tests/pages tests/fuzz tests/faults

.PHONY: help run test lint unit integration e2e fuzz faults bench example screenshots format clean

help: ## this list
	@sed -nE 's/^([a-z0-9]+):[^#]*## (.*)/\1\t\2/p' $(MAKEFILE_LIST) | expand -t 14

run: $(VENV)/users ## the dashboard in the browser
	$(BIN)/streamlit run dashboard.py

test: lint unit integration e2e ## everything that CI checks

lint: $(VENV)/developers ## style, types and known vulnerabilities
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/python -m tools.audit

unit: $(VENV)/developers ## all tests that need no worker processes, command line, pages, browser, faults or thousands of inputs
	$(PYTEST) tests --ignore tests/e2e $(INTEGRATION:%=--ignore %)

integration: $(VENV)/developers ## tests of the engine, the command line and the pages; fuzzing with 5,000 inputs; two faults
	$(PYTEST) $(INTEGRATION)

e2e: $(VENV)/developers ## tests in a real browser
	$(PYTEST) tests/e2e

fuzz: $(VENV)/developers ## fuzzing with 50,000 inputs, other ones every time; about ten minutes on two cores
	ELMO_LENS_FUZZ=50000 $(PYTEST) tests/fuzz

faults: $(VENV)/developers ## sixty faults at random moments: what is killed, full, locked, away or damaged; the table of docs/operations.md
	$(BIN)/python -m tests.faults --rounds 60

bench: $(VENV)/developers ## the figures of docs/performance.md; close to an hour on a quiet machine
	set -e; for name in embedding heads predicting probe classroom pretraining runs large_store; do $(BIN)/python -m benchmarks $$name; done

example: $(VENV)/users ## train the run and the learning curve that are shipped, into assets/example
	$(BIN)/python -m tools.make_example --sizes 100 200 500 1000

screenshots: $(VENV)/developers ## pictures of every page, light and dark, for a projector and a phone, into screenshots/
	$(BIN)/python -m tools.screenshots

format: $(VENV)/developers ## mend what the style checker can mend
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

clean: ## remove the environment and all caches
	rm -rf $(VENV) .pytest_cache .mypy_cache .ruff_cache

$(VENV)/users: requirements.txt
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/pip install --quiet --requirement requirements.txt
	touch $@

$(VENV)/developers: $(VENV)/users requirements-server.txt requirements-dev.txt
	$(BIN)/pip install --quiet --requirement requirements-dev.txt
	touch $@
