# Each gesture is one word and works from a fresh clone. `make` lists them.

SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
MAKEFLAGS += --no-builtin-rules

PYTHON ?= $(shell command -v python3.11 || command -v python3)
VENV := .venv
BIN := $(VENV)/bin
WORKERS ?= auto
HOST ?= localhost
PORT ?= 8000
# A rule id or a word: make test k=CLV-24
k ?=

.PHONY: help
help: ## list the commands
	@grep -hE '^[a-z-]+:.*## ' Makefile | sed 's/:.*## /\t/' | expand -t 16

# --- environment ---------------------------------------------------------------------------------
# Stamps: an environment is made again only when its list of packages changed.

$(VENV)/.made:
	@scripts/make_venv "$(PYTHON)" $(VENV)
	@touch $@

$(VENV)/.base: $(VENV)/.made requirements/base.txt
	@scripts/install $(VENV) base
	@touch $@

$(VENV)/.test: $(VENV)/.made requirements/test.txt
	@scripts/install $(VENV) test
	@touch $@ $(VENV)/.base

$(VENV)/.dev: $(VENV)/.made requirements/dev.txt
	@scripts/install $(VENV) dev
	@touch $@ $(VENV)/.test $(VENV)/.base

.PHONY: setup
setup: $(VENV)/.dev ## environment of a developer

# --- run -----------------------------------------------------------------------------------------

.PHONY: demo
demo: $(VENV)/.base ## the fictitious town on http://localhost:8000, with one account per role
	@HOST=$(HOST) PORT=$(PORT) $(BIN)/python -m scripts.demo

.PHONY: demo-reset
demo-reset: ## forget the fictitious town; the next demo builds it again
	@rm -rf var/demo

.PHONY: run
run: $(VENV)/.dev ## the demo's data under the reloading development server
	@HOST=$(HOST) PORT=$(PORT) $(BIN)/python -m scripts.demo --reload

# --- tests ---------------------------------------------------------------------------------------

PYTEST := CASEWORK_MODE=test $(BIN)/python -m pytest

.PHONY: test
test: $(VENV)/.test ## the default suite on SQLite, in parallel
	@$(PYTEST) -n $(WORKERS) $(if $(k),-k '$(k)')

.PHONY: test-postgres
test-postgres: $(VENV)/.test ## of the same suite what may ask a database, on a temporary PostgreSQL
	@scripts/with_postgres $(PYTEST) -n $(WORKERS) $(if $(k),-k '$(k)')

.PHONY: test-browser
test-browser: $(VENV)/.dev ## journeys in Chromium
	@scripts/with_chromium $(PYTEST) -n $(WORKERS) -m browser tests/browser $(if $(k),-k '$(k)')

.PHONY: bench
bench: $(VENV)/.test ## ours against plain Django, one page at a time
	@CASEWORK_MODE=test $(BIN)/python -m tests.bench.run $(if $(k),--only '$(k)')

.PHONY: drill
drill: $(VENV)/.test ## remove each control in a copy and see a test turn red; then a minute of load
	@$(BIN)/python -m tests.attack.sabotage.run $(if $(k),--only '$(k)')
	@$(if $(k),,$(MAKE) --no-print-directory drill-load drill-releases)

# What several processes do to one another, at the length of the text (T-10), on both databases: SQLite in files.
LOAD := $(addprefix tests/attack/,test_t10_rotation_under_load.py test_t26_writers_killed.py test_t44_mass_browsing.py)

.PHONY: drill-load
drill-load: $(VENV)/.test ## keys rotated and writers killed during a minute, on SQLite files and on PostgreSQL
	@ROTATION_SECONDS=60 CASEWORK_TEST_FILES=1 $(PYTEST) -q $(LOAD)
	@ROTATION_SECONDS=60 scripts/with_postgres $(PYTEST) -q $(LOAD)

RELEASES := $(wildcard tests/attack/test_t5[3-8]_*.py)

.PHONY: drill-releases
drill-releases: $(VENV)/.test ## published figures attacked at the length of the text: sixty towns, 36 months, a thousand repeats
	@RELEASES_DRILL=1 $(PYTEST) -q $(RELEASES)

.PHONY: drill-core
drill-core: $(VENV)/.test ## the ten sabotages that every landing must survive
	@$(BIN)/python -m tests.attack.sabotage.run --core

.PHONY: rules
rules: $(VENV)/.test ## rules and attacks without a test
	@$(BIN)/python -m scripts.rules

# A run of before: make security-report results=var/security-report/last.xml
results ?=

.PHONY: security-report
security-report: $(VENV)/.test ## one page for a data protection officer: promise, control, test, last result
	@CASEWORK_MODE=test $(BIN)/python -m scripts.security_report $(if $(results),--results '$(results)')

# --- tidy ----------------------------------------------------------------------------------------

CHECKS := check-lint check-types check-imports check-templates check-migrations check-bandit check-audit check-rules check-docs

.PHONY: check
check: $(VENV)/.dev ## format, types, import contracts, templates, migrations, known holes, rules
	@$(MAKE) --no-print-directory -j2 -O -k $(CHECKS)
	@echo "check: ok"

.PHONY: $(CHECKS)
check-types:
	@$(BIN)/mypy --no-error-summary
check-lint:
	@$(BIN)/ruff check -q .
	@$(BIN)/ruff format -q --check .
check-imports:
	@$(BIN)/lint-imports --no-logo --no-timings 2>/dev/null || $(BIN)/lint-imports
check-templates:
	@$(BIN)/djlint casework --lint --quiet
check-migrations:
	@CASEWORK_MODE=test $(BIN)/python manage.py makemigrations --check --dry-run
	@CASEWORK_MODE=test $(BIN)/python manage.py check
check-bandit:
	@$(BIN)/bandit -q -c pyproject.toml -r casework config
check-audit:
	@$(BIN)/python -m scripts.audit_dependencies
check-rules:
	@$(BIN)/python -m scripts.rules
check-docs:
	@CASEWORK_MODE=test $(BIN)/python -m scripts.docs --check

.PHONY: fix
fix: $(VENV)/.dev ## tidy what a tool can tidy
	@$(BIN)/ruff check -q --fix . || true
	@$(BIN)/ruff format -q .

.PHONY: docs
docs: $(VENV)/.test ## regenerate diagrams and the data dictionary
	@CASEWORK_MODE=test $(BIN)/python -m scripts.docs

.PHONY: lock
lock: $(VENV)/.dev ## remake the hashed lists of packages after a change in pyproject.toml
	@scripts/lock $(BIN)/uv
