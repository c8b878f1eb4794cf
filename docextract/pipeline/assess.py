"""Judges answers about one document: normalise, merge, repair, validate, ground, assess.

Knows nothing of engines, runs or stores; the same answer always gets the same judgement.
"""

from __future__ import annotations

import datetime as dt
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace

from docextract.engine.base import Answer
from docextract.normalise.locale.habits import LocaleEvidence, gather_evidence
from docextract.normalise.reading import Reading
from docextract.normalise.values import normalise_tree
from docextract.records import (
    Check,
    FieldRecord,
    OpenedDocument,
    Page,
    Repair,
    Tree,
    WordSource,
)
from docextract.schema import Schema
from docextract.verify.checks import PROOFS, REPAIRS, UPWARD, Print, strict_values, validate
from docextract.verify.confidence import Weights
from docextract.verify.field_status import Verdicts, assess_field
from docextract.verify.findings import Answered, make_findings
from docextract.verify.grounding import Grounder
from docextract.verify.merging import Disagreement, Merged, merge_embedded
from docextract.verify.repair import Repaired, Sources, repair


class Stopwatch:
    """Milliseconds by stage."""

    def __init__(self) -> None:
        self.ms: dict[str, float] = {}

    @contextmanager
    def time(self, stage: str) -> Iterator[None]:
        """Add the time spent inside to a stage."""
        start = time.perf_counter()
        try:
            yield
        finally:
            self.add(stage, 1000 * (time.perf_counter() - start))

    def add(self, stage: str, ms: float) -> None:
        """Add milliseconds to a stage."""
        self.ms[stage] = self.ms.get(stage, 0) + ms


@dataclass(frozen=True, slots=True)
class Judged:
    """What an answer is worth.

    Attributes:
        answer: raw values, all pages together.
        disagreements: between pages.
        values: typed values, repaired; None where the schema itself refuses them.
        readings: how each value of the pages was read, by path.
        fields: what is known of each leaf, by path.
        checks: the cross-field rules and their outcomes.
        repairs: what was put in place of what the engine said.
    """

    answer: Answer
    disagreements: tuple[Disagreement, ...]
    values: Tree | None
    readings: Mapping[str, Reading]
    fields: Mapping[str, FieldRecord]
    checks: tuple[Check, ...]
    repairs: tuple[Repair, ...]


class Judge:
    """Judges answers about one document, as often as asked.

    Args:
        opened: the document; its pages need no pixels.
        schema: what was asked for.
        today: the day of the run.
        weights: of the confidence.
        watch: takes the time of each stage.
    """

    def __init__(
        self,
        opened: OpenedDocument,
        schema: Schema,
        today: dt.date,
        weights: Weights,
        watch: Stopwatch,
    ) -> None:
        self._opened = opened
        self._schema = schema
        self._today = today
        self._weights = weights
        self._watch = watch
        with watch.time("normalise"):
            self._locale = gather_evidence(_lines(opened.pages))
        self._grounder = Grounder(opened.pages, self._locale)

    def judge(self, answer: Answer, disagreements: Sequence[Disagreement] = ()) -> Judged:
        """Return what an answer is worth.

        Args:
            answer: raw values, all pages together.
            disagreements: what pages asked one by one disagree on.
        """
        schema, watch = self._schema, self._watch
        with watch.time("normalise"):
            typed, readings = normalise_tree(answer.values, schema, self._locale)
            merged = _merge(self._opened, typed, schema)
        with watch.time("repair"):
            sources = Sources(answer, schema, readings, self._grounder, self._locale)
            repaired = self._repair(merged, sources)
            merged = replace(merged, values=repaired.values)
        with watch.time("validate"):
            values, schema_checks = strict_values(merged.values, schema)
            prints = _prints(answer, readings, repaired)
            checks = (*validate(merged.values, schema, self._today, prints), *schema_checks)
        with watch.time("ground"):
            by_path = {item.path: item for item in (*disagreements, *merged.disagreements)}
            is_exact = _is_exact_text(self._opened)
            answered = Answered(
                answer, merged, readings, by_path, self._grounder, repaired, is_exact
            )
            fields = self._assess(answered, checks)
        repairs = tuple(repaired.repairs.values())
        return Judged(answer, tuple(disagreements), values, readings, fields, checks, repairs)

    def _assess(self, answered: Answered, checks: tuple[Check, ...]) -> dict[str, FieldRecord]:
        findings = list(make_findings(self._schema, answered))
        supported = frozenset(item.path for item in findings if item.is_supported)
        verdicts = Verdicts(checks, PROOFS, supported)
        return {item.path: assess_field(item, verdicts, self._weights) for item in findings}

    def _repair(self, merged: Merged, sources: Sources) -> Repaired:
        """Repair what was read from pages; embedded data is the sender's word and stays."""
        if merged.quotes:
            return Repaired(merged.values, {}, {})

        def judge(values: Tree) -> tuple[Check, ...]:
            return validate(values, self._schema, self._today)

        return repair(merged.values, sources, judge, frozenset(REPAIRS), PROOFS, UPWARD)


def _is_exact_text(opened: OpenedDocument) -> bool:
    """Whether every page was read and its words are those of a text layer."""
    is_whole = 0 < opened.num_pages == len(opened.pages)
    return is_whole and all(page.word_source is WordSource.TEXT_LAYER for page in opened.pages)


def _prints(answer: Answer, readings: dict[str, Reading], repaired: Repaired) -> dict[str, Print]:
    """Return how each value is printed, and on which page if the engine said where."""
    found = {path: item.reading for path, item in repaired.candidates.items()}
    places = {path: item.place for path, item in repaired.candidates.items()}
    prints = {}
    for path, reading in (readings | found).items():
        place = places.get(path) or answer.places.get(reading.source_path or path)
        prints[path] = Print(reading.raw, place.page if place else None)
    return prints


def _lines(pages: tuple[Page, ...]) -> Iterator[str]:
    """Yield each page's words as one text; enough context for locale evidence."""
    for page in pages:
        yield " ".join(word.text for word in page.words)


def _merge(opened: OpenedDocument, typed: Tree, schema: Schema) -> Merged:
    if opened.embedded is None:
        return Merged(typed)
    # XML writes decimals with a point and dates in ISO, whatever the page does.
    habits = LocaleEvidence(decimal_mark=".")
    embedded, readings = normalise_tree(opened.embedded.values, schema, habits)
    quotes = {
        path: opened.embedded.quotes.get(reading.source_path or path, reading.value)
        for path, reading in readings.items()
        if reading.value is not None
    }
    return merge_embedded(embedded, typed, schema, quotes)
