# Each target installs what it needs first: into the active virtual environment, or into .venv.
VENV := $(if $(VIRTUAL_ENV),$(VIRTUAL_ENV),.venv)
BIN := $(VENV)/bin
PIP := $(BIN)/pip install --quiet --constraint constraints.txt
TEXT ?= 您的借款已逾期3天，请尽快还款，如有困难可致电客服协商。
RUN ?= runs/dunlens
SETS ?=

.PHONY: serve classify test lint train export evaluate corpus openapi

serve: $(VENV)/.dunlens-serve   ## web page and API on http://127.0.0.1:8000
	$(BIN)/dunlens serve

classify: $(VENV)/.dunlens-serve   ## make classify TEXT="……"
	@$(BIN)/dunlens classify "$(TEXT)"

test: $(VENV)/.dunlens-dev   ## all tests; the page tests need Chromium (see README)
	$(BIN)/python -m pytest -q

lint: $(VENV)/.dunlens-dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/python -m data.corpus --check
	$(BIN)/python -m serve.openapi --check

train: $(VENV)/.dunlens-dev   ## fine-tune from the base encoder into runs/dunlens
	$(BIN)/dunlens train --config training/configs/default.yaml

export: $(VENV)/.dunlens-dev   ## run folder -> model/artifact
	$(BIN)/dunlens export $(RUN)

evaluate: $(VENV)/.dunlens-dev   ## targets and baselines; SETS="real=real.jsonl chat=chat.jsonl"
	$(BIN)/dunlens evaluate --split test $(if $(SETS),--sets $(SETS))

corpus: $(VENV)/.dunlens-dev   ## check the corpus, update splits and datasheet
	$(BIN)/python -m data.corpus

openapi: $(VENV)/.dunlens-dev   ## regenerate serve/openapi.json
	$(BIN)/python -m serve.openapi

$(VENV)/.dunlens-serve: pyproject.toml constraints.txt
	test -d $(VENV) || python3 -m venv $(VENV)
	$(PIP) --editable .
	touch $@

$(VENV)/.dunlens-dev: pyproject.toml constraints.txt
	test -d $(VENV) || python3 -m venv $(VENV)
	$(PIP) --editable '.[train,test,notebooks]'
	touch $@ $(VENV)/.dunlens-serve
