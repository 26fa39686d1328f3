# Every target works in the active virtual environment; see README.md.
PYTHON ?= python
TEXT ?= 您的借款已逾期3天，请尽快还款，如有困难可致电客服协商。
RUN ?= runs/dunlens
SETS ?=

.PHONY: serve classify test lint train export evaluate corpus openapi

serve:            ## web page and API on http://127.0.0.1:8000
	dunlens serve

classify:         ## make classify TEXT="……"
	dunlens classify "$(TEXT)"

test:             ## everything CI runs after linting
	$(PYTHON) -m pytest -q

lint:
	ruff check .
	ruff format --check .
	mypy
	$(PYTHON) -m data.corpus --check
	$(PYTHON) -m serve.openapi --check

train:            ## fine-tune from the base encoder into runs/dunlens
	dunlens train --config training/configs/default.yaml

export:           ## run folder -> model/artifact
	dunlens export $(RUN)

evaluate:         ## targets and baselines; SETS="real=real.jsonl chat=chat.jsonl"
	dunlens evaluate --split test $(if $(SETS),--sets $(SETS))

corpus:           ## check the corpus, update splits and datasheet
	$(PYTHON) -m data.corpus

openapi:          ## regenerate serve/openapi.json
	$(PYTHON) -m serve.openapi
