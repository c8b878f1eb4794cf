"""The table of equations: every name has its place, every sum can be turned around."""

from __future__ import annotations

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from docextract.engine.text.labels.index import build_index
from docextract.schema.equations import (
    AMOUNTS,
    EQUATIONS,
    INVOICE,
    PRINTED,
    RECEIPT,
    STATEMENT,
    TAX_ROW,
    TOTALS,
    WHOLE,
    PrintedSum,
    Sum,
    beside,
    canonical,
    terms_of,
)
from docextract.schema.loading import load_schema
from docextract.schema.vocabulary import concepts

SUMS = [equation for equation in EQUATIONS if isinstance(equation, Sum)]
WAYS = [(equation, way) for equation in SUMS for way in equation.ways]
SCHEMAS = {
    "invoice": (INVOICE, set()),
    # Of schemas that others write: our receipt has none of these.
    "receipt": (RECEIPT, {"plain_tax", "payment", "rounding", "line_discount"}),
    "bank_statement": (STATEMENT, set()),
}

equations = pytest.mark.parametrize("equation", EQUATIONS, ids=lambda item: item.id)
ways = pytest.mark.parametrize(
    ("equation", "way"), WAYS, ids=[f"{e.id}: {w.text}" for e, w in WAYS]
)
printed = pytest.mark.parametrize("item", PRINTED, ids=lambda item: " ".join(item.names))


def names_in(text: str) -> list[str]:
    return [name for term in terms_of(text) for name in term.names]


def test_an_id_stands_once_in_a_kind_of_document() -> None:
    counts = Counter((equation.id, id(equation.places)) for equation in EQUATIONS)
    assert set(counts.values()) == {1}


@equations
def test_what_is_asked_for_and_calculated_has_a_place(equation: Sum) -> None:
    assert equation.asked
    assert {equation.result, *equation.asked} <= equation.places.keys()


@ways
def test_the_text_of_a_way_is_read_to_its_end(equation: Sum, way) -> None:
    terms = terms_of(way.text)
    signs = {1: "+", -1: "-"}
    parts = [f"{signs[t.sign]} {'|'.join(t.names)}{'?' * t.is_optional}" for t in terms]
    assert " ".join(parts).removeprefix("+ ") == way.text
    assert set(names_in(way.text)) <= equation.places.keys() - {equation.result}


@ways
def test_the_text_engine_leaves_out_only_what_may_be_absent(equation: Sum, way) -> None:
    optional = {name for term in terms_of(way.text) for name in term.names if term.is_optional}
    assert set(way.unread) <= optional
    assert way.is_checked or way.is_read


@pytest.mark.parametrize("name", SCHEMAS)
def test_every_place_is_a_field_whose_labels_mean_that_amount(name: str) -> None:
    places, foreign = SCHEMAS[name]
    concept_of = build_index(load_schema(name)).concept_of
    found = {key: canonical(concept_of.get(path, "")) for key, path in places.items()}
    assert {key: concept for key, concept in found.items() if concept} == {
        key: canonical(key) for key in places.keys() - foreign
    }


@printed
def test_the_text_engine_knows_labels_of_all_that_it_adds_up(item: PrintedSum) -> None:
    assert set(item.names) <= concepts().keys()


def test_no_sum_is_read_twice() -> None:
    assert len({(item.result, frozenset(item.terms)) for item in PRINTED}) == len(PRINTED)


@printed
@given(data=st.data())
def test_any_amount_of_a_sum_follows_from_the_others(item: PrintedSum, data) -> None:
    summands = data.draw(st.lists(st.integers(0, 10**9), min_size=9, max_size=9))
    amounts = dict(zip(item.summands, summands, strict=False))
    amounts[item.result] = item.of(*amounts.values())
    assert item.excess(amounts) == 0
    for name in item.names:
        rest = {other: amount for other, amount in amounts.items() if other != name}
        assert item.missing(name, rest) == amounts[name]


@given(base=st.integers(0, 10**9), rate=st.integers(0, 4000))
def test_the_tax_on_a_base_is_the_tax_within_both_together(base: int, rate: int) -> None:
    tax = TAX_ROW.of(base, rate, WHOLE)
    assert TAX_ROW.within(base + tax, rate, WHOLE) == pytest.approx(tax)


def test_labels_that_name_totals_follow_from_the_table() -> None:
    assert {"line_total", "net", "tax", "gross", "receipt_total", "amount_due"} == TOTALS
    assert {"paid", "charges", "discount", "tip", "rounding", "cash_given", "change"} == (
        AMOUNTS - TOTALS
    )


def test_what_stands_beside_net_and_tax_follows_from_the_table() -> None:
    assert beside("gross", "net", "tax") == {"charges", "discount", "tip", "rounding"}
    assert beside("gross", "net", signs=(1,)) == {"tax", "charges", "tip", "rounding"}
    assert beside("net", "line_total") == {"charges", "discount"}
