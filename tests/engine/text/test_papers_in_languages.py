"""Papers in the languages of ``schema/languages``: a row each, and one language not yet there."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest
from support.word_pages import ask_printed, leaf

ROOT = Path(__file__).parents[3]

PAPERS = [
    ("de", "Rechnungsnummer", "Rechnungsdatum", "3. März 2025", "Netto", "MwSt 20 %", "Brutto"),
    ("fr", "N° de facture", "Date de facture", "3 mars 2025", "Total HT", "TVA 20 %", "Total TTC"),
    ("it", "Numero fattura", "Data fattura", "3 marzo 2025", "Imponibile", "IVA 20 %", "Totale"),
    ("nl", "Factuurnummer", "Datum", "3 maart 2025", "Totaal excl.", "Btw 20 %", "Totaal incl."),
]
"""The code of a language; labels of number and date, the date, labels of net, tax and gross."""


@pytest.mark.parametrize("paper", PAPERS, ids=lambda paper: paper[0])
def test_a_paper_in_a_language_is_read(paper: tuple[str, ...]) -> None:
    _, number, date, day, net, tax, gross = paper
    values = ask_printed(
        "invoice",
        (350, 100, number), (500, 100, "AB-0042"),
        (350, 114, date), (500, 114, day),
        (350, 500, net), (500, 500, "100,00"),
        (350, 514, tax), (500, 514, "20,00"),
        (350, 528, gross), (500, 528, "120,00"),
    ).values  # fmt: skip
    paths = ("invoice_number", "issue_date", "totals.net", "totals.tax", "totals.gross")
    assert [leaf(values, path) for path in paths] == ["AB-0042", day, "100,00", "20,00", "120,00"]


def in_icelandic(*folders: Path) -> dict[str, str | None]:
    done = subprocess.run(
        [sys.executable, "-m", "support.other_language", *map(str, folders)],
        cwd=ROOT / "tests", capture_output=True, text=True, check=True,
    )  # fmt: skip
    shown: dict[str, str | None] = json.loads(done.stdout)
    return shown


def test_a_language_is_added_by_one_file(tmp_path: Path) -> None:
    page = (ROOT / "docs/languages.md").read_text("utf-8")
    example = re.search(r"```toml\n(.*?)```", page, re.DOTALL)
    assert example is not None
    (tmp_path / "is.toml").write_text(example[1], "utf-8")
    assert in_icelandic(tmp_path) == {
        "invoice_number": "NL-0042", "issue_date": "2025-06-03", "due_date": "2025-06-17",
        "net": "100000.00", "tax": "24000.00", "gross": "124000.00",
        "já": "true", "nei": "false", "country": "IS", "language": "is",
    }  # fmt: skip


def test_a_language_without_a_file_is_not_read() -> None:
    shown = in_icelandic()
    words = ("issue_date", "due_date", "net", "já", "nei", "country", "language")
    assert [shown[name] for name in words] == [None] * len(words)
