"""A dataset teaches only what is printed, tells what it leaves out, and is made alike twice."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.processes import docextract
from support.reviewing import correct, read_invoices
from support.slips import SCHEMA, SLIPS, copy_slips, page_of_lines, slip_dataset

from docextract.core import UsageError
from docextract.review.desk.desk import Desk
from docextract.review.desk.sayings import Saying
from docextract.review.labels.label import Action
from docextract.schema.loading import load_schema
from docextract.training.collect.labelled_documents import Labelled
from docextract.training.collect.near_duplicates import near_duplicates
from docextract.training.collect.printed_answer import printed
from docextract.training.collect.question_kinds import Mixture, Subject, questions
from docextract.training.collect.split_groups import SplitRule, divide, seller_field, without_twins
from docextract.training.dataset.dataset_folder import read_dataset
from docextract.training.dataset.item import ItemKind, Split
from docextract.training.dataset.left_out import LeftOut, Why, reasons

A_FILE = Path("a.pdf")


def data(out, slips, *more, check=0, cwd):
    return docextract(
        "train", "data", out, "--schema", SCHEMA, "--truth", slips / "truth.jsonl", "--words",
        slips / "words.jsonl", *more, cwd=cwd, check=check,
    )  # fmt: skip


def test_the_same_input_gives_the_same_bytes(tmp_path):
    first, second = (slip_dataset(tmp_path / name).folder for name in "ab")
    for name in ("items.jsonl", "left_out.jsonl", "pages.jsonl", "dataset.json"):
        assert (first / name).read_bytes() == (second / name).read_bytes()


def test_what_was_written_is_read_back(tmp_path):
    made = slip_dataset(tmp_path / "data")
    found = read_dataset(tmp_path / "data")
    assert (found.items, found.pages) == (made.items, made.pages)
    for name, schema in made.schemas.items():
        assert found.schemas[name].fields == schema.fields
    assert found.digest == made.digest


def test_a_dataset_that_was_changed_is_refused(tmp_path):
    slip_dataset(tmp_path / "data")
    items = tmp_path / "data/items.jsonl"
    items.write_text(items.read_text("utf-8").replace("INV-", "INVX", 1), "utf-8")
    with pytest.raises(UsageError, match="digest"):
        read_dataset(tmp_path / "data")


def test_every_answer_is_printed_on_its_page(tmp_path):
    made = slip_dataset(tmp_path / "data")
    words = {}
    for line in (SLIPS / "words.jsonl").read_text("utf-8").splitlines():
        row = json.loads(line)
        words[row["file"]] = " ".join(text for text, *_ in row["words"])
    asked = [item for item in made.items if item.kind is ItemKind.FIELDS]
    assert asked
    for item in asked:
        text = words[item.path.rpartition("/")[2]]
        assert all(value is None or value in text for value in item.answer.values())


def test_held_out_groups_share_no_vendor_with_training(tmp_path):
    made = slip_dataset(tmp_path / "data", held_out=0.3)
    sides = {side: {item.group for item in made.of(side)} for side in (Split.TRAIN, Split.HELD_OUT)}
    assert all(sides.values())
    assert sides[Split.TRAIN].isdisjoint(sides[Split.HELD_OUT])
    vendors = {
        side: {item.answer.get("vendor") for item in made.of(side) if item.is_whole}
        for side in sides
    }
    assert vendors[Split.TRAIN].isdisjoint(vendors[Split.HELD_OUT])


def test_null_is_taught_only_where_the_truth_says_so():
    schema = load_schema("number: id, total: money, tax: money")
    page = page_of_lines("Invoice", "No A-17", "Total 12.50")
    known = printed(
        Labelled(A_FILE, "", schema, {"number": "A-17", "tax": None, "total": "99"}), [page]
    )
    assert known.leaves["number"].text == "A-17"
    assert known.leaves["tax"].text is None
    assert known.lost == (("total", Why.NOT_FOUND_PRINTED),)
    unknown = printed(Labelled(A_FILE, "", schema, {"number": "A-17"}), [page])
    assert "tax" not in unknown.leaves


def test_a_value_printed_in_two_ways_is_left_out():
    schema = load_schema("due: money, other: money")
    page = page_of_lines("1,234.50 and 1234.50")
    known = printed(Labelled(A_FILE, "", schema, {"due": "1234.50"}), [page])
    assert known.lost == (("due", Why.TWO_PLACES),)


def test_a_row_of_which_a_member_is_not_found_leaves_the_whole_list_out():
    schema = load_schema("lines: [name: text, net: money]")
    page = page_of_lines("Tea 1.50", "Cake 2.50")
    whole = [{"name": "Tea", "net": "1.50"}, {"name": "Cake", "net": "2.50"}]
    known = printed(Labelled(A_FILE, "", schema, {"lines": whole}), [page])
    assert [row["net"].text for row in known.lists["lines"]] == ["1.50", "2.50"]
    broken = [whole[0], {"name": "Cake", "net": "7.77"}]
    known = printed(Labelled(A_FILE, "", schema, {"lines": broken}), [page])
    assert known.lists == {}
    assert known.lost == (("lines", Why.ROW_NOT_FOUND),)


def test_weights_of_a_document_sum_to_one_and_every_kind_is_asked():
    schema = load_schema("number: id, total: money, tax: money, date: date")
    page = page_of_lines("Invoice", "No A-17", "Date 2024-03-05", "Total 12.50")
    values = {"number": "A-17", "total": "12.50", "tax": None, "date": "2024-03-05"}
    known = printed(Labelled(A_FILE, "", schema, values), [page])
    subject = Subject("a.pdf", "0" * 64, (page,), schema, known)
    items = questions(subject, Mixture.parse("whole,subset,single,closer,ask,text"), 3)
    assert sum(item.weight for item in items) == pytest.approx(1, abs=1e-4)
    assert {item.kind for item in items} == set(ItemKind)
    assert any(item.is_closer and item.focus for item in items)
    assert sum(item.is_whole for item in items) == 1


@given(
    st.dictionaries(st.text("abc", min_size=1), st.sampled_from("uvwxyz"), min_size=2),
    st.floats(0, 0.9),
    st.integers(0, 5),
)
def test_a_group_stands_on_one_side(groups, share, seed):
    sides = divide(groups, share, seed)
    assert sides.keys() == groups.keys()
    for group in groups.values():
        assert len({sides[key] for key, other in groups.items() if other == group}) == 1
    assert Split.TRAIN in sides.values()


def test_near_equal_documents_are_moved_to_one_side():
    lines = [f"word{number} again{number} and{number}" for number in range(20)]
    pages = {
        "a": [page_of_lines(*lines)],
        "b": [page_of_lines(*lines[:-1], "word19 again19 other")],
        "c": [page_of_lines(*[line[::-1] for line in lines])],
    }
    assert list(near_duplicates(pages)) == [("a", "b")]
    sides = {"a": Split.TRAIN, "b": Split.HELD_OUT, "c": Split.HELD_OUT}
    fixed, moved = without_twins(sides, [("a", "b")])
    assert moved == ["b"]
    assert fixed["c"] is Split.HELD_OUT


def test_the_seller_names_the_group():
    assert seller_field(load_schema("invoice")) == "seller.name"
    assert seller_field(load_schema("number: id, total: money")) is None
    assert SplitRule("file").text == "file"
    with pytest.raises(UsageError):
        SplitRule("colour")


def test_a_mixture_names_kinds():
    assert Mixture.parse("whole=3,text=1").shares == {"whole": 0.75, "text": 0.25}
    for wrong in ("", "whole=x", "poem", "whole=-1"):
        with pytest.raises(UsageError):
            Mixture.parse(wrong)


def test_reasons_are_counted():
    rows = [LeftOut("a", "", Why.FILE_MISSING), LeftOut("b", "", Why.FILE_MISSING)]
    assert reasons(rows) == [("file missing", 2)]


def test_too_few_documents_are_refused_unless_forced(tmp_path):
    slips = copy_slips(tmp_path / "few", 5)
    done = data("data", slips, check=2, cwd=tmp_path)
    assert "only 5 documents" in done.stderr
    done = data("data", slips, "--force", cwd=tmp_path)
    assert "will mean nothing" in done.stderr


def test_missing_and_changed_files_are_left_out_and_counted(tmp_path):
    slips = copy_slips(tmp_path / "slips", 23)
    (slips / "slip-00003.png").unlink()
    done = data("data", slips, cwd=tmp_path)
    assert "left out 1: file missing" in done.stderr
    rows = [
        json.loads(line) for line in (tmp_path / "data/left_out.jsonl").read_text().splitlines()
    ]
    assert [row["why"] for row in rows if row["document"] == "slip-00003.png"] == ["file missing"]


def test_all_files_missing_is_exit_7(tmp_path):
    slips = copy_slips(tmp_path / "slips", 22)
    for path in slips.glob("*.png"):
        path.unlink()
    assert "file missing" in data("data", slips, check=7, cwd=tmp_path).stderr


def test_no_usable_label_is_exit_2_with_the_reasons(tmp_path):
    slips = copy_slips(tmp_path / "slips", 21)
    truth = slips / "truth.jsonl"
    rows = [json.loads(line) for line in truth.read_text("utf-8").splitlines()]
    wrong = [{"file": row["file"], "values": {"number": "ZZ-000000"}} for row in rows]
    truth.write_text("".join(json.dumps(row) + "\n" for row in wrong), "utf-8")
    done = data("data", slips, "--questions", "whole", check=2, cwd=tmp_path)
    assert "printed form not found" in done.stderr


def test_a_run_teaches_what_it_has_verified(tmp_path, fixtures):
    shutil.copytree(fixtures / "invoices", tmp_path / "in")
    docextract("run", "in", "--schema", "invoice", "--no-embedded", "-q", cwd=tmp_path)
    docextract(
        "train", "data", "data", "--schema", "invoice", "--run", "out", "--force", cwd=tmp_path,
        check=0,
    )  # fmt: skip
    made = read_dataset(tmp_path / "data")
    assert made.about["sources"]["verified"] > 8
    for item in made.items:
        if item.kind is ItemKind.FIELDS:
            assert None not in item.answer.values()


def test_what_people_said_of_a_run_is_taught_before_what_it_read(tmp_path):
    read_invoices(tmp_path / "out", "luminosa.pdf", "copperleaf.pdf")
    desk = Desk.open(tmp_path / "out", reviewer="anna")
    read = desk.find("luminosa.pdf").tree
    # Another number that is printed there; what is said to be absent; what is not printed at all.
    correct(desk, "luminosa.pdf", "invoice_number", read["values"]["seller"]["tax_id"])
    correct(desk, "luminosa.pdf", "purchase_order", "ZZ-0000")
    desk.say(read["document"]["sha256"], Saying("due_date", Action.ABSENT))
    docextract(
        "train", "data", "data", "--schema", "invoice", "--run", "out", "--from", "corrected",
        "--force", cwd=tmp_path, check=0,
    )  # fmt: skip
    made = read_dataset(tmp_path / "data")
    assert made.about["sources"] == {"corrected": 1}
    (whole,) = (item for item in made.items if item.is_whole)
    assert whole.answer == {"invoice_number": read["values"]["seller"]["tax_id"], "due_date": None}
    assert set(whole.origin.values()) == {"corrected"}
    (lost,) = map(json.loads, (made.folder / "left_out.jsonl").read_text("utf-8").splitlines())
    assert (lost["field"], lost["why"]) == ("purchase_order", Why.NOT_FOUND_PRINTED.value)
    docextract(
        "train", "data", "more", "--schema", "invoice", "--run", "out", "--force",
        cwd=tmp_path, check=0,
    )  # fmt: skip
    more = read_dataset(tmp_path / "more")
    assert more.about["sources"] == {"corrected": 1, "verified": 1}
    first = whole.sha256
    whole = next(item for item in more.items if item.is_whole and item.sha256 == first)
    assert whole.answer["invoice_number"] == read["values"]["seller"]["tax_id"]
    assert len(whole.fields) > 4


def test_text_alone_gives_pages_to_copy(tmp_path):
    made = slip_dataset(tmp_path / "data", with_labels=False)
    assert {item.kind for item in made.items} == {ItemKind.TEXT}
    assert all("\n" in item.answer["answer"] for item in made.items)
