"""Merging: first value wins, rows are kept in order, no disagreement is dropped."""

from __future__ import annotations

from dataclasses import replace

from docextract.core import Alternative, Box, Place, Tree
from docextract.engine.base import Answer, StopReason
from docextract.normalise import NOTHING, normalise_tree
from docextract.schema import Schema, leaves
from docextract.schema.loading import load_schema
from docextract.verify.merging import merge_answers, merge_embedded, values_of
from docextract.verify.value import Disagreement, FieldValues

BOX = Box(0, 0, 1, 1)


def test_pages_merge_in_order():
    one = Answer({"n": "1", "t": None, "lines": [{"d": "a"}]}, {"lines[0].d": 0.5})
    two = Answer(
        {"n": None, "t": "9", "lines": [{"d": "b"}]},
        {"lines[0].d": 0.7, "t": 0.9},
        {"lines[0].d": Place(2, BOX)},
        StopReason.LENGTH,
    )
    merged, disagreements = merge_answers([one, two])
    assert merged.values == {"n": "1", "t": "9", "lines": [{"d": "a"}, {"d": "b"}]}
    assert merged.probabilities == {"lines[0].d": 0.5, "lines[1].d": 0.7, "t": 0.9}
    assert merged.places == {"lines[1].d": Place(2, BOX)}
    assert merged.stop_reason is StopReason.LENGTH
    assert disagreements == ()


def test_alternatives_of_all_pages_are_kept():
    one = Answer({"n": "1"}, alternatives={"n": (Alternative("2"),)})
    two = Answer({"n": None}, alternatives={"n": (Alternative("3"),)})
    merged, _ = merge_answers([one, two])
    assert merged.alternatives == {"n": (Alternative("2"), Alternative("3"))}
    assert merge_answers([Answer({}), Answer({})])[0].alternatives is None


def test_what_a_second_reading_says_goes_with_its_value():
    one = Answer({"n": "1", "t": None}, second_odds={"n": 2.5})
    two = Answer({"n": "2", "t": "9"}, second_odds={"n": -1.0, "t": 0.5})
    merged, _ = merge_answers([one, two])
    assert merged.second_odds == {"n": 2.5, "t": 0.5}


def test_pages_that_disagree_are_told():
    merged, disagreements = merge_answers([Answer({"g": {"t": "1"}}), Answer({"g": {"t": "2"}})])
    assert merged.values == {"g": {"t": "1"}}
    assert disagreements == (Disagreement("g.t", "1", "2"),)


def embedded_in(schema: Schema, values: Tree) -> FieldValues:
    """Return values as an e-invoice states them, each quoted as it is written."""
    _, readings = normalise_tree(values, schema)
    return values_of(schema, readings).map(
        lambda item: replace(item, quote=item.value, reading=NOTHING)
    )


def read_in(schema: Schema, values: Tree) -> FieldValues:
    """Return values as they were read from a page."""
    _, readings = normalise_tree(values, schema)
    return values_of(schema, readings)


def disagreements(values: FieldValues) -> list[Disagreement]:
    return [item.disagreement for item in values.values() if item.disagreement is not None]


def test_embedded_wins_and_disagreement_is_kept():
    schema = load_schema("total: money, vendor, note: text, lines: [net: money]")
    embedded: Tree = {"total": "10.00", "vendor": "ACME Ltd", "note": None, "lines": []}
    read = {"total": "11.00", "vendor": "ACME LTD.", "note": "x", "lines": [{"net": "1"}]}
    merged = merge_embedded(embedded_in(schema, embedded), read_in(schema, read))
    assert merged.tree() == {
        "total": "10.00",
        "vendor": "ACME Ltd",
        "note": "x",
        "lines": [{"net": "1"}],
    }
    assert disagreements(merged) == [Disagreement("total", "10.00", "11.00")]
    quotes = {path: item.quote for path, item in merged.items() if item.quote is not None}
    assert quotes == {"total": "10.00", "vendor": "ACME Ltd"}


def test_what_pages_disagree_on_stays_where_embedded_data_agree_with_the_first():
    schema = load_schema("total: money")
    _, readings = normalise_tree({"total": "10.00"}, schema)
    said = Disagreement("total", "10.00", "11.00")
    read = values_of(schema, readings, disagreements=[said])
    merged = merge_embedded(embedded_in(schema, {"total": "10.00"}), read)
    assert disagreements(merged) == [said]


def test_leaves_give_concrete_paths():
    tree = {"a": {"b": None}, "l": [{"x": "1"}, {"x": "2"}], "t": ["u"]}
    assert list(leaves(tree)) == [
        ("a.b", None),
        ("l[0].x", "1"),
        ("l[1].x", "2"),
        ("t[0]", "u"),
    ]


def test_amounts_of_the_page_are_not_mixed_into_those_of_the_xml():
    schema = load_schema("totals: {net: money, gross: money, charges: money}, note: text")
    embedded = {"totals": {"net": "10.00", "gross": "12.00", "charges": None}, "note": None}
    read = {"totals": {"net": "10.00", "gross": "12.00", "charges": "300.00"}, "note": "x"}
    merged = merge_embedded(embedded_in(schema, embedded), read_in(schema, read))
    assert merged.tree() == {**embedded, "note": "x"}


def test_an_address_told_in_other_words_is_no_disagreement():
    schema = load_schema("address, vendor")
    embedded = {"address": "Hans Muster, Kundenstraße 15, 69876 Frankfurt", "vendor": "Aster Ltd"}
    read = {"address": "Kundenstraße 15, DE 69876 Frankfurt", "vendor": "Birchwood Ltd"}
    merged = merge_embedded(embedded_in(schema, embedded), read_in(schema, read))
    assert [item.path for item in disagreements(merged)] == ["vendor"]
