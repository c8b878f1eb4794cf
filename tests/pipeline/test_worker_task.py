"""What a worker sends of a document crosses unchanged, and is held against its job."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from types import MappingProxyType

import pytest

from docextract.core import Document, ErrorItem, FieldStatus, Page, ReadOptions, RecordStatus
from docextract.documents.opening import open_document
from docextract.documents.pages import OpenedHeader, PageRead
from docextract.engine import EngineChoice
from docextract.pipeline.document import FirstReading
from docextract.pipeline.worker_task import Task, doubt, first_reading, record
from docextract.workers.border.plain import flatten, plan_of
from docextract.workers.border.statements import _plan

FIXTURES = Path(__file__).parents[2] / "fixtures"
PAPER = next(iter(sorted((FIXTURES / "invoices").glob("*.pdf"))))
DOCUMENT = Document(str(PAPER), str(PAPER).encode())
TASK = Task("invoice", EngineChoice("text"), ReadOptions(), "mark", dt.date(2026, 1, 1))
NONE_KEPT: Mapping[int, bytes] = MappingProxyType({})


def crossed(payload, function):
    """Return a payload as it arrives in the run."""
    text, buffers = flatten(payload)
    return _plan(function)(json.loads(text), [bytes(buffer) for buffer in buffers])


@pytest.fixture(scope="module")
def made():
    return list(record(DOCUMENT, TASK, NONE_KEPT))[-1]


@pytest.mark.parametrize("name", ["invoices", "bank_statements", "receipts"])
def test_all_a_worker_yields_arrives_as_it_was(name):
    paths = [path for path in sorted(FIXTURES.glob(f"{name}/*")) if path.suffix in (".pdf", ".xml")]
    for path in paths[:3]:
        document = Document(str(path), str(path).encode())
        for payload in record(document, TASK, NONE_KEPT):
            assert crossed(payload, "docextract.pipeline.worker_task:record") == payload
            assert doubt(document, "mark", payload) == ""


def test_parts_and_first_readings_arrive_as_they_were():
    for payload in open_document(DOCUMENT, ReadOptions(), with_images=True):
        assert crossed(payload, "docextract.documents.opening:open_job") == payload
        assert doubt(DOCUMENT, "", payload) == ""
    asked = replace(TASK, info=None)
    for said in first_reading(DOCUMENT, asked, NONE_KEPT):
        assert crossed(said, "docextract.pipeline.worker_task:first_reading") == said
        assert doubt(DOCUMENT, "mark", said) == ""


def test_a_forged_record_is_doubted(made):
    other = replace(DOCUMENT, raw_path=b"/elsewhere")
    confirmed = {
        "gross_total": replace(next(iter(made.fields.values())), status=FieldStatus.CONFIRMED)
    }
    strange = ErrorItem("open", "nonsense", "", "")
    forged = [
        replace(made, document=other),
        replace(made, document=replace(DOCUMENT, sha256="0" * 64)),
        replace(made, fingerprint="another"),
        replace(made, num_pages=-1),
        replace(made, errors=(strange,)),
        replace(made, status=RecordStatus.SKIPPED),
        replace(made, fields=confirmed),
    ]
    assert doubt(DOCUMENT, "mark", made) == ""
    assert all(doubt(DOCUMENT, "mark", record) for record in forged)


@pytest.mark.parametrize(
    "part",
    [
        OpenedHeader(replace(DOCUMENT, raw_path=b"/elsewhere"), 1),
        OpenedHeader(DOCUMENT, -1),
        Page(0, 1.0, 1.0),
        Page(1, 1.0, 1.0, image=b"123", size=(2, 1)),
        Page(1, 1.0, 1.0, image=b"123"),
        Page(1, 1.0, 1.0, image=b"", size=(0, -1)),
        ErrorItem("open", "nonsense", "", ""),
    ],
)
def test_forged_parts_are_doubted(part):
    assert doubt(DOCUMENT, "", part)


def test_a_type_that_json_cannot_tell_apart_has_no_plan():
    for kind in (int | str, dict[float, str], set, FirstReading | int):
        with pytest.raises(TypeError):
            plan_of(kind)
    assert plan_of(PageRead | None)(None, ()) is None
