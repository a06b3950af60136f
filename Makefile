# Each target does its own set-up: a fresh machine needs Python 3.11 and make, and nothing else.
SHELL := /bin/bash
PYTHON ?= $(shell command -v python3.11 || command -v python3)
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready
DEMO_HOME := $(abspath $(or $(SRP_HOME),var/demo))
export DAGSTER_DISABLE_TELEMETRY := yes
export DBT_SEND_ANONYMOUS_USAGE_STATS := false
export GX_ANALYTICS_ENABLED := false
export PATH := $(abspath $(BIN)):$(PATH)

.PHONY: refresh demo-home dagster-home test histories ui check bench docs env clean

refresh: demo-home  ## Make a demo home where there is none, refresh it, and print what was released
	SRP_HOME=$(DEMO_HOME) $(BIN)/srp refresh

demo-home: $(READY)
	SRP_HOME=$(DEMO_HOME) $(BIN)/srp demo --once

test: $(READY)  ## Run the everyday tests
	$(BIN)/python -m pytest -n 2 --dist loadfile --no-loadscope-reorder

ui: dagster-home  ## Open Dagster on http://127.0.0.1:3000, over a demo home where there is no home
	umask 077; SRP_HOME=$(DEMO_HOME) DAGSTER_HOME=$(DEMO_HOME)/dagster $(BIN)/dagster dev --host 127.0.0.1 --port 3000 --module-name dagster_srp.definitions

dagster-home: $(READY)
	@test -e $(DEMO_HOME)/home.json || SRP_HOME=$(DEMO_HOME) $(BIN)/srp demo
	@umask 077; mkdir -p $(DEMO_HOME)/dagster && cp deploy/dagster.yaml $(DEMO_HOME)/dagster/
	@chmod 700 $(DEMO_HOME)/dagster

histories: $(READY)  ## Build 200 random histories step by step and in full, and compare
	$(BIN)/python -m pytest tests/histories --hypothesis-profile histories

check: $(READY)  ## Format, lint, types and SQL style
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/sqlfluff lint dbt_project/models --processes 2

docs: $(READY)  ## Write the generated pages and files again
	$(BIN)/python -m dagster_srp.report.pages
	$(BIN)/python -m dagster_srp.gates.from_contracts

bench: $(READY)  ## Measure speed and memory against bare DuckDB
	$(BIN)/python -m benchmarks

env: $(READY)  ## Make the environment only

$(READY): requirements.txt pyproject.toml
	@$(PYTHON) -c 'import sys; assert sys.version_info[:2] == (3, 11), "Python 3.11 is needed, this is " + sys.version.split()[0]'
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/pip install --quiet --disable-pip-version-check --no-deps --require-hashes -r requirements.txt
	$(BIN)/pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	env -u PYTHONDONTWRITEBYTECODE $(BIN)/python -m compileall -q -j 2 $(VENV)/lib || true
	touch $@

clean:  ## Remove the environment and the demo home
	rm -rf $(VENV) var
