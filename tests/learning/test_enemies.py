"""Mistakes, strangers and forgers: what memory must not let them do."""

from __future__ import annotations

import json
from dataclasses import asdict

import pytest
from support.command_line import invoke
from support.learning import confirmed, remembered, sheet_of
from support.pdfs import text_pdf
from support.reviewing import run
from support.slips import page_of_lines

from docextract.core import UsageError
from docextract.learning.clues.clue import Clue, clue_of
from docextract.learning.memory import LayoutMemory, Memory, load_memory
from docextract.schema.loading import load_schema

OWN, FOREIGN = "DE89370400440532013000", "DE75512108001245126199"
HOUSE = (
    "Harbour Joinery Lindqvist",
    "Quay Street 4, 24103 Kiel",
    "Windows Doors Staircases Floors",
)
TERMS = ("Retention of title until settled in full", "Complaints within eight working days please")


def bill(number, total, *, account=OWN, house=HOUSE):
    return [
        *house, "Invoice", f"Invoice no. {number}", "Invoice date 12.03.2026",
        f"Total EUR {total}", f"IBAN {account}", *TERMS,
    ]  # fmt: skip


def draw(folder, name, lines):
    folder.mkdir(exist_ok=True)
    placed = [(60.0, 60.0 + 30 * number, line) for number, line in enumerate(lines)]
    (folder / name).write_bytes(text_pdf(placed))


def records(out):
    lines = (out / "results.jsonl").read_text("utf-8").splitlines()
    return {tree["document"]["path"].rpartition("/")[2]: tree for tree in map(json.loads, lines)}


@pytest.fixture(scope="module")
def taught(tmp_path_factory):
    """An output folder in which three bills of one house were confirmed, and the next was read."""
    out = tmp_path_factory.mktemp("house") / "out"
    inputs = out.parent / "in"
    for number, total in enumerate(("812.50", "95.10", "40.00")):
        draw(inputs, f"{number}.pdf", bill(f"HJ-100{number}", total))
    run(out, inputs)
    for number in range(3):
        said = f"seller.name={HOUSE[0]}", f"payment.iban={OWN}", "invoice_number"
        told = invoke("correct", out, f"{number}.pdf", *said)
        assert told.exit_code == 0, told.output
    draw(inputs, "honest.pdf", bill("HJ-1007", "71.00"))
    forged = bill("HJ-1008", "7100.00", account=FOREIGN)
    draw(inputs, "forged.pdf", forged)
    draw(inputs, "both.pdf", [*forged, f"Our account {OWN} is closed"])
    draw(
        inputs,
        "neighbour.pdf",
        bill(
            "OM-9",
            "71.00",
            account=FOREIGN,
            house=("Oslo Mills", "Fjordgata 2, 0150 Oslo", HOUSE[2]),
        ),
    )
    run(out, inputs)
    return out


@pytest.mark.parametrize("name", ["forged.pdf", "both.pdf"])
def test_a_copied_letterhead_with_another_account_is_never_taken_for_the_house(taught, name):
    tree = records(taught)[name]
    field = tree["fields"]["payment.iban"]
    assert tree["status"] == "review"
    assert field["status"] == "conflict"
    assert field["readings"] == [FOREIGN, OWN]
    assert any(OWN in reason for reason in tree["review_reasons"])
    assert "another account than before" in field["note"]


def test_an_honest_bill_of_the_house_is_as_sure_as_before(taught):
    field = records(taught)["honest.pdf"]["fields"]["payment.iban"]
    assert (field["status"], field["raw"]) == ("verified", OWN)
    assert "as in 3 documents" in field["note"]


def test_another_party_on_the_same_template_gets_the_record_it_would_have_without(taught, tmp_path):
    run(tmp_path / "fresh", taught.parent / "in" / "neighbour.pdf")
    own, fresh = (records(it)["neighbour.pdf"] for it in (taught, tmp_path / "fresh"))
    assert own == fresh


def test_a_bank_that_really_changed_is_asked_for_once(taught):
    assert invoke("correct", taught, "forged.pdf", f"payment.iban={FOREIGN}").exit_code == 0
    draw(taught.parent / "in", "moved.pdf", bill("HJ-1010", "10.00", account=FOREIGN))
    run(taught, taught.parent / "in")
    assert records(taught)["moved.pdf"]["fields"]["payment.iban"]["status"] == "verified"


SCHEMA = load_schema("vendor: name, ticket: identifier, total: money")


def test_a_total_confirmed_by_mistake_is_outweighed_by_the_documents_after_it():
    pages = [
        sheet_of("AK-1", "8.50", "1.50"),
        sheet_of("AK-2", "9.50", "2.50"),
        sheet_of("AK-3", "7.70", "3.50"),
    ]
    memory = confirmed(SCHEMA, pages[:1], [{"total": "1.50"}])
    assert remembered(SCHEMA, memory, pages[1]).text("total") == "2.50"
    memory = confirmed(SCHEMA, pages[:2], [{"total": "1.50"}, {"total": "9.50"}])
    assert remembered(SCHEMA, memory, pages[2]).text("total") != "3.50"
    memory = confirmed(SCHEMA, pages, [{"total": "1.50"}, {"total": "9.50"}, {"total": "7.70"}])
    assert remembered(SCHEMA, memory, sheet_of("AK-4", "6.60", "4.50")).text("total") == "6.60"


def test_a_name_mistyped_once_is_forgotten_over_the_right_ones():
    pages = [sheet_of(f"AK-{number}", "8.50", "1.50") for number in range(4)]
    said = [{"vendor": "Orchad Lane"}, {"vendor": "Orchard Lane"}, {"vendor": "Orchard Lane"}]
    found = remembered(SCHEMA, confirmed(SCHEMA, pages[:3], said), pages[3])["vendor"]
    assert found.value == "Orchard Lane"


def test_a_business_under_another_name_at_the_same_address_is_another_party():
    schema = load_schema("vendor: name, place: address, currency: currency, day: date")
    lines = ("Bakery Bread Rolls Cakes Coffee", "Quay Street 4, 24103 Kiel", "Day 12.03.2026")
    old, new = (page_of_lines(name, *lines) for name in ("Orchard Lane", "Miller & Daughters"))
    said = {"vendor": "Orchard Lane", "place": lines[1], "currency": "EUR", "day": "2026-03-12"}
    memory = confirmed(schema, [old], [said])
    own, other = (remembered(schema, memory, it, currency="EUR") for it in (old, new))
    assert own["currency"].memory is not None
    assert other["currency"].memory is None


def test_two_vendors_of_one_name_are_two_layouts():
    bakery = ("Bakery Bread Rolls Cakes Coffee", "Biscuits Flour Mill Oven Early")
    pages = [sheet_of("AK-1", "8.50", "1.50"), sheet_of("ZZ/9", "5.00", "2.00", bakery)]
    said = [{"seller.name": "Baker", "ticket": ticket} for ticket in ("AK-1", "ZZ/9")]
    memory = confirmed(SCHEMA, pages, said)
    assert [layout.name for layout in memory.layouts] == ["Baker", "Baker"]
    assert len({layout.id for layout in memory.layouts}) == 2
    assert remembered(SCHEMA, memory, pages[0]).text("ticket") == "AK-1"
    assert len(memory.without(memory.layouts[0].id).layouts) == 1


def clue(**odd):
    return asdict(Clue(label="total")) | odd


@pytest.mark.parametrize(
    "odd",
    [
        {"label": 7}, {"label": None}, {"label": "x" * 100_000}, {"left": "far"}, {"who": "me"},
        {"left": float("nan")}, {"down": 1e999}, {"num_right": -3}, {"num_right": 2.5},
        {"num_wrong": True}, {"is_by_hand": 1}, {"near": 3}, {"near": [["a", "b", "c"]]},
        {"near": [["a", float("inf"), 0]]},
    ],
)  # fmt: skip
def test_a_clue_of_odd_content_is_refused(odd, tmp_path):
    with pytest.raises((ValueError, TypeError)):
        clue_of(clue(**odd))
    memory = json.loads(
        Memory((LayoutMemory("invoice", "n", clues={"total": (Clue(label="a"),)}),)).to_json()
    )
    memory["layouts"][0]["clues"]["total"] = [clue(**odd)]
    path = tmp_path / "memory.json"
    path.write_text(json.dumps(memory))
    with pytest.raises(UsageError):
        load_memory(path)


def test_half_a_character_in_a_shared_file_is_refused_before_anything_is_written(tmp_path):
    text = Memory((LayoutMemory("invoice", "HERE"),)).to_json().replace("HERE", "\\ud800")
    with pytest.raises(UsageError):
        Memory.from_json(text)


def test_names_in_a_shared_file_cannot_act_on_a_terminal(tmp_path):
    path = tmp_path / "shared.json"
    odd = LayoutMemory(
        "inv\x1b[2J",
        "n\x1b[31m",
        documents=("d\x1b]0;",),
        clues={"t\x1b[1m": (Clue(label="a\x1bb"),)},
    )
    path.write_text(Memory((odd,)).to_json(), "utf-8")
    assert "\x1b" not in invoke("learned", path).stdout
