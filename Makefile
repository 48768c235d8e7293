# Two commands for a fresh machine: `make demo` and `make test`. Everything they set up stays inside this folder.

.DEFAULT_GOAL := help
.PHONY: help setup demo test check bench clean

PYTHON ?= python3
VENV ?= .venv
BIN := $(VENV)/bin
VENDOR := gateway/web/static/vendor

help: ## Show this list
	@grep -hE '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/^([a-z]+):.*## (.*)/  make \1\t\2/' | expand -t 16

setup: $(VENV)/.ready $(VENDOR)/.ready ## Set up Python's and the browser's libraries in this folder

demo: setup ## Replay a person walking past a camera, all the way to a phone. SOURCE=0|file|url for your own pictures
	@.ci/system-packages opencv
	@$(BIN)/sambar demo $(if $(SOURCE),--source '$(SOURCE)') $(DEMO)

test: setup ## Run all tests, on a real broker, database and browser
	@.ci/system-packages opencv mosquitto postgresql chromium dbus
	@$(BIN)/pytest $(TESTS)

check: setup ## Lint, types, and who may import whom
	@$(BIN)/ruff format --check --quiet || { echo "some files are not formatted; format them with: $(BIN)/ruff format"; exit 1; }
	@$(BIN)/ruff check --quiet
	@contracts=$$($(BIN)/lint-imports --no-logo 2>&1) || { echo "$$contracts"; exit 1; }
	@$(BIN)/pyright

bench: setup ## Run every benchmark; QUICK=1 for a short look
	@.ci/system-packages opencv mosquitto postgresql
	@set -e; for each in detect wire ingest storm; do $(BIN)/python -m bench.$$each $(if $(QUICK),--quick); done

clean: ## Remove what was set up and built
	rm -rf .venv .venv-* dist .cache .pytest_cache .ruff_cache .import_linter_cache .hypothesis state $(VENDOR) gateway/web/node_modules
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

$(VENV)/bin/uv:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || \
	  { echo "Sambar needs Python 3.11 or newer, and '$(PYTHON)' is not. Install it with: sudo apt-get install python3 python3-venv"; exit 1; }
	@$(PYTHON) -c 'import ensurepip' 2>/dev/null || \
	  { echo "Python's venv module is missing. Install it with: sudo apt-get install python3-venv"; exit 1; }
	@echo "setting up $(VENV) …"
	@$(PYTHON) -m venv $(VENV)
	@$(VENV)/bin/python -m pip install --quiet --disable-pip-version-check 'uv>=0.6'

$(VENV)/.ready: pyproject.toml uv.lock | $(VENV)/bin/uv
	@echo "installing Python packages (about 300 MB the first time) …"
	@UV_PROJECT_ENVIRONMENT=$(VENV) $(BIN)/uv sync --quiet --locked --all-extras
	@touch $@

$(VENDOR)/.ready: gateway/web/package-lock.json gateway/web/package.json | $(VENV)/.ready
	@echo "installing the pages' libraries …"
	@PATH="$(CURDIR)/$(BIN):$$PATH" .ci/browser-libraries
	@touch $@
