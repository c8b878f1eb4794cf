"""What a run says at its end of the documents that a person should look at."""

from __future__ import annotations

import csv

from support.command_line import invoke
from support.papers import invoice
from support.pdfs import text_pdf

UNNUMBERED = [line for line in invoice() if "RE-2024-07" not in line[2]]


def run(tmp_path, *names):
    (tmp_path / "in").mkdir()
    for name in names:
        lines = [*UNNUMBERED, (40, 700, f"Reference {name}")]
        (tmp_path / "in" / name).write_bytes(text_pdf(lines))
    return invoke(
        "run", tmp_path / "in", "--schema", "invoice", "--engine", "text",
        "--out", tmp_path / "out",
    )  # fmt: skip


def test_a_document_in_review_is_named_with_its_foremost_reason(tmp_path):
    done = run(tmp_path, "one.pdf")
    assert done.exit_code == 0, done.output
    assert "one.pdf" in done.stderr
    assert "Not found: invoice number" in done.stderr
    with (tmp_path / "out" / "documents.csv").open(newline="") as file:
        (row,) = csv.DictReader(file)
    assert row["review_reasons"].startswith("Not found: invoice number")
    assert 0 < float(row["confidence"]) < 1


def test_of_many_in_review_the_first_are_named_and_the_rest_counted(tmp_path):
    done = run(tmp_path, *(f"{number}.pdf" for number in range(7)))
    assert "and 2 more" in done.stderr
    assert "docextract review" in done.stderr
