"""Names that act on a terminal, a spreadsheet or a parser are shown safely everywhere."""

from __future__ import annotations

import csv
import io
import json
import os
import re
import subprocess
import sys

import pytest
from support.pdfs import invoice_lines, text_pdf

NAMES = [
    b"new\nline.pdf", b"\xff\xfe.pdf", b"\x1b[31mred\x07.pdf", b"=cmd|calc.pdf", b"-v.pdf",
    "rtl\u202efdp.exe.pdf".encode(), b"\r+1.pdf", b"\xed\xa0\x80.pdf", "\uff1dfull.pdf".encode(),
    b"<script>.pdf", b"[red]rich[bold].pdf", b"%s{0}.pdf", "\u2028line.pdf".encode(),
    b"\xc2\x9b31mcsi.pdf",
]  # fmt: skip
FOLDER = os.fsdecode(b"in\x1b[2J\xff")
OUT = os.fsdecode(b'out\x1b]0;x\x07\xff\n"q')
ACTS = re.compile("[\0-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\u2028\u2029]")


@pytest.fixture(scope="module")
def place(tmp_path_factory):
    """A folder where a run over hostile names has ended."""
    place = tmp_path_factory.mktemp("names")
    (place / FOLDER).mkdir()
    for number, name in enumerate(NAMES):
        good = text_pdf(invoice_lines(f"N-{number:03}", 100 + number))
        for prefix, data in ((b"", good), (b"copy", good), (b"bad", b"%PDF-1.4 broken" + name)):
            (place / FOLDER / os.fsdecode(prefix + name)).write_bytes(data)
    done = docextract(
        *("run", FOLDER, "--schema", "invoice", "--out", OUT, "-v"),
        *("--metrics", "x.prom", "--format", "csv,json,jsonl"),
        cwd=place,
        code=5,
    )
    assert_safe(done.stderr)
    assert done.stderr.count(b"N-") == 0
    return place


def docextract(*args, cwd, code):
    done = subprocess.run([sys.executable, "-m", "docextract", *args], cwd=cwd, capture_output=True)
    assert done.returncode == code, done.stderr
    return done


def assert_safe(data):
    found = ACTS.search(data.decode().replace("\r\n", "\n"))
    assert found is None, data.decode()[max(0, found.start() - 80) : found.end() + 20]


def test_files_are_safe_to_look_at(place):
    """Also with cat; a parser of JSON gets the names back as they are."""
    names = ["results.jsonl", "documents.csv", "lines.csv", "failures.jsonl", "run.json"]
    for name in names:
        assert_safe((place / OUT / name).read_bytes())
    assert_safe((place / "x.prom").read_bytes())
    rows = list(map(json.loads, (place / OUT / "results.jsonl").read_bytes().splitlines()))
    assert len(rows) == 3 * len(NAMES)
    assert "in\x1b[2J\\xff/rtl\u202efdp.exe.pdf" in {row["document"]["path"] for row in rows}


def test_a_table_has_a_line_per_document(place):
    lines = (place / OUT / "documents.csv").read_bytes().decode("utf-8-sig").split("\r\n")
    assert len(lines) == 3 * len(NAMES) + 2
    rows = list(csv.DictReader(io.StringIO("\n".join(lines))))
    assert "in\\x1b[2J\\xff/new\\nline.pdf" in {row["path"] for row in rows}


def test_mirrored_names_are_safe(place):
    names = [os.fsencode(path.name) for path in (place / OUT / "documents").iterdir()]
    assert len(names) == 3 * len(NAMES)
    for name in names:
        assert_safe(name)
        assert b"\n" not in name


@pytest.mark.parametrize(
    ("args", "code"),
    [
        (("plan", FOLDER, "--schema", "invoice", "--out", OUT), 0),
        (("status", OUT), 0),
        (("status", OUT, "--json"), 0),
        (("export", OUT, "--to", "-", "--format", "csv"), 0),
        (("run", FOLDER, "--schema", "invoice", "--out", OUT, "-v", "--log-format", "json"), 5),
        (("run", "no\x1b[1m/*.pdf", "--schema", "invoice", "--out", OUT), 7),
        (("run", FOLDER, "--schema", "sch\x1bema", "--out", OUT), 2),
        (("run", FOLDER, "--schema", "invoice", "--out", f"{FOLDER}/=cmd|calc.pdf"), 2),
    ],
)
def test_what_commands_say_is_safe(place, args, code):
    done = docextract(*args, cwd=place, code=code)
    assert_safe(done.stdout)
    assert_safe(done.stderr)
    if "--log-format" in args:
        assert all(json.loads(line)["event"] for line in done.stderr.splitlines())
