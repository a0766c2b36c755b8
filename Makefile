# 熟邻 Shulin. `make run` and `make test` are all that a new machine needs; see README.md.
PYTHON ?= python3
PORT ?= 5000
HOST ?= 127.0.0.1
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed

.PHONY: setup run serve test check bench lint lock clean

setup: $(STAMP)

$(STAMP): requirements-dev.txt package-lock.json scripts/setup.py
	@$(PYTHON) scripts/setup.py $(VENV)
	@touch $@

run: setup
	@PORT=$(PORT) HOST=$(HOST) $(BIN)/python scripts/run.py --demo

serve: setup
	@PORT=$(PORT) HOST=$(HOST) $(BIN)/python scripts/run.py

test: setup
	@$(BIN)/python scripts/system.py
	@$(BIN)/python -m pytest -n 2 --dist loadgroup

lint: setup
	@$(BIN)/ruff format --check .
	@$(BIN)/ruff check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports

check: lint test

bench: setup
	@$(BIN)/python -m tests.bench

lock: setup
	@$(BIN)/uv pip compile pyproject.toml --universal --python-version 3.11 --generate-hashes --no-header --no-annotate -q -o requirements.txt
	@$(BIN)/uv pip compile pyproject.toml --extra dev --universal --python-version 3.11 --generate-hashes --no-header --no-annotate -q -c requirements.txt -o requirements-dev.txt

clean:
	rm -rf build .mypy_cache .ruff_cache .pytest_cache
