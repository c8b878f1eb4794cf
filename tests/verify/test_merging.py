"""Merging: first value wins, rows are kept in order, no disagreement is dropped."""

from __future__ import annotations

from docextract.engine.base import Alternative, Answer, Place, StopReason
from docextract.records import Box, Tree
from docextract.schema.loading import load_schema
from docextract.verify.merging import Disagreement, leaves, merge_answers, merge_embedded

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


def test_pages_that_disagree_are_told():
    merged, disagreements = merge_answers([Answer({"g": {"t": "1"}}), Answer({"g": {"t": "2"}})])
    assert merged.values == {"g": {"t": "1"}}
    assert disagreements == (Disagreement("g.t", "1", "2"),)


def test_embedded_wins_and_disagreement_is_kept():
    schema = load_schema("total: money, vendor, note: text, lines: [net: money]")
    embedded: Tree = {"total": "10.00", "vendor": "ACME Ltd", "note": None, "lines": []}
    read = {"total": "11.00", "vendor": "ACME LTD.", "note": "x", "lines": [{"net": "1"}]}
    merged = merge_embedded(embedded, read, schema, {"total": "10.00"})
    assert merged.values == {
        "total": "10.00",
        "vendor": "ACME Ltd",
        "note": "x",
        "lines": [{"net": "1"}],
    }
    assert merged.disagreements == (Disagreement("total", "10.00", "11.00"),)
    assert merged.quotes == {"total": "10.00"}


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
    merged = merge_embedded(embedded, read, schema, {})
    assert merged.values == {**embedded, "note": "x"}


def test_an_address_told_in_other_words_is_no_disagreement():
    schema = load_schema("address, vendor")
    embedded = {"address": "Hans Muster, Kundenstraße 15, 69876 Frankfurt", "vendor": "Aster Ltd"}
    read = {"address": "Kundenstraße 15, DE 69876 Frankfurt", "vendor": "Birchwood Ltd"}
    merged = merge_embedded(embedded, read, schema, {})
    assert [item.path for item in merged.disagreements] == ["vendor"]
