# Every target makes the virtual environment by itself, from the pinned constraints.txt.
#   make test ARGS="-k session -x"      arguments for pytest
#   make bench ARGS="--quick"           arguments for the benchmarks
#   make test PYTHON=python3.13         another interpreter (3.11 or newer)

PYTHON ?= python3
ARGS ?=
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready

.DEFAULT_GOAL := help
.PHONY: help demo test check lint docs bench fmt pin clean

help:  ## Show this help
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "  make %-7s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

demo: $(READY)  ## Two organizations on an embedded PostgreSQL, and every attack between them fails
	@$(BIN)/tenancy demo

test: $(READY)  ## Run the tests
	@$(BIN)/python -m pytest -n auto $(ARGS)

check: lint  ## Everything a reviewer would run: format, lint, types, layers, policies, tests
	@$(BIN)/python -m pytest -n auto $(ARGS)

lint: $(READY)  ## Everything of check but the tests
	$(BIN)/ruff format --check
	$(BIN)/ruff check
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/tenancy policies --check
	$(BIN)/python scripts/schema_pages --check

docs: $(READY)  ## Write what is generated: policies/ and docs/schemas/
	@$(BIN)/tenancy policies
	@$(BIN)/python scripts/schema_pages

bench: $(READY)  ## Measure tenancy beside its alternatives, and write docs/performance.md
	@$(BIN)/python -m benchmarks $(ARGS)

fmt: $(READY)  ## Format the code, and mend what ruff can mend
	$(BIN)/ruff format
	$(BIN)/ruff check --fix

pin:  ## Write constraints.txt anew (ARGS=--upgrade for the newest versions)
	@$(PYTHON) scripts/pin $(ARGS)

clean:  ## Remove the virtual environment and caches
	rm -rf $(VENV) build dist .mypy_cache .pytest_cache .ruff_cache .import_linter_cache .hypothesis
	find src tests alembic benchmarks -name __pycache__ -type d -prune -exec rm -rf {} + 2>/dev/null || true

$(READY): pyproject.toml constraints.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || { \
	  echo 'tenancy needs Python 3.11 or newer; $(PYTHON) is '"$$($(PYTHON) --version 2>&1 || true)"'.' >&2; \
	  echo 'Name another one: make PYTHON=python3.12 $(MAKECMDGOALS)' >&2; exit 1; }
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || { \
	  echo '$(PYTHON) has no venv module. On Debian and Ubuntu: apt install python3-venv' >&2; exit 1; }
	@echo 'Preparing $(VENV) …'
	@$(PYTHON) -m venv --clear $(VENV)
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r constraints.txt
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	@touch $@
