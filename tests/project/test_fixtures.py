"""The fixtures say what their truth says, add up, and can be drawn again."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from itertools import pairwise
from pathlib import Path
from typing import Any
from xml.etree.ElementTree import Element

import defusedxml.ElementTree
import numpy as np
import pypdfium2 as pdfium
import pytest
from PIL import Image, ImageSequence
from stdnum import iban
from stdnum.ch import vat as swiss_vat
from stdnum.eu import vat as eu_vat
from stdnum.gb import vat as british_vat
from stdnum.us import ein

from docextract.core import Reason

FOLDER = Path(__file__).parents[2] / "fixtures"
ROWS = [
    json.loads(line) for line in (FOLDER / "truth.jsonl").read_text(encoding="utf-8").splitlines()
]
READABLE = [row for row in ROWS if row["kind"] != "broken"]
INVOICES = [row for row in READABLE if row["schema"] == "invoice"]
WITH_TEXT = [
    row
    for row in READABLE
    if row["kind"] in ("born_digital", "e_invoice") and row["file"].endswith(".pdf")
]
MAX_BYTES = 5 * 2**20

MONTHS = {
    "en": "January February March April May June July August September October November December",
    "de": "Januar Februar März April Mai Juni Juli August September Oktober November Dezember",
}
TITLES = {
    "invoice": ("invoice", "rechnung", "facture", "factura", "fattura", "factuur"),
    "credit_note": ("gutschrift",),
}
SIGNS = {"EUR": ("€", "EUR"), "USD": ("$",), "GBP": ("£",), "CHF": ("CHF",)}


def name(row: dict[str, Any]) -> str:
    return str(row["file"])


def leaves(tree: Any, path: str = "") -> Iterator[tuple[str, str]]:
    if isinstance(tree, dict):
        for key, value in tree.items():
            yield from leaves(value, f"{path}.{key}" if path else key)
    elif isinstance(tree, list):
        for index, value in enumerate(tree):
            yield from leaves(value, f"{path}[{index}]")
    elif tree is not None:
        yield path, tree


def page_texts(path: Path) -> list[str]:
    document = pdfium.PdfDocument(path)
    try:
        texts = []
        for page in document:
            textpage = page.get_textpage()
            texts.append(textpage.get_text_bounded())
            textpage.close()
            page.close()
        return texts
    finally:
        document.close()


def squash(text: str) -> str:
    return re.sub(r"[\s\u00a0\ufffe]+", "", text).lower()


def date_prints(value: str, language: str) -> set[str]:
    day = date.fromisoformat(value)
    numeric = {
        f"{first:02}{mark}{second:02}{mark}{day.year}"
        for mark in "./-"
        for first, second in ((day.day, day.month), (day.month, day.day))
    }
    month = MONTHS.get(language, MONTHS["en"]).split()[day.month - 1]
    worded = {
        f"{lead}{dot}{word}{day.year}"
        for lead in (f"{day.day}", f"{day.day:02}")
        for dot in ("", ".")
        for word in (month, month[:3])
    }
    return numeric | worded


def number_prints(value: str) -> set[str]:
    places = max(-int(Decimal(value).as_tuple().exponent), 0)
    prints = set()
    for shown in (places, 1, 2):
        if shown >= places:
            plain = f"{Decimal(value):,.{shown}f}"
            for group in ("", ",", ".", "'"):
                for point in ".,":
                    prints.add(plain.replace(",", "\0").replace(".", point).replace("\0", group))
    return prints


def prints(path: str, value: str, language: str) -> set[str]:
    """Return every text of which one must stand on the page."""
    leaf = path.rpartition(".")[2]
    if leaf == "currency":
        return set(SIGNS[value])
    if leaf == "document_type":
        return set(TITLES[value])
    if re.fullmatch(r"\d{4}-\d\d-\d\d", value):
        return date_prints(value, language)
    if re.fullmatch(r"-?\d+(\.\d+)?", value) and not leaf.endswith(("number", "_id", "code")):
        return number_prints(value) | {value}
    return {value}


@pytest.mark.parametrize("row", WITH_TEXT, ids=name)
def test_every_value_is_printed(row: dict[str, Any]) -> None:
    text = squash(" ".join(page_texts(FOLDER / row["file"])))
    hidden = set(row.get("not_printed", ()))
    missing = []
    for path, value in leaves(row["values"]):
        parts = value.split(", ") if path.endswith("address") else [value]
        for part in parts:
            found = any(squash(one) in text for one in prints(path, part, row["language"]))
            if not found and path not in hidden:
                missing.append((path, part))
    assert not missing


def test_only_xml_hides_values_from_the_page() -> None:
    for row in READABLE:
        hidden = row.get("not_printed", [])
        assert not hidden or row["kind"] == "e_invoice"
        assert set(hidden) <= {path for path, _ in leaves(row["values"])}


def amount(tree: dict[str, Any], *keys: str) -> Decimal:
    return sum((Decimal(tree[key]) for key in keys if tree[key] is not None), Decimal(0))


@pytest.mark.parametrize("row", INVOICES, ids=name)
def test_invoices_add_up(row: dict[str, Any]) -> None:
    totals, lines = row["values"]["totals"], row["values"]["lines"]
    nets = sum((Decimal(line["net"]) for line in lines), Decimal(0))
    for line in lines:
        product = Decimal(line["quantity"]) * Decimal(line["unit_price"])
        assert abs(product - Decimal(line["net"])) <= Decimal("0.005")
    assert nets + amount(totals, "charges") - amount(totals, "discount") == amount(totals, "net")
    tax = amount(totals, "tax") or sum(
        (Decimal(band["amount"]) for band in row["values"]["taxes"]), Decimal(0)
    )
    assert amount(totals, "net") + tax == amount(totals, "gross")
    if totals["amount_due"] is not None:
        assert amount(totals, "gross") - amount(totals, "paid") == amount(totals, "amount_due")


def test_receipts_add_up() -> None:
    for row in (row for row in READABLE if row["schema"] == "receipt"):
        values = row["values"]
        lines = sum((Decimal(line["total"]) for line in values["lines"]), Decimal(0))
        on_top = amount(values, "tax_total") if values["subtotal"] is not None else Decimal(0)
        assert lines + on_top == amount(values, "total")
        if values["cash_given"] is not None:
            assert amount(values, "cash_given") - amount(values, "change") == lines


def test_statement_balances_close() -> None:
    (row,) = (row for row in READABLE if row["schema"] == "bank_statement")
    (account,) = row["values"]["accounts"]
    entries = account["transactions"]
    balances = [account["beginning_balance"], *(entry["balance"] for entry in entries)]
    for (before, after), entry in zip(pairwise(balances), entries, strict=True):
        moved = amount(entry, "deposit") - amount(entry, "withdrawal")
        assert Decimal(before) + moved == Decimal(after)
    assert balances[-1] == account["ending_balance"]
    total = amount(account, "total_in") - amount(account, "total_out")
    assert Decimal(balances[0]) + total == Decimal(balances[-1])


def test_identifiers_have_valid_check_digits() -> None:
    for row in READABLE:
        for path, value in leaves(row["values"]):
            if path.endswith("iban"):
                assert iban.is_valid(value), value
            if path.endswith("tax_id"):
                checks = (eu_vat, british_vat, swiss_vat, ein)
                assert any(check.is_valid(value) for check in checks), value


def element_text(root: Element, tag: str) -> str:
    found = [element for element in root.iter() if element.tag.endswith("}" + tag)]
    assert found, tag
    return found[-1].text or ""


@pytest.mark.parametrize("row", [row for row in WITH_TEXT if row["kind"] == "e_invoice"], ids=name)
def test_embedded_xml_says_the_same(row: dict[str, Any]) -> None:
    document = pdfium.PdfDocument(FOLDER / row["file"])
    try:
        attachment = document.get_attachment(0)
        assert attachment.get_name() == "factur-x.xml"
        data = bytes(attachment.get_data())
    finally:
        document.close()
    assert b"urn:cen.eu:en16931:2017" in data
    root = defusedxml.ElementTree.fromstring(data)
    totals = row["values"]["totals"]
    assert element_text(root, "GrandTotalAmount") == totals["gross"]
    assert element_text(root, "DuePayableAmount") == totals["amount_due"]
    assert b"/AFRelationship /Alternative" in (FOLDER / row["file"]).read_bytes()


def test_every_file_has_truth_and_all_are_small() -> None:
    folders = {Path(row["file"]).parent.name for row in ROWS}
    found = {f"{folder}/{path.name}" for folder in folders for path in (FOLDER / folder).iterdir()}
    assert found == {row["file"] for row in ROWS}
    sizes = [(FOLDER / file).stat().st_size for file in found]
    assert sum(sizes) < MAX_BYTES


def test_scans_have_no_text_layer() -> None:
    scans = [row for row in READABLE if row["kind"] == "scan" and row["file"].endswith(".pdf")]
    assert len(scans) >= 3
    for row in scans:
        assert not "".join(page_texts(FOLDER / row["file"])).strip()


def test_broken_files_have_a_known_reason() -> None:
    broken = [row for row in ROWS if row["kind"] == "broken"]
    assert {Reason(row["reason"]) for row in broken} >= {Reason.ENCRYPTED, Reason.CORRUPT}
    assert all(row["file"].startswith("broken/") for row in broken)
    assert all(row["values"] is None for row in broken)


def grey_frames(path: Path) -> list[np.ndarray[Any, Any]]:
    with Image.open(path) as image:
        frames = [frame.convert("L") for frame in ImageSequence.Iterator(image)]
    return [np.asarray(frame, dtype=np.int16) for frame in frames]


def test_drawing_again_gives_the_same_documents(tmp_path: Path) -> None:
    pytest.importorskip("reportlab", reason="reportlab draws the fixtures (dev extra)")
    command = [sys.executable, str(FOLDER / "make.py"), "--out", str(tmp_path)]
    subprocess.run(command, check=True, timeout=300)
    drawn = (tmp_path / "truth.jsonl").read_text(encoding="utf-8")
    assert drawn == (FOLDER / "truth.jsonl").read_text(encoding="utf-8")
    for row in WITH_TEXT:
        assert page_texts(tmp_path / row["file"]) == page_texts(FOLDER / row["file"])
    for row in READABLE:
        if row["kind"] == "scan" and not row["file"].endswith(".pdf"):
            pairs = zip(
                grey_frames(tmp_path / row["file"]), grey_frames(FOLDER / row["file"]), strict=True
            )
            # other versions of the codecs may round otherwise, but not by much
            assert all(np.abs(new - old).mean() < 3 for new, old in pairs)
