# Two commands: `make demo` shows everything at work, `make test` checks everything.
# Needs Python 3.11+ and Node 20+, nothing else. The environment is .venv/, data lives under var/.

SHELL := /bin/sh
PYTHON ?= python3
HOST ?= 127.0.0.1
PORT ?= 8000
SERVE ?= 1

VENV := .venv
BIN := $(VENV)/bin
MANAGE := $(BIN)/python manage.py
SIDE_BY_SIDE := -n 3 --dist loadfile --no-loadscope-reorder
RUN_STAMP := $(VENV)/.packages
DEV_STAMP := $(VENV)/.packages-dev
NODE_STAMP := frontend/node_modules/.packages
DIST := frontend/dist/index.html
FRONTEND := $(shell find frontend/src frontend/public -type f 2>/dev/null) frontend/index.html frontend/vite.config.ts

.PHONY: help demo run test check setup setup-dev build migrate tools lint types layers drift pytest vitest e2e faults mutants bench api docs lock clean

help:
	@echo "make demo    everything at work: set-up, demo project, pipeline, server and worker (SERVE=0: do not stay up)"
	@echo "make run     server and worker on the present data (PORT=$(PORT))"
	@echo "make test    everything that CI checks"
	@echo "make check   lint, types, layers, drift      make e2e    the browser tests"
	@echo "make setup   environment and packages        make lock   compile the pinned requirements again"
	@echo "make faults  plant known faults: is each caught?         make mutants  change the code at random: does a test see it?"
	@echo "make docs    the pages that are made from the code       make bench  speed, beside this machine's floor"

# ---------------------------------------------------------------- set-up

tools:
	@command -v $(PYTHON) >/dev/null || { echo "SignalOps needs Python 3.11 or newer: no '$(PYTHON)' here. Install it, or say PYTHON=/path/to/python3." >&2; exit 1; }
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "SignalOps needs Python 3.11 or newer: '$(PYTHON)' is $$($(PYTHON) -V 2>&1). Say PYTHON=/path/to/a/newer/python3." >&2; exit 1; }
	@command -v node >/dev/null && command -v npm >/dev/null || { echo "SignalOps needs Node 20 or newer with npm: there is none here (https://nodejs.org)." >&2; exit 1; }
	@node -e 'process.exit(Number(process.versions.node.split(".")[0]) < 20 ? 1 : 0)' || { echo "SignalOps needs Node 20 or newer: this is $$(node --version)." >&2; exit 1; }

setup: tools $(RUN_STAMP) $(NODE_STAMP)
setup-dev: tools $(DEV_STAMP) $(NODE_STAMP)

$(BIN)/uv: | tools
	@$(PYTHON) -m venv $(VENV)
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check uv==0.13.9

$(RUN_STAMP): requirements.txt | $(BIN)/uv
	@if [ ! -e $(DEV_STAMP) ]; then $(BIN)/uv pip install --quiet --python $(BIN)/python --require-hashes -r requirements.txt; fi
	@touch $@

$(DEV_STAMP): requirements-dev.txt | $(BIN)/uv
	@$(BIN)/uv pip install --quiet --compile-bytecode --python $(BIN)/python --require-hashes -r requirements-dev.txt
	@touch $@ $(RUN_STAMP)

$(NODE_STAMP): frontend/package.json frontend/package-lock.json | tools
	@cd frontend && npm ci --no-audit --no-fund --loglevel=error
	@touch $@

build: $(DIST)
$(DIST): $(NODE_STAMP) $(FRONTEND)
	@cd frontend && npm run --silent build

migrate: $(RUN_STAMP)
	@$(MANAGE) migrate --verbosity 0

lock: $(BIN)/uv
	@for name in requirements requirements-dev; do \
		$(BIN)/uv pip compile --quiet $$([ $$name = requirements ] || echo requirements.in) $$name.in -o $$name.txt --python $(BIN)/python \
			--generate-hashes --no-header --no-annotate --no-emit-index-url --no-emit-find-links; done

# ---------------------------------------------------------------- running

demo: setup
	@if [ "$(SERVE)" = 1 ]; then $(MANAGE) serve --host $(HOST) --port $(PORT) --check; fi
	@$(MAKE) --no-print-directory build migrate
	@$(MANAGE) loaddemo
	@if [ "$(SERVE)" = 1 ]; then exec $(MANAGE) serve --host $(HOST) --port $(PORT); fi

run: setup build migrate
	@exec $(MANAGE) serve --host $(HOST) --port $(PORT)

# ---------------------------------------------------------------- checks

test: setup-dev
	@$(MAKE) --no-print-directory -j 2 build check vitest
	@$(MAKE) --no-print-directory pytest e2e
	@echo "All checks passed."

check: lint types layers drift

lint: setup-dev
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@cd frontend && npm run --silent lint

types: setup-dev build
	@$(BIN)/mypy .
	@cd frontend && npm run --silent typecheck

layers: setup-dev
	@$(BIN)/lint-imports

drift: setup-dev
	@$(MANAGE) makemigrations --check --dry-run
	@$(MANAGE) spectacular --validate --fail-on-warn --format openapi-json --file $(VENV)/openapi.json
	@cmp -s $(VENV)/openapi.json frontend/openapi.json || { echo "frontend/openapi.json is not what the server says: run 'make api'." >&2; exit 1; }
	@cd frontend && npm run --silent api:check
	@$(BIN)/python -m signalops_site.documentation --check

docs: setup-dev
	@$(BIN)/python -m signalops_site.documentation

bench: setup-dev
	@$(BIN)/python -m benchmarks $(if $(SIZES),--sizes $(SIZES))

api: setup-dev
	@$(MANAGE) spectacular --validate --fail-on-warn --format openapi-json --file frontend/openapi.json
	@cd frontend && npm run --silent api

pytest: setup-dev
	@$(BIN)/python -m pytest $(SIDE_BY_SIDE)
	@if [ -n "$$TEST_POSTGRES_URL" ]; then \
		echo "Again on PostgreSQL$${TEST_REDIS_URL:+ and Redis}:"; \
		DATABASE_URL="$$TEST_POSTGRES_URL" REDIS_URL="$$TEST_REDIS_URL" $(BIN)/python -m pytest $(SIDE_BY_SIDE) --meets-database; \
	else echo "PostgreSQL and Redis: not tested (set TEST_POSTGRES_URL and TEST_REDIS_URL to servers for tests)."; fi

vitest: $(NODE_STAMP)
	@cd frontend && npm run --silent test

e2e: setup-dev build
	@cd frontend && npm run --silent e2e

faults: setup-dev
	@$(BIN)/python -m tests.faults

mutants: setup-dev
	@$(BIN)/mutmut run --max-children 1 $(ONLY)
	@$(BIN)/mutmut results

clean:
	@rm -rf mutants $(VENV) frontend/node_modules frontend/dist
