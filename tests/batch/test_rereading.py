"""A run and its plan say beforehand what is read again, and why."""

from __future__ import annotations

import json

import pytest
from support.command_line import invoke
from support.pdfs import write_invoices
from support.reviewing import Silence

from docextract.batch.runner import run_batch
from docextract.core import RunOptions


class Telling(Silence):
    """A reporter that keeps its messages."""

    def __init__(self):
        self.told = []

    def message(self, text):
        self.told.append(text)


def write_schema(folder, *fields):
    properties = {name: {"type": ["string", "null"]} for name in fields}
    schema = {"type": "object", "title": "mine", "properties": properties}
    (folder / "mine.json").write_text(json.dumps(schema))


@pytest.fixture
def night(tmp_path):
    """Run over the inputs with a schema: night(*fields) is what was told."""
    write_invoices(tmp_path / "in", 2)

    def run(*fields):
        write_schema(tmp_path, *fields)
        reporter = Telling()
        inputs = (str(tmp_path / "in"),)
        schema = str(tmp_path / "mine.json")
        run_batch(RunOptions(inputs, schema, tmp_path / "out", "text", num_workers=1), reporter)
        return reporter.told

    return run


def test_a_changed_schema_is_told_of_with_what_is_read_again(night, tmp_path):
    assert not any("read before" in line for line in night("invoice_number"))
    (tmp_path / "in/invoice-00001.pdf").unlink()
    write_schema(tmp_path, "invoice_number", "total")
    arguments = ("plan", tmp_path / "in", "--out", tmp_path / "out", "-s", tmp_path / "mine.json")
    found = json.loads(invoke(*arguments, "--engine", "text", "--json").stdout)
    assert (found["to_read"], found["again"]) == (1, {"the schema has changed": 1})
    done = invoke(*arguments, "--engine", "text")
    assert "1 of them read before: the schema has changed" in done.stdout
    told = night("invoice_number", "total")
    assert any(line.startswith("2 documents read before: the schema has changed") for line in told)
    assert any(line.startswith("1 document in these tables was read") for line in told)
