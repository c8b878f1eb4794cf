"""All fixtures through the real pipeline: values against truth, evidence against the page."""

from __future__ import annotations

import datetime as dt
import json
from collections import defaultdict
from dataclasses import dataclass

import pytest

from docextract.core import DocumentError, OpenedDocument, ReadOptions, Record, Tree
from docextract.documents.discovery.discover import Discovery
from docextract.documents.opening import collect, open_document
from docextract.engine.text import TextEngine
from docextract.normalise import NO_EVIDENCE, same_value
from docextract.pipeline.document import Assembly, DocumentJob
from docextract.schema import leaves
from docextract.schema.loading import load_schema
from docextract.verify.grounding.page_text import PageText, fold

HEADER = (
    "invoice_number",
    "po_number",
    "receipt_number",
    "issue_date",
    "due_date",
    "date",
    "currency",
    "seller.name",
    "buyer.name",
    "merchant.name",
    "bank.name",
    "totals.net",
    "totals.tax",
    "totals.gross",
    "total",
    "statement_start",
    "statement_end",
)
BARS = {"e_invoice": 1.0, "born_digital": 0.95, "scan": 0.90}
TODAY = dt.date(2026, 11, 23)


@dataclass(frozen=True)
class Read:
    """One fixture: its truth, its pages, its record."""

    truth: Tree
    opened: OpenedDocument
    record: Record


@pytest.fixture(scope="module")
def readings(root):
    """Read every fixture once, in this process."""
    truths = map(json.loads, (root / "fixtures/truth.jsonl").read_text("utf-8").splitlines())
    return [_read(root, truth) for truth in truths if truth["kind"] != "broken"]


def _read(root, truth, **options):
    (found,) = Discovery([str(root / "fixtures" / truth["file"])])
    parts = list(open_document(found.document, ReadOptions(**options)))
    schema = load_schema(truth["schema"])
    assembly = Assembly(DocumentJob(schema, TextEngine(), "x", TODAY))
    for part in parts:
        assembly.add(part)
    return Read(truth, collect(parts), assembly.record())


def test_values_match_their_truth(readings, capsys):
    counts: dict[str, dict[str, list[int]]] = defaultdict(lambda: defaultdict(lambda: [0, 0]))
    missed = []
    for read in readings:
        schema, values = load_schema(read.truth["schema"]), dict(leaves(read.record.values))
        kind = read.truth["kind"]
        for path, truth in leaves(read.truth["values"]):
            field = schema.field_at(path)
            if truth is None or field is None:
                continue
            # The name of a bank is no term of EN 16931, so no XML holds it.
            if path not in HEADER and (kind != "e_invoice" or path == "payment.bank_name"):
                continue
            value = values.get(path)
            is_right = value is not None and same_value(str(value), truth, field)
            name = path if path in HEADER else "all other values"
            counts[name][kind][0] += 1
            counts[name][kind][1] += is_right
            if not is_right:
                missed.append(f"{read.truth['file']} {path}: {value!r} is not {truth!r}")
    with capsys.disabled():
        _print_table(counts, missed)
    for kind, bar in BARS.items():
        total = sum(row[kind][0] for row in counts.values())
        right = sum(row[kind][1] for row in counts.values())
        assert total
        assert right >= bar * total, f"{kind}: {right} of {total}\n" + "\n".join(missed)


def _print_table(counts, missed):
    print("\n\nvalues right, of those printed" + "".join(f"{kind:>15}" for kind in BARS))
    for name in [*HEADER, "all other values"]:
        cells = [counts[name][kind] for kind in BARS]
        print(f"{name:30}" + "".join(f"{c[1]:>11}/{c[0]:<3}" if c[0] else " " * 15 for c in cells))
    for line in missed:
        print(f"  missed: {line}")


def test_every_evidence_box_reads_back_as_its_quote(readings):
    num_boxes = 0
    for read in readings:
        pages = {page.number: page for page in read.opened.pages}
        for path, field in read.record.fields.items():
            for evidence in field.evidence:
                if evidence.box is None:
                    assert evidence.quote, path
                    continue
                num_boxes += 1
                text = PageText(pages[evidence.page], NO_EVIDENCE).read_box(evidence.box)
                assert fold(evidence.quote) in fold(text), f"{read.truth['file']} {path}"
    assert num_boxes > 500


def test_every_box_lies_on_its_page(readings):
    for read in readings:
        for path, field in read.record.fields.items():
            for box in [item.box for item in field.evidence if item.box]:
                assert 0 <= box.left < box.right <= 1, f"{read.truth['file']} {path}"
                assert 0 <= box.top < box.bottom <= 1, f"{read.truth['file']} {path}"


def test_every_value_has_a_status_and_absent_ones_say_so(readings):
    for read in readings:
        for path, value in leaves(read.record.values):
            field = read.record.fields[path]
            assert (value is None) == (field.status.value == "absent"), path
            assert 0 <= field.confidence <= 1
            assert value not in ("", "N/A")


def test_e_invoices_are_exact_and_agree_with_their_pages(readings):
    e_invoices = [read for read in readings if read.truth["kind"] == "e_invoice"]
    assert len(e_invoices) >= 5
    for read in e_invoices:
        assert read.record.status.value == "ok", read.truth["file"]
        sources = {item.source.value for item in read.record.fields["invoice_number"].evidence}
        assert "embedded_xml" in sources


def test_no_embedded_reads_the_page(root):
    path = "invoices/nordlicht.pdf"
    truths = map(json.loads, (root / "fixtures/truth.jsonl").read_text("utf-8").splitlines())
    truth = next(truth for truth in truths if truth["file"] == path)
    read = _read(root, truth, use_embedded=False)
    sources = {e.source.value for f in read.record.fields.values() for e in f.evidence}
    assert sources == {"text_layer"}
    assert read.record.values["totals"]["gross"] == truth["values"]["totals"]["gross"]


def test_broken_ones_say_why(root):
    truths = map(json.loads, (root / "fixtures/truth.jsonl").read_text("utf-8").splitlines())
    for truth in [truth for truth in truths if truth["kind"] == "broken"]:
        (found,) = Discovery([str(root / "fixtures" / truth["file"])])
        if found.error:
            assert found.error.reason == truth["reason"]
            continue
        try:
            opened = collect(open_document(found.document, ReadOptions()))
            assert not opened.pages
            reason = opened.errors[0].reason
        except DocumentError as error:
            reason = error.reason
        assert reason == truth["reason"], truth["file"]
