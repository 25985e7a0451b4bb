# Two commands are enough: `make corpus REPO=path OUT=dir` and `make test`.
PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin
REPO   ?= .
OUT    ?= out/corpus
JOBS   ?= auto

.PHONY: corpus test check bench fresh clean

corpus: $(VENV)/core            ## mine REPO into the dataset folder OUT
	$(BIN)/tunesmith build --repo "$(REPO)" --out "$(OUT)" --overwrite

test: $(VENV)/installed         ## run the tests
	$(BIN)/pytest -n $(JOBS) --dist loadfile $(PYTEST_ARGS)

check: $(VENV)/installed        ## lint, types, tests
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(MAKE) test

bench: $(VENV)/installed        ## ratios to the cost of parsing, side by side in one run
	$(BIN)/python -m tests.benchmarks.build_vs_parse $(TREE)

fresh:                          ## both README commands in a fresh clone with a fresh environment
	rm -rf build/fresh && git clone --quiet . build/fresh
	$(MAKE) -C build/fresh corpus
	$(MAKE) -C build/fresh test

clean:
	rm -rf $(VENV) build dist out

$(VENV)/core: pyproject.toml
	$(PYTHON) -m venv $(VENV)
	$(BIN)/pip install --quiet --editable .
	touch $@

$(VENV)/installed: $(VENV)/core constraints.txt
	$(BIN)/pip install --quiet --editable '.[dev,train,ray]' --constraint constraints.txt
	touch $@
