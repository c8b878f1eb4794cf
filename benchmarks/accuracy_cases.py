"""Labelled documents with the source each comes from, and the records made of them.

Knows nothing of how values are read, compared or counted. A source is wholly in or out when
weights are fitted: who published documents chose them alike, whatever vendors stand on them.
"""

from __future__ import annotations

import datetime as dt
import json
import pickle
import tomllib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from docextract.core import DocumentError, ReadOptions
from docextract.documents.discovery.discover import Discovery
from docextract.documents.opening import open_document
from docextract.documents.pages import reading_id
from docextract.engine import EngineChoice, load_engine
from docextract.engine.base import Answer, Engine, Question
from docextract.evaluation import read_truth
from docextract.evaluation.judging.given import Given
from docextract.evaluation.labels.truth import Labels
from docextract.pipeline.document import Assembly, DocumentJob
from docextract.schema import Schema
from docextract.schema.loading import load_schema
from docextract.verify.confidence.weights import Calibration

AD_BUY = "contract_number, advertiser, flight_from: date, flight_to: date, gross_amount: money"
_BUILT_IN = ("invoice", "receipt", "purchase_order", "bank_statement")
SCHEMAS = {name: name for name in _BUILT_IN} | {"ad_buy": AD_BUY}
READ = ReadOptions(use_embedded=False)

_E_INVOICES = "e-invoice samples"
_ONE_SOURCE = dict.fromkeys(("zugferd", "zugferd_scan", "facturx_conflict", "orderx"), _E_INVOICES)
"""Datasets gathered from several repositories that bundle one sample package."""
_DERIVED = "derived from "


@dataclass(frozen=True)
class Case:
    """One labelled document.

    Attributes:
        dataset: the folder it lies in.
        source: who published it.
        labels: what it holds.
        schema: what it is asked for.
        parts: what opening it gave; empty where it cannot be opened.
    """

    dataset: str
    source: str
    labels: Labels
    schema: Schema
    parts: Sequence[Any]


class Remembering:
    """An engine that answers each document once, however often it is judged."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._known: dict[tuple[object, ...], Answer] = {}
        self.info = engine.info
        self.needs_images, self.max_pages = engine.needs_images, engine.max_pages
        self.can_look_closer = False

    def answer(self, questions: Sequence[Question]) -> list[Answer]:
        """Return one answer per question."""
        return [self._answer(question) for question in questions]

    def _answer(self, question: Question) -> Answer:
        pages = tuple(page.number for page in question.pages)
        key = (question.document_id, question.schema.id, pages)
        if key not in self._known:
            (self._known[key],) = self._engine.answer([question])
        return self._known[key]

    def close(self) -> None:
        """Forget the answers."""
        self._known.clear()


def source_of(dataset: str, row: dict[str, Any]) -> str:
    """Return who published the document of a line of truth: a GitHub owner, or its dataset."""
    owner = str(row.get("source", dataset)).partition("@")[0].partition("/")[0]
    return _ONE_SOURCE.get(dataset, owner.removeprefix(_DERIVED))


def read_cases(dataset: Path, words: Path, limit: int | None = None) -> Iterator[Case]:
    """Yield every document of a dataset that has a schema in ``SCHEMAS``.

    Args:
        dataset: folder with ``truth.jsonl``.
        words: folder that keeps the words of pages between calls.
        limit: about how many documents, evenly thinned; None for all.
    """
    lines = (dataset / "truth.jsonl").read_text(encoding="utf-8").splitlines()
    rows = {row["file"]: row for row in map(json.loads, lines)}
    labels = [item for item in read_truth(dataset / "truth.jsonl") if item.schema_name in SCHEMAS]
    schemas = {name: load_schema(SCHEMAS[name]) for name in {it.schema_name for it in labels}}
    never, gaps = unlabelled_names(rows.values()), known_gaps()
    for item in labels[:: max(1, len(labels) // limit) if limit else 1][:limit]:
        row = rows[item.file]
        keys = (f"{dataset.name}/{row['id']}", f"{dataset.name}/*")
        unlabelled = never.union(*(gaps.get(key, ()) for key in keys))
        yield Case(
            dataset.name,
            source_of(dataset.name, row),
            without_gaps(item, row, unlabelled),
            schemas[item.schema_name],
            kept_parts(dataset, item.file, words),
        )


def kept_parts(dataset: Path, file: str, words: Path) -> list[Any]:
    """Return what opening a document gave, kept in a folder; nothing where it cannot be opened."""
    kept = kept_path(words, dataset, file)
    if not kept.exists():
        kept.parent.mkdir(parents=True, exist_ok=True)
        kept.write_bytes(pickle.dumps(opened(dataset / file)))
    parts = pickle.loads(kept.read_bytes())
    return parts if isinstance(parts, list) else []


def kept_path(words: Path, dataset: Path, file: str) -> Path:
    """Return where the words of a document are kept, apart for each way of reading pages."""
    return words / reading_id(READ) / dataset.name / f"{Path(file).stem}.pkl"


def opened(path: Path) -> object:
    """Return the parts of a document, or why it cannot be read."""
    (found,) = Discovery([str(path)])
    try:
        return list(open_document(found.document, READ))
    except DocumentError as error:
        return str(error)


def text_engine() -> Remembering:
    """Return the text engine, which remembers its answers."""
    return Remembering(load_engine(EngineChoice("text")))


def records_of(cases: Iterable[Case], engine: Engine, fitted: Calibration) -> Iterator[Given]:
    """Yield the record of each document that could be opened."""
    for case in cases:
        if case.parts:
            assembly = Assembly(DocumentJob(case.schema, engine, "", dt.date.today(), fitted))
            for part in case.parts:
                assembly.add(part)
            yield Given.from_record(assembly.record().to_json())


def unlabelled_names(rows: Iterable[dict[str, Any]]) -> set[str]:
    """Return the names that no document of a dataset has a value for: nobody labelled them."""
    rows = list(rows)
    names = {name for row in rows for name in row["fields"]}
    return {name for name in names if all(row["fields"].get(name) is None for row in rows)}


def known_gaps() -> dict[str, set[str]]:
    """Return the names whose nulls were seen to be printed, by ``dataset/id`` or ``dataset/*``."""
    listed = tomllib.loads((Path(__file__).parent / "label_gaps.toml").read_text(encoding="utf-8"))
    return {gap["document"]: set(gap["names"]) for gap in listed["gap"]}


def without_gaps(labels: Labels, row: dict[str, Any], unlabelled: set[str]) -> Labels:
    """Return labels without the nulls that do not say that a page lacks the value.

    Those taken from XML say that the XML has none (the Factur-X profile MINIMUM holds totals
    alone), those inherited from another dataset that it did not label them, and those of
    ``unlabelled`` names, which are never labelled or known gaps, say nothing.
    """
    source = row["meta"]["label_source"].lower()
    if "xml" in source or "inherited" in source:
        return replace(labels, values=_without_nulls(labels.values))
    known = {
        name: value
        for name, value in labels.values.items()
        if value is not None or name not in unlabelled
    }
    return replace(labels, values=known)


def _without_nulls(tree: Any) -> Any:
    if isinstance(tree, list):
        return [_without_nulls(item) for item in tree]
    if not isinstance(tree, dict):
        return tree
    return {name: _without_nulls(item) for name, item in tree.items() if item is not None}
