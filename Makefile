# Two commands do everything: `make book` builds the course, `make test` checks it. `make help` lists the rest.
PYTHON ?= python3
VENV ?= .venv
BIN := $(VENV)/bin
EXTRAS ?= book,test,instructor
# What has passed and depends on nothing that has changed is left out; FRESH=1 runs everything, and
# each claim on all of its seeds.
PYTEST := $(BIN)/python -m pytest -p tools.reuse
# Coverage is of a whole run only.
COVERAGE := $(if $(FRESH)$(if $(wildcard .cache/passes.json),,1),--cov=lecturelib \
	--cov-report=term:skip-covered --cov-fail-under=96)
export FRESH
# Where Python tells which lines ran (3.12 and later), coverage costs next to nothing.
export COVERAGE_CORE ?= $(shell $(PYTHON) -c 'import sys; print("sysmon" if sys.version_info >= (3, 12) else "ctrace")')
JOBS ?= 2
# A browser waits half a second for each page to come to rest, so that one more than processors pays.
BROWSERS ?= $(shell expr $(JOBS) + 1)
CELL_TIMEOUT ?= 300
export PIP_DISABLE_PIP_VERSION_CHECK = 1

.DEFAULT_GOAL := help
.PHONY: help env book serve pdf epub publish test lint unit claims chapters browser portability colab notebooks measure \
        exercises editions bench constraints clean

help: ## list the targets
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | awk -F ':.*## ' '{printf "  make %-12s %s\n", $$1, $$2}'

env: $(VENV)/.installed ## make the environment in .venv from pyproject.toml and constraints.txt

$(VENV)/.installed: pyproject.toml constraints.txt
	@echo "== environment: $(VENV)"
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --constraint constraints.txt --editable ".[$(EXTRAS)]"
	@touch $@

book: env ## execute the notebooks, build the site with warnings as errors, say where it is
	$(BIN)/python -m tools.build

serve: book ## serve the site on http://127.0.0.1:8000, build what changes, reload the open pages
	$(BIN)/python -m tools.serve --live

pdf: env ## the whole book as one PDF (needs xelatex and rsvg-convert)
	$(BIN)/python -m tools.build --pdf

epub: env ## the whole book as one EPUB, read by epubcheck (needs node and epubcheck)
	$(BIN)/python -m tools.build --epub

publish: env ## put the PDF and the EPUB that are made into the site, and links to them
	$(BIN)/python -m tools.build --publish

test: env lint unit chapters browser ## everything that CI runs
	@echo "== all checks passed"

lint: env ## ruff on code and notebooks, mypy, the measurable rules of writing
	@echo "== lint"
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/python -m tools.rules

unit: env ## tests of the package and the tools, with coverage of the package
	@echo "== tests"
	$(PYTEST) tests --ignore=tests/browser -n $(JOBS) --dist loadgroup --no-loadscope-reorder $(COVERAGE)

claims: env ## run every claim again on all seeds that decide about its verdict
	FRESH=1 $(PYTEST) tests/claims/test_claims.py -n $(JOBS) --dist worksteal

chapters: env ## run every notebook, compare with its stored output, keep the results for the site
	@echo "== notebooks"
	$(BIN)/python -m tools.notebooks check
	$(PYTEST) --nbval --nbval-current-env --nbval-cell-timeout=$(CELL_TIMEOUT) -n $(JOBS) --dist loadfile \
		$$($(BIN)/python -m tools.notebooks list)

browser: env ## build the site afresh and read every page in Chromium
	@echo "== site"
	$(BIN)/python -m tools.build --clean $(if $(FRESH),,--if-changed)
	@echo "== browser"
	$(PYTEST) tests/browser -n $(BROWSERS) --dist worksteal

portability: env ## compare the notebooks once more as an older processor with two threads runs them
	ATEN_CPU_CAPABILITY=default MKL_CBWR=COMPATIBLE OPENBLAS_CORETYPE=Haswell OMP_NUM_THREADS=2 \
		EXECUTED=drop SLOW_SECONDS=inf CELL_TIMEOUT=1800 $(MAKE) --no-print-directory chapters

colab: env ## run every notebook on Colab's versions of packages, from an empty folder without a checkout
	COLAB=all $(PYTEST) tests/setup/test_colab.py -n $(JOBS) --dist worksteal

notebooks: env ## execute every notebook and write it back with text outputs only
	$(BIN)/python -m tools.notebooks run
	$(BIN)/python -m tools.colab build

measure: env ## like notebooks, and store the minutes that each takes
	$(BIN)/python -m tools.notebooks measure
	$(BIN)/python -m tools.colab build

exercises: env ## make the student notebooks, the solution pages and the links to them from the masters
	$(BIN)/python -m tools.exercises build
	$(BIN)/python -m tools.colab build
	$(BIN)/python -m tools.topics build
	$(BIN)/python -m tools.study_plans build

editions: env ## make the Colab editions of the chapters
	$(BIN)/python -m tools.colab build

bench: env ## measure speed against the peers, as ratios of CPU time
	$(BIN)/python -m pip install --quiet --constraint constraints.txt --editable ".[bench]"
	$(BIN)/python -m benchmarks

constraints: env ## pin what .venv holds now
	$(BIN)/python -m pip freeze --all --exclude-editable --exclude pip \
		| sed -e 's/+cpu$$//' -e '1i # The versions that CI installs; pyproject.toml gives the ranges. Made by `make constraints`.' > constraints.txt

clean: ## remove what was built, not the environment
	rm -rf _build .jupyter_cache build dist .pytest_cache .ruff_cache .mypy_cache .hypothesis .coverage
