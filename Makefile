PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
export PYTHONWARNINGS := ignore::DeprecationWarning
export TF_CPP_MIN_LOG_LEVEL := 3

.PHONY: run test lint format unit e2e bench clean

run: $(VENV)/users ## the dashboard in the browser
	$(BIN)/streamlit run dashboard.py

test: lint unit e2e ## everything that CI checks

lint: $(VENV)/developers
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

unit: $(VENV)/developers
	$(BIN)/pytest tests --ignore tests/e2e

e2e: $(VENV)/developers
	$(BIN)/pytest tests/e2e

bench: $(VENV)/developers ## the figures of docs/performance.md; close to an hour on a quiet machine
	set -e; for name in embedding heads predicting probe classroom pretraining runs large_store; do $(BIN)/python -m benchmarks $$name; done

format: $(VENV)/developers
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

clean:
	rm -rf $(VENV) .pytest_cache .mypy_cache .ruff_cache

$(VENV)/users: requirements.txt
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/pip install --quiet --requirement requirements.txt
	touch $@

$(VENV)/developers: $(VENV)/users requirements-dev.txt
	$(BIN)/pip install --quiet --requirement requirements-dev.txt
	touch $@
