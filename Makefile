# yanbao: install, serve, test, check, bench. `make help` lists the commands.
# Everything lives in .venv (programs) and .yanbao (the index); both may be deleted at any time.

PYTHON ?= python3
PORT ?= $(or $(YANBAO_PORT),8000)
HOST ?= $(or $(YANBAO_HOST),127.0.0.1)
INDEX ?= $(or $(YANBAO_INDEX),.yanbao/index)
# Made once by `make serve`, readable for its owner only; POST and DELETE need it.
API_KEY_FILE := .yanbao/api_key
# Passed to pip as they are, e.g. --extra-index-url <the CPU index of PyTorch>
YANBAO_PIP_ARGS ?=

# pip must see this, the program must not: it is no setting of ours.
unexport YANBAO_PIP_ARGS

VENV := .venv
BIN := $(VENV)/bin
# The stamps carry a checksum of what was asked for: a second `make` installs nothing, and an
# edited pyproject.toml or constraints.txt, or a moved folder (a .venv cannot be moved), installs
# again, whatever the files' times say.
WANTED := $(shell { cat pyproject.toml constraints.txt; pwd; } | cksum | cut -d ' ' -f 1)
INSTALLED := $(VENV)/.installed-$(WANTED)
DEV_INSTALLED := $(VENV)/.dev-installed-$(WANTED)
PIP := $(BIN)/python -m pip --disable-pip-version-check --no-input install -qq -c constraints.txt $(YANBAO_PIP_ARGS)

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.PHONY: help install install-dev index serve test check format bench clean

help: ## list the commands
	@sed -n 's/^\([a-z-]*\):.*## /  make \1|/p' Makefile | awk -F '|' '{printf "%-20s %s\n", $$1, $$2}'

$(BIN)/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	  { echo "yanbao needs Python 3.11 or newer; choose one with: make $(MAKECMDGOALS) PYTHON=/path/to/python3" >&2; exit 1; }
	@$(PYTHON) -m venv $(VENV) || \
	  { rm -rf $(VENV); echo "$(PYTHON) cannot make a venv (on Debian: apt-get install python3-venv)" >&2; exit 1; }

$(INSTALLED): | $(BIN)/python
	@echo "installing yanbao into $(VENV) (once; a few minutes, README says what is downloaded) ..." >&2
	$(PIP) -e .
	@rm -f $(VENV)/.installed-*
	@touch $@

$(DEV_INSTALLED): | $(BIN)/python
	@echo "installing yanbao and what its tests need into $(VENV) (once; a few minutes) ..." >&2
	$(PIP) -e '.[dev]'
	@rm -f $(VENV)/.installed-* $(VENV)/.dev-installed-*
	@touch $(INSTALLED) $@

install: $(INSTALLED) ## make .venv and install (YANBAO_PIP_ARGS is passed to pip)

install-dev: $(DEV_INSTALLED) ## the same, with what tests and checks need

index: $(INSTALLED) ## index corpus/reports; unchanged reports are skipped
	@$(BIN)/yanbao index corpus/reports --index $(INDEX)

# A report that cannot be read is named and left out; the others are served all the same.
serve: $(INSTALLED) ## install, index corpus/reports, serve on 127.0.0.1:8000 (PORT=, HOST=)
	@$(BIN)/yanbao index corpus/reports --index $(INDEX) || test -f $(INDEX)/CURRENT
	@$(BIN)/yanbao keys create --file $(API_KEY_FILE) || echo "without a key nobody can upload" >&2
	@exec $(BIN)/yanbao serve --index $(INDEX) --host $(HOST) --port $(PORT)

test: $(DEV_INSTALLED) ## install what the tests need and run them
	@$(BIN)/python -m pytest $(PYTEST_ARGS)

check: $(DEV_INSTALLED) ## ruff format and lint, mypy strict, import-linter
	$(BIN)/python -m ruff format --check .
	$(BIN)/python -m ruff check .
	$(BIN)/python -m mypy
	$(BIN)/lint-imports

format: $(DEV_INSTALLED) ## let ruff format and sort imports
	$(BIN)/ruff format .
	$(BIN)/ruff check --select I --fix .

# Every bench prints limit, figure and ratio; it exits 3 when over its limit, 77 when its data is absent.
bench: $(DEV_INSTALLED) index ## run bench/*.py; YANBAO_TEST_DATA adds those that need the test data
	@BIN=$(BIN) INDEX=$(INDEX) bench/run_all

clean: ## delete the index and caches (.venv stays)
	rm -rf .yanbao build dist *.egg-info .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis
