# GNU make 3.81 is enough, so that the make that comes with macOS will do.
#
#   make compare                  the article's regression on every engine
#   make test                     the tests
#   make TORCH_INDEX=... compare  takes torch from the index you name, for a smaller build

VENV := .venv
BIN := $(VENV)/bin
PYTHONS := python3.11 python3.12 python3.13 python3
INSTALLED := $(VENV)/.installed
TORCH_INDEX ?=
ARGS ?=
SOAK_MINUTES ?= 60

.DEFAULT_GOAL := help
.PHONY: help install compare test soak mutate bench docs lint types clean

help:
	@echo 'make install   make $(VENV) and install everything the targets below need'
	@echo 'make compare   train the article on every engine and compare their gradients'
	@echo 'make test      run the tests'
	@echo 'make soak      look for faults with random programs, for an hour or SOAK_MINUTES=...'
	@echo 'make mutate    put small faults into minigrad and count those that the tests notice'
	@echo 'make bench     measure minigrad against torch and hand-written numpy'
	@echo 'make docs      build the documentation into docs/_build/html'
	@echo 'make lint      check style and formatting (ruff)'
	@echo 'make types     check types (mypy --strict)'
	@echo 'make clean     remove what the targets made, $(VENV) included'
	@echo
	@echo 'ARGS="..." is passed on: make test ARGS="-k matmul -x"'
	@echo 'TORCH_INDEX=... names the package index of a smaller torch, for the first install'

install: $(INSTALLED)

# A python on the PATH may be a shim with nothing behind it, or lack ensurepip (Debian's does without
# python3-venv): only one that really runs is taken. A venv whose python no longer runs is remade.
$(INSTALLED): pyproject.toml constraints.txt
	@if ! $(BIN)/python -c 'import pip' 2>/dev/null; then \
	  for python in $(PYTHONS); do \
	    if "$$python" -c 'import venv, ensurepip, sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then \
	      echo "making $(VENV) with $$python"; \
	      "$$python" -m venv --clear $(VENV) && exit 0 || exit 1; \
	    fi; \
	  done; \
	  echo 'no usable Python: install Python 3.11 or newer with venv and ensurepip (tried: $(PYTHONS))' >&2; \
	  exit 1; \
	fi
ifneq ($(strip $(TORCH_INDEX)),)
	$(BIN)/python -m pip install --disable-pip-version-check --no-deps \
	  --index-url '$(TORCH_INDEX)' -c constraints.txt torch
endif
	$(BIN)/python -m pip install --disable-pip-version-check -c constraints.txt -e '.[dev]'
	@touch $@

compare: $(INSTALLED)
	$(BIN)/python -m comparisons $(ARGS)

test: $(INSTALLED)
	$(BIN)/python -m pytest -n auto --dist worksteal $(ARGS)

soak: $(INSTALLED)
	SOAK_MINUTES=$(SOAK_MINUTES) $(BIN)/python -m tests.soak $(ARGS)

mutate: $(INSTALLED)
	$(BIN)/python -m tests.mutation $(or $(ARGS),--sample 200)

bench: $(INSTALLED)
	$(BIN)/python bench/run.py $(ARGS)

docs: $(INSTALLED)
	$(BIN)/python -m sphinx -W --keep-going -b html $(ARGS) docs docs/_build/html

lint: $(INSTALLED)
	$(BIN)/python -m ruff check .
	$(BIN)/python -m ruff format --check .

types: $(INSTALLED)
	$(BIN)/python -m mypy

clean:
	rm -rf $(VENV) build dist docs/_build docs/generated .pytest_cache .mypy_cache .ruff_cache .hypothesis
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
