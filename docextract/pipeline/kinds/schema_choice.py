"""Chooses among several schemas the one for a document, or none, and says where that is in doubt.

Knows nothing of values. What is doubted is read all the same, with the likeliest schema, and is for
people to look at; what is for none of them is not read at all.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from docextract.core import Check, DocumentKind, OpenedDocument, Outcome
from docextract.pipeline.kinds.kind_check import OTHER_KIND, a, find_other_kind, is_enough, told_of
from docextract.pipeline.kinds.kind_model import shipped_kind_model
from docextract.pipeline.kinds.kind_table import OTHER, schema_of_kind
from docextract.schema import Schema

__all__ = ["Choice", "choose", "is_enough"]

DOUBTFUL_KIND = "doubtful-kind"


class Choice(NamedTuple):
    """The schema for a document.

    Attributes:
        schema: None where none of those asked for is for it.
        kind: what kind of document it was taken for.
        checks: failed ones, where people should look at it for that.
    """

    schema: Schema | None
    kind: DocumentKind
    checks: tuple[Check, ...] = ()


def choose(among: Sequence[Schema], opened: OpenedDocument) -> Choice:
    """Return which of several schemas a document is to be read with."""
    by_kind = told_of(opened)
    schemas = {schema.name: schema for schema in among}
    shares = _shares(by_kind, schemas)
    likeliest = max(shares, key=shares.__getitem__)
    is_sure = shares[likeliest] >= shipped_kind_model().decides_at
    if likeliest == OTHER and is_sure:
        kind = _likeliest_kind(by_kind, OTHER, schemas)
        found = DocumentKind(kind, shares[OTHER])
        return Choice(None, found, (_none_for(kind, among),))
    name = max(schemas, key=lambda name: shares.get(name, 0.0))
    found = DocumentKind(_likeliest_kind(by_kind, name, schemas), shares.get(name, 0.0))
    # What calls itself a reminder is none the less one for having all that an invoice has.
    doubts = find_other_kind(opened, name)
    return Choice(schemas[name], found, doubts if is_sure else (_doubt(by_kind, name, opened),))


def _shares(by_kind: Mapping[str, float], schemas: Mapping[str, Schema]) -> dict[str, float]:
    """Return the probability of each schema, and of none under ``OTHER``."""
    shares: dict[str, float] = {}
    for kind, probability in by_kind.items():
        name = _taker(kind, schemas)
        shares[name] = shares.get(name, 0.0) + probability
    return shares


def _taker(kind: str, schemas: Mapping[str, Schema]) -> str:
    """Return the schema that takes a kind: one of that very name before the one it is like."""
    names = (kind, schema_of_kind(kind))
    return next((name for name in names if name in schemas), OTHER)


def _likeliest_kind(by_kind: Mapping[str, float], name: str, schemas: Mapping[str, Schema]) -> str:
    own = (kind for kind in by_kind if _taker(kind, schemas) == name)
    return max(own, key=by_kind.__getitem__, default=name)


def _doubt(by_kind: Mapping[str, float], name: str, opened: OpenedDocument) -> Check:
    """Return the check that says what else a document could be."""
    if not any(page.words for page in opened.pages):
        told = "nothing on its pages says what kind of document it is"
    else:
        first, second = sorted(by_kind, key=by_kind.__getitem__, reverse=True)[:2]
        shares = f"{100 * by_kind[first]:.0f} and {100 * by_kind[second]:.0f} %"
        told = f"it could be {a(first)} or {a(second)} ({shares})"
    read = name.replace("_", " ")
    return Check(
        DOUBTFUL_KIND,
        Outcome.FAILED,
        (),
        f"{told}; it was read as {a(read)}",
    )


def _none_for(kind: str, among: Sequence[Schema]) -> Check:
    names = ", ".join(schema.name.replace("_", " ") for schema in among)
    told = "no kind that is known" if kind == OTHER else a(kind)
    message = f"it looks like {told}, and was not read: it is none of {names}"
    return Check(OTHER_KIND, Outcome.FAILED, (), message)
