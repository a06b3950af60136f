# Each target does its own set-up: a fresh machine needs Python 3.11 and make, and nothing else.
SHELL := /bin/bash
PYTHON ?= $(shell command -v python3.11 || command -v python3)
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready
DEV_READY := $(VENV)/.dev_ready
PIP := $(BIN)/pip install --quiet --disable-pip-version-check --no-deps
LOCK := $(BIN)/uv pip compile pyproject.toml --python-version 3.11 --generate-hashes --no-header --no-annotate --quiet
DEMO_HOME := $(abspath $(or $(SRP_HOME),var/demo))
export DAGSTER_DISABLE_TELEMETRY := yes
export DBT_SEND_ANONYMOUS_USAGE_STATS := false
export GX_ANALYTICS_ENABLED := false
export PATH := $(abspath $(BIN)):$(PATH)

.PHONY: refresh demo-home dagster-home test histories fuzz ui check bench docs outputs lock env clean

refresh: demo-home  ## Make a demo home where there is none, refresh it, and print what was released
	SRP_HOME=$(DEMO_HOME) $(BIN)/srp refresh

demo-home: $(READY)
	SRP_HOME=$(DEMO_HOME) $(BIN)/srp demo --once

test: $(DEV_READY)  ## Run the everyday tests
	$(BIN)/python -m pytest -n 2 --dist loadfile --no-loadscope-reorder --durations 10

ui: dagster-home  ## Open Dagster on http://127.0.0.1:3000, over a demo home where there is no home
	umask 077; export SRP_HOME=$(DEMO_HOME) DAGSTER_HOME=$(DEMO_HOME)/dagster; $(BIN)/python -m dagster_srp.defs.history && $(BIN)/dagster dev --host 127.0.0.1 --port 3000 --module-name dagster_srp.definitions

dagster-home: $(READY)
	@test -e $(DEMO_HOME)/home.json || SRP_HOME=$(DEMO_HOME) $(BIN)/srp demo
	@umask 077; mkdir -p $(DEMO_HOME)/dagster && test -e $(DEMO_HOME)/dagster/dagster.yaml || cp deploy/dagster.yaml $(DEMO_HOME)/dagster/
	@chmod 700 $(DEMO_HOME)/dagster

histories: $(DEV_READY)  ## Build 200 random histories step by step and in full, and compare
	$(BIN)/python -m pytest tests/histories --hypothesis-profile histories

check: $(DEV_READY)  ## Format, lint, types, SQL style and the rules of the dbt project
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/sqlfluff lint dbt_project/models --processes 2
	$(BIN)/dbt --quiet parse --project-dir dbt_project --profiles-dir dbt_project --target-path ../var/check --log-path ../var/check
	cd dbt_project && $(abspath $(BIN))/dbt-bouncer run --output-only-failures

docs: $(DEV_READY)  ## Write the generated pages and files again
	$(BIN)/python -m dagster_srp.report.pages
	$(BIN)/python -m dagster_srp.gates.from_contracts

outputs: $(READY)  ## Refresh a new demo home and write what the queries of the pages print
	set -e; home=$$(mktemp -d); trap 'rm -rf $$home' EXIT; export SRP_HOME=$$home/demo; \
	$(BIN)/srp demo --once; $(BIN)/srp refresh; $(BIN)/python -m dagster_srp.report.outputs $$SRP_HOME

bench: $(DEV_READY)  ## Measure speed and memory against bare DuckDB
	$(BIN)/python -m benchmarks

lock: $(DEV_READY)  ## Pin what pyproject.toml asks for, with hashes: requirements.txt for use, requirements-dev.txt for work
	$(LOCK) --output-file requirements.txt
	$(LOCK) --group dev --constraints requirements.txt --output-file requirements-dev.txt

env: $(DEV_READY)  ## Make the environment only, with what tests and checks need

$(READY): requirements.txt pyproject.toml
	@$(PYTHON) -c 'import sys; assert sys.version_info[:2] == (3, 11), "Python 3.11 is needed, this is " + sys.version.split()[0]'
	@echo "Installing $$(grep -c == requirements.txt) packages into $(VENV): one to two minutes."
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(PIP) --require-hashes -r requirements.txt
	$(PIP) --no-build-isolation --editable .
	env -u PYTHONDONTWRITEBYTECODE $(BIN)/python -m compileall -q -j 2 $(VENV)/lib || true
	touch $@

$(DEV_READY): $(READY) requirements-dev.txt
	@echo "Installing what tests and checks need: under a minute."
	$(PIP) --require-hashes -r requirements-dev.txt
	touch $@

clean:  ## Remove the environment and the demo home
	rm -rf $(VENV) var
