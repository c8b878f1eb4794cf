"""The engine without a model: labels, types, geometry and arithmetic fill any schema.

Knows nothing of how words were read, nor of normalising, validation or grounding.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import replace

from docextract.core import Alternative, EngineInfo, Page, Place, Tree
from docextract.engine.base import Answer, Question
from docextract.engine.text.fields.alternatives import remaining_options
from docextract.engine.text.fields.bare_dates import (
    bare_date,
    bare_moment,
    bare_time,
    payment_day,
    range_options,
    weigh_dates,
)
from docextract.engine.text.fields.document_numbers import (
    iban_option,
    numbered_option,
    weigh_repeated,
)
from docextract.engine.text.fields.doubt import doubt_beginnings, doubt_strangers
from docextract.engine.text.fields.labelled import field_options, is_header
from docextract.engine.text.fields.titles import titled_options
from docextract.engine.text.fields.unlabelled import country_options, currency_option, title_option
from docextract.engine.text.labels.hidden_columns import HIDDEN, hidden_tables, with_table
from docextract.engine.text.labels.index import build_index
from docextract.engine.text.labels.matches import find_hits
from docextract.engine.text.layout import read_layout
from docextract.engine.text.parties.choose_parties import find_parties
from docextract.engine.text.parties.contacts import OWN_KINDS, owned_options, party_options
from docextract.engine.text.tables.list_rows import list_rows
from docextract.engine.text.tables.table_reader import find_tables
from docextract.engine.text.text_document import Index, Option, Reader, given, level
from docextract.engine.text.totals.choose_totals import end_of_items, settle_totals
from docextract.engine.text.totals.joint_choice import amount_paths
from docextract.engine.text.values.candidates import find_candidates
from docextract.engine.text.values.checkboxes import boxed
from docextract.schema import Field, Kind, Role, Schema


class TextEngine:
    """Answers from words alone; the same words give the same answer."""

    needs_images = False
    max_pages: int | None = None
    can_look_closer = False

    def __init__(self) -> None:
        self.info = EngineInfo(name="text")
        self._indexes: dict[str, Index] = {}

    def answer(self, questions: Sequence[Question]) -> list[Answer]:
        """Return one answer per question, in the order asked."""
        return [self._answer(question) for question in questions]

    def close(self) -> None:
        """Forget the schemas seen."""
        self._indexes.clear()

    def _answer(self, question: Question) -> Answer:
        index = self._index(question.schema)
        options, others = _read(question.pages, question.schema, index)
        answer = _assemble(question.schema, options)
        num_words = sum(len(page.words) for page in question.pages)
        usage = {"words": float(num_words)}
        return replace(answer, usage=usage, alternatives=_alternatives(others))

    def _index(self, schema: Schema) -> Index:
        found = self._indexes.get(schema.id)
        if found is None:
            found = self._indexes[schema.id] = build_index(with_table(schema))
        return found


def make_reader(pages: Sequence[Page], index: Index) -> Reader:
    """Return the layout of pages with its candidates and label hits."""
    layout = read_layout(pages)
    reader = Reader(layout, index, find_candidates(layout), find_hits(layout, index), {})
    for hit in reader.hits:
        reader.hits_of.setdefault(id(hit.segment), []).append(hit)
    for candidates in reader.candidates.values():
        for candidate in candidates:
            reader.at.setdefault(id(candidate.tokens[0]), []).append(candidate)
    for segment in layout.segments:
        for token in segment.tokens:
            reader.line_of[id(token)] = segment.line
    return reader


def _read(
    pages: Sequence[Page], schema: Schema, index: Index
) -> tuple[list[Option], dict[str, list[Option]]]:
    """Return the chosen options, and by field path those that were not chosen."""
    reader = make_reader(pages, index)
    if not reader.layout.lines:
        return [], {}
    table_lists = tuple(
        path for path in schema.list_paths
        if any(not is_header(f, index) for f in schema.members(path))
    )  # fmt: skip
    tables = find_tables(reader, (*table_lists, *hidden_tables(schema)))
    chosen, others = _scalars(reader, {key for table in tables for key in table.segments})
    asked = [option for option in chosen.values() if not option.path.startswith(HIDDEN)]
    end = end_of_items(reader, chosen)
    tax = _amount_of(index, chosen, "tax")
    return [*asked, *list_rows(reader, table_lists, tables, end, tax)], others


def _scalars(
    reader: Reader, in_tables: set[int]
) -> tuple[dict[str, Option], dict[str, list[Option]]]:
    index = reader.index
    options = field_options(reader, in_tables)
    weigh_repeated(reader, options)
    weigh_dates(reader, options)
    for option in [*titled_options(reader), *range_options(reader)]:
        options.setdefault(option.path, []).insert(0, option)
    parties = find_parties(reader, in_tables)
    printed = [c for items in reader.candidates.values() for c in items if c.kind is Kind.MONEY]
    chosen = settle_totals(reader, options, printed, in_tables)
    for option in [*party_options(reader, parties), *country_options(reader, parties)]:
        held = chosen.get(option.path)
        if held is None or option.score > held.score:
            chosen[option.path] = option
    chosen |= owned_options(reader, options, parties)
    _choose_rest(reader, options, chosen)
    for path, item in index.fields.items():
        if is_header(item, index) and path not in chosen:
            found = _unlabelled(reader, item, chosen)
            if found is not None:
                chosen[path] = found
    chosen = doubt_beginnings(reader, doubt_strangers(reader, options, chosen))
    kept = {p: option for p, option in chosen.items() if option.score >= level("kept")}
    others = remaining_options(index.fields, options, kept)
    kept = {path: option.at(path.replace("[]", "[0]")) for path, option in kept.items()}
    return kept, {path.replace("[]", "[0]"): found for path, found in others.items()}


def _unlabelled(reader: Reader, item: Field, chosen: dict[str, Option]) -> Option | None:
    """Return a value that its kind and place give away without a label, or None."""
    if item.kind is Kind.CURRENCY:
        return currency_option(reader, item.path, _total(reader.index, chosen))
    if item.kind is Kind.DATE:
        return bare_date(reader, item, chosen) or payment_day(reader, item)
    if item.kind is Kind.DATETIME:
        return bare_moment(reader, item, chosen)
    if item.kind is Kind.TIME:
        return bare_time(reader, item, chosen)
    if item.kind is Kind.IDENTIFIER:
        return numbered_option(reader, item)
    if item.kind is Kind.IBAN:
        return iban_option(reader, item.path)
    if item.kind is Kind.ENUM:
        return _choice(reader, item)
    return None


def _choice(reader: Reader, item: Field) -> Option | None:
    """Return the one choice whose box is ticked; where none has a box, the one in a title."""
    boxes = list(boxed(reader.layout.segments, item.choices))
    on = [(box, choice) for box, choice in boxes if box.is_on]
    if len({choice for _, choice in on}) == 1:
        return Option(item.path, on[0][0].tokens, on[0][1], given("alone.ticked"))
    return None if boxes else title_option(reader, item)


def _choose_rest(
    reader: Reader, options: dict[str, list[Option]], chosen: dict[str, Option]
) -> None:
    """Give the remaining fields their best option; a printed value serves one field."""
    taken = {option.key: option for option in chosen.values()}
    rest = [
        option
        for path, found in options.items()
        if path not in chosen and _is_open(reader, path)
        for option in found
    ]
    for option in sorted(rest, key=lambda o: -o.score):
        holder = taken.get(option.key)
        if option.path in chosen or option.score < level("kept"):
            continue
        if holder is not None and (holder.hit is None or holder.hit is not option.hit):
            continue
        chosen[option.path] = option
        taken[option.key] = option


def _is_open(reader: Reader, path: str) -> bool:
    item = reader.index.fields[path]
    has_parties = any(f.role is Role.SELLER for f in reader.index.fields.values())
    is_party = item.role is not None and item.kind in (Kind.NAME, Kind.ADDRESS)
    is_party = is_party and not (has_parties and item.role in (Role.BANK, Role.HOLDER))
    if item.kind in OWN_KINDS:
        return False
    if path in amount_paths(reader.index).values():
        return False
    return not (is_party and item.name != "contact")


def _amount_of(index: Index, chosen: dict[str, Option], wanted: str) -> int | None:
    """Return the amount chosen for a concept, in hundredths, or None."""
    found = (chosen.get(path) for path, name in index.concept_of.items() if name == wanted)
    held = next((option.candidate for option in found if option and option.candidate), None)
    return None if held is None else held.value


def _total(index: Index, chosen: dict[str, Option]) -> Option | None:
    for wanted in ("gross", "receipt_total", "amount_due"):
        for path, concept in index.concept_of.items():
            if concept == wanted and path in chosen:
                return chosen[path]
    return None


def _assemble(schema: Schema, options: Iterable[Option]) -> Answer:
    values = _blank(schema)
    probabilities: dict[str, float] = {}
    places: dict[str, Place] = {}
    for option in options:
        _put(schema, values, option.path, option.text)
        probabilities[option.path] = option.probability
        places[option.path] = _place(option)
    return Answer(values, probabilities, places)


def _alternatives(others: dict[str, list[Option]]) -> dict[str, tuple[Alternative, ...]]:
    return {
        path: tuple(Alternative(o.text, _place(o), o.probability) for o in found)
        for path, found in others.items()
        if not path.startswith(HIDDEN)
    }


def _place(option: Option) -> Place:
    first = option.tokens[0]
    box = first.box
    for token in option.tokens[1:]:
        if token.page == first.page:
            box = box.union(token.box)
    return Place(first.page, box)


def _blank(schema: Schema, prefix: str = "") -> Tree:
    """Return a tree of the schema's shape below a prefix: None leaves, empty lists."""
    tree: Tree = {}
    for item in schema.fields:
        if not item.path.startswith(prefix):
            continue
        here, dot, _ = item.path[len(prefix) :].partition(".")
        name = here.removesuffix("[]")
        if here.endswith("[]"):
            tree.setdefault(name, [])
        elif not dot:
            tree[name] = None
        elif name not in tree:
            tree[name] = _blank(schema, f"{prefix}{name}.")
    return tree


def _put(schema: Schema, tree: Tree, path: str, text: str) -> None:
    """Set a leaf; rows come into being as they are named, in order."""
    *parents, leaf = path.split(".")
    node, prefix = tree, ""
    for part in parents:
        match = re.fullmatch(r"(\w+)\[(\d+)\]", part)
        if match is None:
            node, prefix = node[part], f"{prefix}{part}."
            continue
        prefix = f"{prefix}{match[1]}[]."
        rows = node[match[1]]
        while len(rows) <= int(match[2]):
            rows.append(_blank(schema, prefix))
        node = rows[int(match[2])]
    node[leaf.removesuffix("[]")] = text
