.PHONY: help wheel-twice sbom release reader setup test test-slow test-gpu check fix fixtures pythons lowest newest lock
help:  ## list the targets
	@grep -E '^[a-z-]+:.*##' Makefile | sed -E 's/:.*## /\t/'
setup:  ## install into the current environment, editable
	pip install -e ".[dev]"
test:  ## the default suite: no GPU, no network
	pytest
test-slow:  ## what takes minutes: kills, learning, the reader from nothing
	pytest -m slow -n 0
test-gpu:  ## what needs a GPU and weights
	pytest -m gpu -n 0
check:  ## lint and types, read-only
	ruff check .
	ruff format --check .
	mypy
	mypy --allow-untyped-defs --allow-incomplete-defs --allow-untyped-calls tests
fix:  ## format and repair what ruff can
	ruff format .
	ruff check --fix .
reader:  ## make the small reader from nothing, two hours of a core; resumable
	python fixtures/make_reader.py --work build/reader --out build/reader/reader
wheel-twice:  ## build the wheel twice and compare the bytes
	rm -rf build/wheels
	for n in 1 2; do pip wheel -q --no-deps . -w build/wheels/$$n; done
	cmp build/wheels/1/*.whl build/wheels/2/*.whl && sha256sum build/wheels/1/*.whl
sbom:  ## all that docextract brings along, with licences, as CycloneDX: build/sbom.cdx.json
	mkdir -p build && python constraints/sbom.py > build/sbom.cdx.json
release:  ## the wheel and the source as published: make release HOME_URL=https://github.com/you/docextract
	pip install -q build && DOCEXTRACT_HOME_URL=$(HOME_URL) python -m build -o build/release
fixtures:  ## draw the fixtures again
	python fixtures/make.py
pythons:  ## the tests on each newer Python that is installed, without torch
	.ci/pythons
lowest:  ## the lower end of every range, in an environment of its own, and a smoke set
	.ci/lowest
newest:  ## the newest of everything beyond our ranges, and what breaks by which (KEEP="torch")
	python constraints/newest.py $(KEEP)
lock:  ## write constraints/newest.txt again
	python constraints/lock.py
