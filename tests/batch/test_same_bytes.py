"""Exports are the same bytes whatever the clock's zone, the language, hashes and workers."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest
from support.pdfs import text_pdf, write_invoices

ORDINARY = {"TZ": "UTC", "LC_ALL": "C.UTF-8", "PYTHONHASHSEED": "0"}

PLACES = [
    ({"TZ": "Pacific/Kiritimati", "LC_ALL": "C", "PYTHONHASHSEED": "1"}, "2"),
    ({"TZ": "Pacific/Honolulu", "LC_ALL": "tr_TR.UTF-8", "PYTHONHASHSEED": "2"}, "3"),
    ({"TZ": "Europe/Berlin", "LC_ALL": "de_DE.UTF-8", "PYTHONHASHSEED": "random"}, "1"),
    ({"TZ": "UTC", "LC_ALL": "POSIX", "PYTHONUTF8": "0", "PYTHONHASHSEED": "3"}, "2"),
]


def exports(folder, out, environment, num_workers):
    """Run in an environment and return every export by name, below ``documents`` too."""
    command = [
        *(sys.executable, "-m", "docextract", "run", "in", "--schema", "invoice", "--out", out),
        *("-q", "--jobs", num_workers, "--format", "jsonl,csv,json"),
    ]
    done = subprocess.run(
        command, cwd=folder, env={**os.environ, **environment}, capture_output=True
    )
    assert done.returncode == 5, done.stderr
    return {
        str(path.relative_to(folder / out)): path.read_bytes()
        for path in (folder / out).rglob("*")
        if path.is_file() and path.name != "run.json" and ".docextract" not in path.parts
    }


@pytest.fixture(scope="module")
def inputs(tmp_path_factory):
    folder = tmp_path_factory.mktemp("same")
    write_invoices(folder / "in", 6)
    (folder / "in/Übersicht İı.pdf").write_bytes(
        text_pdf([(50, 50, "RECHNUNG Nr. 4711"), (50, 80, "Gesamtbetrag 1.234,56 EUR")])
    )
    (folder / "in/copy.pdf").write_bytes((folder / "in/invoice-00001.pdf").read_bytes())
    (folder / "in/broken.pdf").write_bytes(b"%PDF-1.4 broken")
    (folder / os.fsdecode(b"in/\xff.pdf")).write_bytes(b"")
    return folder


@pytest.fixture(scope="module")
def expected(inputs):
    found = exports(inputs, "ordinary", ORDINARY, "1")
    assert {"results.jsonl", "documents.csv", "lines.csv", "failures.jsonl"} <= set(found)
    assert len(found) > 12
    return found


@pytest.mark.parametrize(("environment", "num_workers"), PLACES)
def test_exports_are_the_same_bytes(inputs, expected, environment, num_workers):
    out = environment["TZ"].replace("/", "-") + environment["LC_ALL"]
    assert exports(inputs, out, environment, num_workers) == expected
