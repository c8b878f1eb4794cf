"""Sheets of one layout, what people confirm of them, and what memory says of the next."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from docextract.core import Page
from docextract.learning.lessons import Lesson, learn
from docextract.learning.memory import Memory
from docextract.learning.recall import known_layout, recall
from docextract.normalise import NOTHING, Reading, gather_evidence
from docextract.schema import Schema
from docextract.verify.grounding.grounder import Grounder
from docextract.verify.merging import values_of
from docextract.verify.value import FieldValues
from support.slips import page_of_lines

HOUSE = ("Carpentry Workshop Shelves Tables Cupboards", "Benches Sawn Oak Delivery Thanks")


def sheet_of(ticket: str, total: str, discount: str, house: tuple[str, str] = HOUSE) -> Page:
    """Return a page of a ticket, a discount and a total, each behind a label."""
    values = (f"Slip {ticket}", f"Rebate {discount}", f"Altogether {total}")
    return page_of_lines(house[0], *values, house[1])


def confirmed(
    schema: Schema, pages: Sequence[Page], said: Sequence[Mapping[str, str | None]]
) -> Memory:
    """Return what pages teach of which people said something that no run had read."""
    memory = Memory()
    for number, (page, values) in enumerate(zip(pages, said, strict=True)):
        memory = learn(memory, Lesson(f"{number}" * 64, [page], schema, values, {}, {}))
    return memory


def remembered(schema: Schema, memory: Memory, page: Page, **read: str) -> FieldValues:
    """Return what memory makes of a page of which an engine read few values or none."""
    locale = gather_evidence([" ".join(word.text for word in page.words)])
    layout = known_layout(schema.name, [page], memory)
    assert layout is not None
    given = {path: Reading(text, (text,), raw=text) for path, text in read.items()}
    values = values_of(schema, {it.path: given.get(it.path, NOTHING) for it in schema.fields})
    ground = Grounder([page], locale).ground
    return recall(values, [page], layout, ground, locale, lambda *_: 0)
