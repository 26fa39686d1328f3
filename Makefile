# Each target installs what it needs first: into the active virtual environment, or into .venv.
PYTHON ?= python3
VENV := $(if $(VIRTUAL_ENV),$(VIRTUAL_ENV),.venv)
BIN := $(VENV)/bin
PIP := $(BIN)/pip install --quiet --constraint constraints.txt
TEXT ?= 您的借款已逾期3天，请尽快还款，如有困难可致电客服协商。
RUN ?= runs/dunlens
SETS ?=
# The message goes through the environment: as part of a command the shell would read it.
export DUNLENS_TEXT := $(value TEXT)

.PHONY: help serve classify test lint train export evaluate card ablate bench growth agreement corpus docs openapi audit

help:             ## this list
	@grep -E '^[a-z]+:.*##' Makefile | sed -E 's/:[^#]*##/\t/'

serve: $(VENV)/.dunlens-serve      ## web page and API on http://127.0.0.1:8000
	$(BIN)/dunlens serve

classify: $(VENV)/.dunlens-serve   ## make classify TEXT='……'
	@$(BIN)/dunlens classify -- "$$DUNLENS_TEXT"

test: $(VENV)/.dunlens-dev         ## all tests; the page tests need Chromium (see README)
	$(BIN)/python -m pytest -q

lint: $(VENV)/.dunlens-dev         ## ruff, mypy, splits and openapi.json are current
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/python -m data.corpus --check
	$(BIN)/python -m serve.openapi --check

train: $(VENV)/.dunlens-dev        ## fine-tune from the base encoder into runs/dunlens
	$(BIN)/dunlens train

export: $(VENV)/.dunlens-dev       ## runs/dunlens (or RUN=…) -> model/artifact
	$(BIN)/dunlens export $(RUN)

evaluate: $(VENV)/.dunlens-dev     ## test split, and SETS="real=real.jsonl chat=chat.jsonl", beside baselines
	$(BIN)/dunlens evaluate --obfuscate $(if $(SETS),--sets $(SETS))

card: $(VENV)/.dunlens-dev         ## figures of the last evaluation -> model card and README
	$(BIN)/python -m training.card reports/latest/metrics.json --readme README.md

ablate: $(VENV)/.dunlens-dev       ## small runs that differ in one thing each
	$(BIN)/python -m training.ablate $(if $(SETS),--sets $(SETS))

bench: $(VENV)/.dunlens-dev         ## how fast verdicts are, beside transformers.pipeline
	$(BIN)/python -m training.bench $(if $(SETS),--sets $(SETS))

growth: $(VENV)/.dunlens-dev        ## time and memory against rows, length, threads, workers
	$(BIN)/python tests/serve/triage/ray_growth.py --output reports/latest/ray_growth.json
	$(BIN)/python -m training.growth --workers reports/latest/ray_growth.json

agreement: $(VENV)/.dunlens-dev     ## labels of the int8 graph against those of fp32
	$(BIN)/python -m training.int8_agreement $(if $(SETS),--sets $(SETS))

audit: $(VENV)/.dunlens-dev        ## vulnerabilities, licences, SBOM, secrets -> reports/audit
	$(PIP) --editable '.[audit]'
	$(BIN)/python .ci/audit.py

corpus: $(VENV)/.dunlens-dev       ## check the corpus, update splits and datasheet
	$(BIN)/python -m data.corpus

docs: $(VENV)/.dunlens-dev         ## documentation site, built strictly -> build/site/index.html
	NO_MKDOCS_2_WARNING=1 $(BIN)/mkdocs build --strict --config-file notebooks/docs/mkdocs.yml

openapi: $(VENV)/.dunlens-dev      ## regenerate serve/openapi.json
	$(BIN)/python -m serve.openapi

$(VENV)/.dunlens-serve: pyproject.toml constraints.txt
	test -x $(BIN)/pip || $(PYTHON) -m venv $(VENV)
	$(PIP) --editable .
	touch $@

$(VENV)/.dunlens-dev: pyproject.toml constraints.txt
	test -x $(BIN)/pip || $(PYTHON) -m venv $(VENV)
	$(PIP) --editable '.[fast,ocr,train,test,notebooks,docs,postgres,ray]'
	touch $@ $(VENV)/.dunlens-serve
