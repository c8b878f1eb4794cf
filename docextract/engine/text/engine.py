"""Answers without a model: labels, types, geometry and arithmetic fill any schema.

Knows nothing of how words were read, nor of normalising, validation or grounding.
"""

from __future__ import annotations

from functools import partial, reduce
from typing import Any, NamedTuple

from docextract.core import Alternative, Box, Place
from docextract.engine.base import Answer, Question
from docextract.engine.text.fields.bank_accounts import accounts_to_pay
from docextract.engine.text.fields.bare_dates import placed_dates, weighed_date
from docextract.engine.text.fields.chosen import choose_rest, doubted, remaining_options
from docextract.engine.text.fields.labelled import field_options
from docextract.engine.text.fields.other_papers import (
    apart_from_sentences,
    weighed_numbers,
)
from docextract.engine.text.fields.titled_numbers import titled_options
from docextract.engine.text.fields.unlabelled import unlabelled
from docextract.engine.text.labels.hidden_columns import HIDDEN, hidden_tables, with_table
from docextract.engine.text.labels.index import build_index
from docextract.engine.text.parties.choose_parties import find_parties
from docextract.engine.text.parties.contacts import OWN_KINDS, owned_options, party_options
from docextract.engine.text.second_reading.reconsidered import reconsidered
from docextract.engine.text.second_reading.reconsidered_parties import (
    odds_of_party,
    reconsidered_parties,
)
from docextract.engine.text.second_reading.second_opinion import SecondReading
from docextract.engine.text.tables.list_rows import list_rows
from docextract.engine.text.tables.table_reader import find_tables
from docextract.engine.text.text_document import Index, Option, Reader, level
from docextract.engine.text.totals.adjustments import close_items, items_alone
from docextract.engine.text.totals.choose_totals import end_of_items, settle_totals
from docextract.engine.text.totals.joint_choice import amount_paths
from docextract.schema import Field, Kind, Role, Schema

_OF_PARTIES = (Kind.NAME, Kind.ADDRESS)
_BESIDE_SELLERS = (Role.BANK, Role.HOLDER)
"""Roles of which no party is found where a seller is asked for."""


def index_for(schema: Schema) -> Index:
    """Return how the fields of a schema may be announced; build it once per schema."""
    return build_index(with_table(schema))


def answer_to(question: Question, index: Index) -> Answer:
    """Return the answer to a question, from the words of its pages and the index of its schema."""
    schema, reader = question.schema, Reader.of(question.pages, index)
    found = _read(reader, schema) if reader.layout.lines else _Found([], {}, {})
    values = _blank(schema.shape)
    for option in found.options:
        _put(schema.shape, values, option.path, option.text)
    return Answer(
        values,
        probabilities={option.path: option.probability for option in found.options},
        places={option.path: _place(option) for option in found.options},
        second_odds=found.second_odds,
        usage={"words": float(sum(len(page.words) for page in question.pages))},
        alternatives={
            path: tuple(Alternative(o.text, _place(o), o.probability) for o in others)
            for path, others in found.others.items()
        },
    )


class _Found(NamedTuple):
    """The chosen options; by field path those that were not, and what a second reading says."""

    options: list[Option]
    others: dict[str, list[Option]]
    second_odds: dict[str, float]


def _read(reader: Reader, schema: Schema) -> _Found:
    fields = reader.index.fields.values()
    own = [p for p in schema.list_paths if any(_is_cell(reader, f, p) for f in fields)]
    tables = find_tables(reader, (*own, *hidden_tables(schema)))
    in_tables = {key for table in tables for key in table.segments}
    options, second = _options(reader, in_tables), SecondReading(reader, in_tables)
    chosen = _chosen(reader, options, in_tables, second)
    others = remaining_options(reader, accounts_to_pay(reader, options, chosen), chosen)
    tax, whole = _amount(reader, chosen, "tax"), _amount(reader, chosen, "receipt_total")
    end = end_of_items(reader, chosen)
    rows = list(list_rows(reader, own, tables, end, tax, whole))
    rows = items_alone(reader, chosen, rows)
    chosen = close_items(reader, chosen, rows)
    asked = [_in_first_row(o) for o in chosen.values() if not o.path.startswith(HIDDEN)]
    left = {
        path.replace("[]", "[0]"): found
        for path, found in others.items()
        if not path.startswith(HIDDEN)
    }
    odds = ((o.path, second.odds_of(o)) for o in asked)
    return _Found([*asked, *rows], left, {path: it for path, it in odds if it is not None})


def _amount(reader: Reader, chosen: dict[str, Option], concept: str) -> int | None:
    found = (chosen[path].candidate for path in reader.index.paths_of(concept) if path in chosen)
    return next((amount.value for amount in found if amount), None)


def _is_cell(reader: Reader, item: Field, list_path: str) -> bool:
    return item.list_path == list_path and not reader.index.is_header(item)


def _in_first_row(option: Option) -> Option:
    return option.at(option.path.replace("[]", "[0]")) if "[]" in option.path else option


def _options(reader: Reader, in_tables: set[int]) -> dict[str, list[Option]]:
    """Return by field path, best first, what labels announce, before it what places give away."""
    options = field_options(reader, in_tables)
    for path, found in options.items():
        if reader.index.fields[path].kind is Kind.IDENTIFIER:
            found = weighed_numbers(reader, found)
        weighed = (weighed_date(reader, option) for option in found)
        options[path] = sorted(weighed, key=lambda option: -option.score)
    for option in (*placed_dates(reader), *titled_options(reader)):
        options.setdefault(option.path, []).insert(0, option)
    return {
        path: apart_from_sentences(reader, found)
        if reader.index.concept_of[path] == "invoice_number"
        else found
        for path, found in options.items()
    }


def _chosen(
    reader: Reader,
    options: dict[str, list[Option]],
    in_tables: set[int],
    second: SecondReading,
) -> dict[str, Option]:
    """Return one option per header: amounts and parties first, then labels, then bare values."""
    parties = find_parties(reader, in_tables, partial(odds_of_party, reader, second))
    parties = reconsidered_parties(reader, second, parties)
    chosen = settle_totals(reader, options, reader.all_money(), in_tables)
    for option in party_options(reader, parties):
        held = chosen.get(option.path)
        if held is None or option.score > held.score:
            chosen[option.path] = option
    chosen |= owned_options(reader, options, parties)
    is_open = _open_paths(reader)
    options = accounts_to_pay(reader, options, chosen)
    choose_rest({path: options[path] for path in options if path in is_open}, chosen)
    for path in reader.index.headers:
        held, item = chosen.get(path), reader.index.fields[path]
        is_doubted = held is not None and held.score <= level("doubted")
        if held is None or (is_doubted and path in reader.index.paths_of("issue_date")):
            found = unlabelled(reader, item, chosen)
            chosen |= {path: found} if found else {}
    return doubted(reader, options, reconsidered(reader, second, options, chosen))


def _open_paths(reader: Reader) -> set[str]:
    """Return the paths of the fields that are neither settled together nor with a party."""
    fields = reader.index.fields.values()
    shut = set(_BESIDE_SELLERS if any(f.role is Role.SELLER for f in fields) else ())
    return {
        item.path
        for item in fields
        if item.kind not in OWN_KINDS
        if item.kind not in _OF_PARTIES or item.role in {None, *shut} or item.name == "contact"
    } - set(amount_paths(reader.index).values())


def _place(option: Option) -> Place:
    page = option.tokens[0].page
    return Place(page, reduce(Box.union, (t.box for t in option.tokens if t.page == page)))


def _blank(shape: Any) -> Any:
    """Return a tree of a schema's shape: None leaves, empty lists."""
    if isinstance(shape, dict):
        return {name: _blank(inner) for name, inner in shape.items()}
    return [] if isinstance(shape, list) else None


def _put(shape: Any, tree: Any, path: str, text: str) -> None:
    """Set a leaf; rows come into being as they are named, in order."""
    *parents, leaf = path.split(".")
    for part in parents:
        name, _, row = part.partition("[")
        shape, tree = shape[name], tree[name]
        if row:
            shape, number = shape[0], int(row[:-1])
            tree += [_blank(shape) for _ in range(len(tree), number + 1)]
            tree = tree[number]
    tree[leaf.removesuffix("[]")] = text
