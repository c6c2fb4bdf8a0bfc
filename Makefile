# Five verbs: setup, check, fix, test, demo; with year, serve, bench, prove and wheel beside them.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.stamp
WORKERS ?= 2

.PHONY: setup check fix test demo year serve bench prove shots wheel
.DEFAULT_GOAL := help

help:
	@grep -hE '^[a-z]+:.*## ' $(MAKEFILE_LIST) | sed 's/:.*## /\t/'

$(STAMP): requirements.lock pyproject.toml
	$(PYTHON) -m venv $(VENV)
	$(BIN)/pip install --quiet --disable-pip-version-check uv
	$(BIN)/uv pip sync --quiet --python $(BIN)/python --require-hashes requirements.lock
	$(BIN)/uv pip install --quiet --python $(BIN)/python --no-deps --editable .
	@touch $(STAMP)

setup: $(STAMP) ## make .venv with everything the product and its tests need

check: setup ## lint, types, floors; never edits
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

fix: setup ## format and mend what can be mended
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

test: check ## every check and test, under five minutes on two cores
	@tools/programs
	$(BIN)/pytest -n $(WORKERS) --dist loadfile --no-loadscope-reorder

demo: setup ## a practice bills weeks of work, end to end
	$(BIN)/claimwright demo

year: setup ## three practices bill for a year, audited every day; most of an hour on two cores
	$(BIN)/claimwright year

serve: setup ## the same data in the browser
	$(BIN)/claimwright serve

bench: setup ## hot paths against the peers, side by side
	$(BIN)/python -m bench

prove: setup ## full-scale runs of reliability rows: make prove ROW=n
	$(BIN)/pytest -s -m "prove" -k "row$(ROW)_"

shots: setup ## the pictures of the README taken anew from the demonstration
	$(BIN)/python tools/pictures.py

wheel: setup ## a wheel with the hot loops of the wire compiled, in dist/; needs a C compiler here and none where it goes
	rm -rf var/wheel && mkdir -p var/wheel/docs && cp -r src pyproject.toml README.md LICENSE NOTICE var/wheel && cp -r docs/edits var/wheel/docs
	$(BIN)/uv pip install --quiet --python $(BIN)/python build
	cd var/wheel && HATCH_BUILD_HOOK_ENABLE_MYPYC=1 $(CURDIR)/$(BIN)/python -m build --wheel --outdir $(CURDIR)/dist
