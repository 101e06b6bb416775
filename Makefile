# Wangge · 网格. `make run` tries it, `make test` proves it; both bring what is missing on Debian 12.
SHELL := /bin/bash
.DEFAULT_GOAL := help
.PHONY: help run stop reset prepare check test bench format
MAKEFLAGS += --no-print-directory

PORT ?= 8000
N ?= 100000
PYTHON := .venv/bin/python
export PATH := $(CURDIR)/.venv/bin:$(PATH)

help: ## Show the commands (default)
	@grep -hE '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/^([a-z]+):.*## /  make \1\t/' | expand -t 18

run: ## Start a living demo town on http://localhost:8000 (PORT=8080 changes it); Ctrl-C stops everything
	@deploy/port.sh "$(PORT)" && deploy/prepare.sh && exec $(PYTHON) -m deploy.run --port "$(PORT)"

stop: ## Stop what `make run` started in another window
	@python3 -m deploy.halt stop

reset: ## Delete the demo town and all its data (asks first; YES=1 does not)
	@python3 -m deploy.halt reset $(if $(YES),--yes)

prepare: ## Install what is missing and build, without starting anything
	@deploy/prepare.sh --test

check: ## Style, types, layers, migrations, settings, front-end lint
	@deploy/prepare.sh --test && exec $(PYTHON) -m deploy.prove check

test: ## Everything: check, tests on real PostgreSQL and Redis, front-end tests, browser tests
	@deploy/prepare.sh --test && exec $(PYTHON) -m deploy.prove test

bench: ## Measure with N cases (default N=100000); prints JSON
	@deploy/prepare.sh --test >&2 && exec $(PYTHON) deploy/embedded.py exec --home var/bench -- $(PYTHON) -m tests.bench --cases "$(N)"

format: ## Format the Python code
	@$(PYTHON) -m ruff check --fix-only --quiet . ; $(PYTHON) -m ruff format .
