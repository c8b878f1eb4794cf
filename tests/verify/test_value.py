"""One value on its way: every field has exactly one, stages change nothing but their own part."""

from __future__ import annotations

import ast
import datetime as dt
from pathlib import Path
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

import docextract
from docextract.core import (
    Alternative,
    Box,
    Evidence,
    FieldStatus,
    Match,
    OpenedDocument,
    Place,
    ReadOptions,
    Repair,
    WordSource,
)
from docextract.documents.discovery.discover import Discovery
from docextract.documents.opening import open_document
from docextract.documents.pages.parts import collect
from docextract.engine.base import Answer, Question
from docextract.engine.text import TextEngine
from docextract.normalise import NOTHING, normalise_tree
from docextract.pipeline.assess import Judge, Stopwatch
from docextract.schema import leaves
from docextract.schema.loading import load_schema
from docextract.verify.confidence.weights import shipped_calibration
from docextract.verify.merging import merge_answers, merge_embedded, values_of
from docextract.verify.status.field_status import Judgement
from docextract.verify.value import (
    MIN_LEGIBLE,
    Disagreement,
    FieldValue,
    FieldValues,
    Grounded,
)

SCHEMA = load_schema(
    "number: identifier, totals: {net: money, gross: money}, tags: [text],"
    " accounts: [iban: iban, rows: [day: date, amount: money]]"
)
FIELD = SCHEMA.fields[0]
TODAY = dt.date(2026, 11, 23)


def maybe(*texts: str) -> st.SearchStrategy[str | None]:
    return st.none() | st.sampled_from(texts)


ROWS = st.lists(
    st.fixed_dictionaries({}, optional={"day": maybe("2024-03-05"), "amount": maybe("1.00")}),
    max_size=3,
)
ANSWERS = st.fixed_dictionaries(
    {},
    optional={
        "number": maybe("A-1", "B-2"),
        "totals": st.fixed_dictionaries(
            {}, optional={"net": maybe("10.00", "11.00"), "gross": maybe("12.00", "no number")}
        ),
        "tags": st.lists(maybe("red", "blue"), max_size=3),
        "accounts": st.lists(
            st.fixed_dictionaries(
                {}, optional={"iban": maybe("DE89370400440532013000"), "rows": ROWS}
            ),
            max_size=2,
        ),
    },
)


def read(values: dict[str, Any]) -> FieldValues:
    _, readings = normalise_tree(values, SCHEMA)
    return values_of(SCHEMA, readings, Answer(values))


@given(ANSWERS)
def test_values_grow_the_tree_they_were_read_from(answer):
    tree, _ = normalise_tree(answer, SCHEMA)
    values = read(answer)
    assert values.tree() == tree
    assert [(path, item.value) for path, item in values.items()] == list(leaves(tree))


@given(ANSWERS)
def test_every_field_has_exactly_one_value(answer):
    values = read(answer)
    single = [item.path for item in SCHEMA.fields if "[]" not in item.path]
    assert [path for path in values if "[" not in path] == single
    assert all(SCHEMA.field_at(path) is item.field for path, item in values.items())
    assert all(item.path == path for path, item in values.items())


@given(ANSWERS, ANSWERS)
def test_embedded_data_leave_no_field_out_and_none_twice(embedded, page):
    merged = merge_embedded(read(embedded), read(page))
    assert {path for path, _ in leaves(merged.tree())} == set(merged)
    assert set(merged) >= {item.path for item in SCHEMA.fields if "[]" not in item.path}
    stated = {path: item.value for path, item in read(embedded).items() if item.value is not None}
    assert {path: merged.text(path) for path in stated} == stated


@given(ANSWERS)
def test_merging_with_nothing_changes_nothing(answer):
    values = read(answer)
    assert list(merge_embedded(read({}), values).items()) == list(values.items())
    assert merge_embedded(values, read({})).tree() == values.tree()


@given(st.permutations([{"number": "A-1"}, {"totals": {"net": "10.00"}}, {"tags": ["red"]}, {}]))
def test_pages_that_say_different_things_merge_alike_in_any_order(pages):
    merged, disagreements = merge_answers([Answer(page) for page in pages])
    assert disagreements == ()
    values = read(merged.values)
    assert values.text("number") == "A-1"
    assert values.text("totals.net") == "10.00"
    assert (values.num_rows("tags"), values.text("tags[0]")) == (1, "red")


@given(ANSWERS, st.data())
def test_to_put_a_value_changes_its_own_path_alone(answer, data):
    values = read(answer)
    path = data.draw(st.sampled_from(sorted(values)))
    changed = values.put(FieldValue(path, values[path].field, "other"))
    assert list(changed) == list(values), "the order is that of the record"
    assert values.text(path) != "other", "what was there is as it was"
    assert {p: v for p, v in changed.items() if p != path} == {
        p: v for p, v in values.items() if p != path
    }
    assert dict(leaves(changed.tree()))[path] == "other"


def test_a_row_finds_its_place_where_the_answer_has_it():
    """A row that holds nothing is dropped: the second row becomes the first."""
    place = Place(1, Box(0, 0, 1, 1))
    said = {"tags": [None, "red"]}
    answer = Answer(said, {"tags[1]": 0.5}, {"tags[1]": place})
    _, readings = normalise_tree(said, SCHEMA)
    values = values_of(SCHEMA, readings, answer)
    assert list(values)[-1] == "tags[0]"
    assert (values["tags[0]"].place, values["tags[0]"].probability) == (place, 0.5)


def test_what_an_engine_weighed_stays_apart_from_what_it_never_weighs():
    _, readings = normalise_tree({}, SCHEMA)
    weighed = Answer({}, alternatives={"number": (Alternative("B-2"),)})
    values = values_of(SCHEMA, readings, weighed)
    assert values["number"].alternatives == (Alternative("B-2"),)
    assert values["totals.net"].alternatives == ()
    assert values_of(SCHEMA, readings, Answer({}))["number"].alternatives is None


class TestWhatIsStored:
    def test_an_absent_value_has_no_print_whatever_was_read(self):
        refused = NOTHING.of("no number")
        value = FieldValue("number", FIELD, None, refused, disagreement=Disagreement("n", "a", "b"))
        stored = value.to_record()
        assert (stored.status, stored.raw, stored.readings) == (FieldStatus.ABSENT, None, ())

    def test_a_repair_comes_before_a_disagreement(self):
        repair = Repair("number", "sum", "old", "Old", "new")
        value = FieldValue(
            "number", FIELD, "new", repair=repair, disagreement=Disagreement("n", "a", "b")
        )
        assert value.readings == ("new", "old")
        assert value.note == "repaired: was old, sum"

    def test_what_a_closer_look_changed_is_told_after_all_else(self):
        value = FieldValue("number", FIELD, "x", is_unprinted=True, revision="looked closer")
        assert value.note == "embedded data say so; no page prints it; looked closer"

    def test_the_text_of_embedded_data_comes_first(self):
        value = FieldValue("number", FIELD, "x", NOTHING.of("printed"), quote="quoted")
        assert value.raw == "quoted"
        assert value.evidence[0].source.value == "embedded_xml"


def judged_twice(opened: OpenedDocument, schema_name: str) -> tuple[Judgement, Judgement]:
    schema = load_schema(schema_name)
    (answer,) = TextEngine().answer([Question("x", opened.pages, schema)])
    judge = Judge(opened, schema, TODAY, shipped_calibration(), Stopwatch())
    return judge.judge(answer), judge.judge(answer)


def test_a_status_is_final_once_judged(fixtures):
    """Judging again, as after a closer look, gives the same of the same answer."""
    (found,) = Discovery([str(fixtures / "invoices" / "alder-finch.pdf")])
    opened = collect(list(open_document(found.document, ReadOptions())))
    first, again = judged_twice(opened, "invoice")
    assert dict(first.fields) == dict(again.fields)
    present = [value for value in first.fields.values() if value.value is not None]
    assert len(present) > 10
    assert all(value.status is not FieldStatus.ABSENT and value.signals for value in present)
    assert all(value.confidence > 0 for value in present)
    absent = [value for value in first.fields.values() if value.value is None]
    assert {value.status for value in absent} == {FieldStatus.ABSENT}


MAY_HOLD_A_PATH = {
    "FieldValue": "the form itself",
    "Disagreement": "between pages, found before their values are typed",
    "Judgement": "all values of a document, and the tree its schema gives back",
    "PrintedCandidates": "all values of a document",
    "_State": "all values of a document, one of them tried",
}
"""Classes between an answer and a record that hold a leaf's path or values by path."""


def test_a_value_has_one_form_between_the_answer_and_the_record():
    """Rules and what they look at name paths too; they stand in ``checks/``."""
    package = Path(docextract.__file__).parent
    stages = [path for path in (package / "verify").rglob("*.py") if "checks" not in path.parts]
    steps = [package / "pipeline" / f"{name}.py" for name in ("assess", "reask", "revision")]
    trees = [ast.parse(path.read_text(encoding="utf-8")) for path in (*stages, *steps)]
    classes = [node for tree in trees for node in ast.walk(tree) if isinstance(node, ast.ClassDef)]
    assert {node.name for node in classes if holds_a_path(node)} == set(MAY_HOLD_A_PATH)


def holds_a_path(node: ast.ClassDef) -> bool:
    attributes = {
        ast.unparse(item.target): ast.unparse(item.annotation)
        for item in node.body
        if isinstance(item, ast.AnnAssign)
    }
    keyed = ("Tree", "FieldValues", "Mapping[str, ", "dict[str, ")
    plain = "Mapping[str, float]"
    return "path" in attributes or any(
        kind.startswith(keyed) and kind != plain for kind in attributes.values()
    )


def test_print_that_is_hardly_legible_is_not_found_in_place() -> None:
    def at(legibility: float) -> FieldValue:
        evidence = Evidence(1, Box(0.1, 0.1, 0.2, 0.2), "4711", Match.EXACT, WordSource.OCR)
        return FieldValue("number", FIELD, "4711", grounded=(Grounded(evidence, 0.98, legibility),))

    assert at(MIN_LEGIBLE).is_found_in_place
    assert not at(MIN_LEGIBLE - 0.01).is_found_in_place
