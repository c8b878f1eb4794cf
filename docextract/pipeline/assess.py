"""Judges answers about one document: normalise, merge, repair, validate, ground, assess.

Knows nothing of engines, runs or stores; the same answer always gets the same judgement.
"""

from __future__ import annotations

import datetime as dt
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from types import MappingProxyType

from docextract.core import (
    Check,
    EmbeddedInvoice,
    OpenedDocument,
    Outcome,
    Page,
    Repair,
    WordSource,
)
from docextract.engine.base import Answer
from docextract.learning.memory import NO_MEMORY, Memory
from docextract.learning.recall import known_layout, recall
from docextract.normalise import NOTHING, LocaleEvidence, gather_evidence, normalise_tree
from docextract.schema import Schema
from docextract.verify.checks import PROOFS, REPAIRS, UPWARD, strict_values, validate
from docextract.verify.checks.norm.xml_rules import with_norm
from docextract.verify.confidence.surroundings import survey
from docextract.verify.confidence.weights import Calibration
from docextract.verify.grounding.grounder import Grounder, ground_values
from docextract.verify.merging import merge_embedded, values_of, with_opinions
from docextract.verify.repair.printed_candidates import PrintedCandidates
from docextract.verify.repair.search import Rules, search
from docextract.verify.status.field_status import Judgement, assess_fields, with_checks
from docextract.verify.value import Disagreement, FieldValue, FieldValues, Opinion


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


class Judge:
    """Judges answers about one document, as often as asked.

    Args:
        opened: the document; its pages need no pixels.
        schema: what was asked for.
        today: the day of the run.
        calibration: of the confidence.
        watch: takes the time of each stage.
        memory: what confirmed documents taught.

    Attributes:
        layout: what is remembered of the document's layout, if it is known.
    """

    def __init__(
        self,
        opened: OpenedDocument,
        schema: Schema,
        today: dt.date,
        calibration: Calibration,
        watch: Stopwatch,
        memory: Memory = NO_MEMORY,
    ) -> None:
        self._opened = opened
        self._schema = schema
        self._today = today
        self._calibration = calibration
        self._watch = watch
        with watch.time("normalise"):
            self._locale = gather_evidence(_lines(opened.pages))
        self._grounder = Grounder(opened.pages, self._locale, has_pages=opened.num_pages > 0)
        self._surroundings = survey(opened.pages, schema)
        self.layout = known_layout(schema.name, opened.pages, memory)

    def judge(
        self,
        answer: Answer,
        disagreements: Sequence[Disagreement] = (),
        opinions: Mapping[str, Opinion] = MappingProxyType({}),
    ) -> Judgement:
        """Return what an answer is worth.

        Args:
            answer: raw values, all pages together.
            disagreements: what pages asked one by one disagree on.
            opinions: what two readers say of each value, by path.
        """
        with self._watch.time("normalise"):
            found = self._merged(answer, disagreements)
        with self._watch.time("repair"):
            found, repairs = self._repaired(found)
        found = with_opinions(found, opinions)
        with self._watch.time("validate"):
            values, complaints = strict_values(found.tree(), self._schema)
            stated = self._opened.embedded.terms if self._opened.embedded else None
            asked = with_norm(validate(found, self._today), stated, self._schema)
            checks = (*asked, *complaints)
        with self._watch.time("ground"):
            is_exact = _is_exact_text(self._opened)
            grounded = ground_values(
                found,
                self._grounder,
                is_exact_text=is_exact,
                accounts=stated.accounts if stated else frozenset(),
            )
            checked = with_checks(grounded, checks, PROOFS)
            fields = assess_fields(checked, self._calibration, self._surroundings)
        return Judgement(answer, tuple(disagreements), values, fields, checks, repairs)

    def read(self, answer: Answer) -> FieldValues:
        """Return what an answer says, typed, before anything is made of it."""
        return self._read(answer, ())

    def _read(self, answer: Answer, disagreements: Sequence[Disagreement]) -> FieldValues:
        _, readings = normalise_tree(answer.values, self._schema, self._locale)
        return values_of(self._schema, readings, answer, disagreements)

    def _merged(self, answer: Answer, disagreements: Sequence[Disagreement]) -> FieldValues:
        """Return what was read from pages, and over it what embedded data say."""
        read = self._read(answer, disagreements)
        if self.layout is not None:
            pages, ground = self._opened.pages, self._grounder.ground
            read = recall(read, pages, self.layout, ground, self._locale, self._failures)
        if self._opened.embedded is None:
            return read
        return merge_embedded(_embedded_values(self._opened.embedded, self._schema), read)

    def _failures(self, values: FieldValues, path: str) -> int:
        """Return how many rules fail that touch a value at a path."""
        checks = validate(values, self._today, shows_print=False)
        return sum(it.outcome is Outcome.FAILED and path in it.paths for it in checks)

    def _repaired(self, values: FieldValues) -> tuple[FieldValues, tuple[Repair, ...]]:
        """Repair what was read from pages; embedded data is the sender's word and stays."""
        if any(value.quote is not None for value in values.values()):
            return values, ()

        def judge(trial: FieldValues) -> tuple[Check, ...]:
            return validate(trial, self._today, shows_print=False)

        candidates = PrintedCandidates(values, self._grounder, self._locale)
        return search(values, candidates, Rules(judge, frozenset(REPAIRS), PROOFS, UPWARD))


def _is_exact_text(opened: OpenedDocument) -> bool:
    """Whether every page was read and its words are those of a text layer."""
    is_whole = 0 < opened.num_pages == len(opened.pages)
    return is_whole and all(page.word_source is WordSource.TEXT_LAYER for page in opened.pages)


def _lines(pages: tuple[Page, ...]) -> Iterator[str]:
    """Yield each page's words as one text; enough context for locale evidence."""
    for page in pages:
        yield " ".join(word.text for word in page.words)


def _embedded_values(embedded: EmbeddedInvoice, schema: Schema) -> FieldValues:
    # XML writes decimals with a point and dates in ISO, whatever the page does.
    _, readings = normalise_tree(embedded.values, schema, LocaleEvidence(decimal_mark="."))

    def quoted(value: FieldValue) -> FieldValue:
        if value.value is None:
            return value
        source = value.reading.source_path or value.path
        quote = embedded.quotes.get(source, value.value)
        return replace(value, quote=quote, reading=NOTHING)

    return values_of(schema, readings).map(quoted)
