# The everyday verbs. Each does its own set-up: a fresh machine needs Python 3.11+ and make.

SHELL := /bin/sh
BIN := .venv/bin
READY := .venv/.ready
# Tests start many processes: each would compile the whole project anew.
export PYTHONDONTWRITEBYTECODE :=

.PHONY: help demo test drills check format lock docs contract pictures bench-crawl bench-extraction bench-words bench-reprints \
	bench-store bench-scale bench-serve sample-site clean

help:  ## what can be done here
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 18

$(READY): requirements-dev.lock pyproject.toml setup.sh
	@sh setup.sh .venv

demo: $(READY)  ## crawl the bundled sample site into data/var/finews.db
	@$(BIN)/finews demo

check: $(READY)  ## lint, format, types, import contracts
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

# `worksteal` keeps the tests of a file together, and with them what their fixtures have made.
PYTEST := $(BIN)/pytest --numprocesses auto --dist worksteal

test: check  ## everything that CI runs
	$(PYTEST)

drills: $(READY)  ## the kill drills and the properties, ten times as many rounds as in a test run
	FINEWS_TEST_ROUNDS=10 $(PYTEST) -m "drill or hypothesis"

format: $(READY)  ## put the code into its form
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

bench-crawl: $(READY)  ## what a crawl costs beside a bare Scrapy spider, repeated, and on a large site
	@$(BIN)/python -m benchmarks.crawl

bench-extraction: $(READY)  ## exactness and speed of extraction beside general extractors
	@$(BIN)/python -m benchmarks.extraction

bench-words: $(READY)  ## exactness of telling names inside longer words
	@$(BIN)/python -m benchmarks.words

bench-reprints: $(READY)  ## exactness of finding reprints
	@$(BIN)/python -m benchmarks.reprints

bench-store: $(READY)  ## speed of storing beside plain inserts and one commit an article
	@$(BIN)/python -m benchmarks.store

bench-scale: $(READY)  ## speed of readers and of storing with a million articles
	@$(BIN)/python -m benchmarks.scale

bench-serve: $(READY)  ## how long pages take with a million articles stored, and how fast exports are
	@$(BIN)/python -m benchmarks.serve

docs: $(READY)  ## build the documents into data/var/docs; a broken link is an error
	@$(BIN)/python -m sphinx --builder html --fail-on-warning --keep-going --quiet docs data/var/docs
	@echo "data/var/docs/index.html"

contract: $(READY)  ## print docs/database.md anew from the models
	@$(BIN)/python -m pipelines.store.contract

pictures: $(READY)  ## take the pictures of the README anew; needs Chromium
	@$(BIN)/python docs/pictures/make.py

sample-site: $(READY)  ## rebuild data/sample_site/site and site_old from the articles
	@$(BIN)/python -m finews.sample_site

lock: $(READY)  ## renew requirements-dev.lock from pyproject.toml
	$(BIN)/pip install --quiet uv
	$(BIN)/uv pip compile --quiet pyproject.toml --group dev --universal --python-version 3.11 \
		--generate-hashes --no-annotate --no-header --upgrade --output-file requirements-dev.lock

clean:  ## remove the environment and what crawls have made
	rm -rf .venv data/var
