"""Small documents that failed once, where they are here: amounts, currencies, dates and rows."""

from __future__ import annotations

import datetime as dt
import json
from pathlib import Path
from typing import Any

import pytest

from docextract.core import ReadOptions
from docextract.documents.discovery.discover import Discovery
from docextract.documents.opening import open_document
from docextract.engine import EngineChoice, load_engine
from docextract.pipeline.document import Assembly, DocumentJob
from docextract.schema.loading import load_schema

TOTALS = {"net", "tax", "gross"}
REPORTS = ("14-number-formats", "14b-currency-codes", "15-dates", "22-multipage-tables",
           "23-stacked-labels")  # fmt: skip


def values_of(path: Path, schema: str) -> dict[str, Any]:
    engine = load_engine(EngineChoice("text"))
    assembly = Assembly(DocumentJob(load_schema(schema), engine, "", dt.date(2026, 11, 1)))
    (found,) = Discovery([str(path)])
    for part in open_document(found.document, ReadOptions(use_embedded=False)):
        assembly.add(part)
    values: dict[str, Any] = assembly.record().to_json()["values"]
    return values


def at(values: dict[str, Any], path: str) -> object:
    node: Any = values
    for name in (f"totals.{path}" if path in TOTALS else path).split("."):
        node = node[name]
    return len(node) if isinstance(node, list) else node


def is_same(found: object, expected: object) -> bool:
    if isinstance(found, str) and isinstance(expected, str) and "." in found + expected:
        return float(found) == float(expected)
    return found == expected


@pytest.mark.parametrize("name", REPORTS)
def test_reported_prints_are_read(real_documents: Path, name: str) -> None:
    folder = real_documents / "cases/reports" / name
    expected = json.loads((folder / "expected.json").read_text("utf-8"))
    wrong = {}
    for file in sorted(folder.glob("*.pdf")):
        values = values_of(file, "invoice")
        for path, value in expected.get(file.stem, expected.get("*", {})).items():
            if not is_same(at(values, path), value):
                wrong[f"{file.stem} {path}"] = (at(values, path), value)
    assert not wrong


def test_negative_amounts_are_read(real_documents: Path) -> None:
    folder = real_documents / "cases/reports/13-negative"
    expected = json.loads((folder / "expected.json").read_text("utf-8"))["totals.gross"]
    found = {f.stem: at(values_of(f, "invoice"), "gross") for f in folder.glob("*.pdf")}
    assert found == {name: expected[name] for name in found}


LAYOUTS = {
    "inv/r01_compound_total": {"net": "2420.00", "tax": "186.35", "gross": "2606.35", "lines": 2},
    "inv/r02_s_total": {"net": "140.00", "tax": "18.20", "gross": "158.20", "lines": 2},
    "inv/r11_three_decimals": {"gross": "31.300", "currency": "KWD", "lines": 2},
    "inv/r14_terms_and_ship_date": {"totals.paid": None, "gross": "140.00"},
    "inv/r19_igst": {"net": "140.00", "tax": "25.20", "gross": "165.20"},
    "po/r12_order_grid": {"net": None, "gross": "1956.02", "lines": 1},
}


@pytest.mark.parametrize("name", LAYOUTS)
def test_layouts_are_read(real_documents: Path, name: str) -> None:
    schema = {"inv": "invoice", "po": "purchase_order"}[name.partition("/")[0]]
    values = values_of(real_documents / f"cases/layouts/{name}.pdf", schema)
    assert {path: at(values, path) for path in LAYOUTS[name]} == LAYOUTS[name]  # type: ignore[attr-defined]


@pytest.mark.parametrize("name", ["zero", "zero_net"])
def test_a_receipt_may_come_to_nothing(real_documents: Path, name: str) -> None:
    path = real_documents / f"cases/adversarial/18-receipt-total-zero/{name}.pdf"
    assert values_of(path, "receipt")["total"] == "0.00"
