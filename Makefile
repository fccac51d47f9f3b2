# The task runner; CI runs the same recipes. `make demo` and `make test` do their own set-up.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed
# Tests share two processors out, each process with engines of its own; more take 2 GB each.
PROCESSES ?= 2

.PHONY: help setup demo test unit check bench lock contracts sbom clean browser monitors chaos

help: ## Say what there is
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | awk -F':.*## ' '{printf "  make %-10s %s\n", $$1, $$2}'

$(STAMP): requirements.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit("gongshi needs Python 3.11 or newer, this is " + sys.version.split()[0]) if sys.version_info < (3, 11) else None'
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@echo "Installing pinned dependencies (about a minute the first time)"
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	@touch $(STAMP)

setup: $(STAMP) ## Make .venv with the command .venv/bin/gongshi

demo: setup ## Start everything with sample hotlines and serve until Ctrl-C
	@$(BIN)/gongshi demo

browser: setup ## Find or install the browser of the page tests
	@$(BIN)/python -m deploy.browser

monitors: setup ## Find or unpack Prometheus and Alertmanager, for the tests of rules and dashboards
	@$(BIN)/python -m deploy.monitors || true

test: setup browser monitors check ## Run all checks and tests
	@$(BIN)/python -m pytest -n $(PROCESSES)

unit: setup ## Run the tests that need no engines
	@$(BIN)/python -m pytest -n $(PROCESSES) tests/unit

check: setup ## Lint, types, import contracts, migrations, contracts
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports --no-cache
	@$(BIN)/squawk --config squawk.toml services/*/migrations/*.sql shared/*/migrations/*.sql
	@$(BIN)/python -m deploy.contracts --check

contracts: setup ## Write schemas and AsyncAPI documents anew
	@$(BIN)/python -m deploy.contracts

bench: setup ## Measure the pipeline and its steps, one JSON line each
	@$(BIN)/gongshi bench pipeline
	@$(BIN)/gongshi bench stats --vs quix,kafka-streams

chaos: setup ## The crash test, longer and with more kills
	@GONGSHI_CHAOS_REPORTS=500000 $(BIN)/python -m pytest tests/integration/crash

lock: ## Resolve and hash all dependencies anew
	@uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header --group dev pyproject.toml -o requirements.lock
	@$(BIN)/python -m deploy.image.lock

sbom: setup ## Write the software bill of materials, sbom.cdx.json (CycloneDX)
	@$(BIN)/python -m deploy.sbom

clean: ## Remove the environment and the demo's state
	rm -rf $(VENV) .gongshi
