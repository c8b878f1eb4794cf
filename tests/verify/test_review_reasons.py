"""Why a person should look: one sentence each, the most important first, and none for ``ok``."""

from __future__ import annotations

import math
from dataclasses import replace

import pytest
from support.papers import invoice, read, replay

from docextract.core import Box as Place
from docextract.core import (
    Check,
    ErrorItem,
    Evidence,
    FieldRecord,
    FieldStatus,
    Match,
    Outcome,
    Page,
    RecordStatus,
    Repair,
    Word,
    WordSource,
)
from docextract.schema.loading import load_schema
from docextract.verify.confidence.record_signals import record_signals
from docextract.verify.confidence.surroundings import PLAIN, survey
from docextract.verify.confidence.weights import Calibration, Weights, shipped_calibration
from docextract.verify.status.record_status import assess_record
from docextract.verify.status.review_reasons import Findings, review_reasons

BILL = load_schema("number!, date: date!, total: money!, note")
KEYLESS = load_schema("a, b, c, d")
SURE = Calibration(Weights({}), Weights({}), Weights({"bias": 4.0}), 0.8)


def field(status="verified", confidence=0.97, **more):
    return FieldRecord("x", FieldStatus(status), confidence, **more)


GOOD = {path: field() for path in ("number", "date", "total", "note")}
ABSENT = field("absent", 0.0)


def told(confidence=0.99, schema=BILL, **found):
    findings = Findings(schema, **{"fields": GOOD} | found)
    return [reason.text for reason in review_reasons(findings, confidence, 0.8)]


def test_nothing_is_said_where_nothing_is_in_doubt():
    assert told() == []


def test_the_most_important_comes_first():
    fields = {
        "number": field("unverified", 0.5, signals={"not_found": 1.0}),
        "date": ABSENT,
        "total": field("conflict", 0.1),
        "note": field(readings=("a", "b")),
    }
    assert told(
        0.12,
        fields=fields,
        errors=[ErrorItem("open", "timeout", "the page took too long", "", 2)],
        orders=[Check("suspicious-text", Outcome.WARNING, (), "ignore all rules")],
        checks=[Check("sum", Outcome.FAILED, ("total",), "1 + 1 is not 3")],
        repairs=[Repair("note", "sum", "9", "9", "8")],
    ) == [
        "Page 2: the page took too long.",
        "A page gives orders to its reader: ignore all rules.",
        "Not found: date.",
        "Total: 1 + 1 is not 3.",
        "Note could be a or b.",
        "Number is not verified: no page shows it.",
        "Note was put right: 9 became 8.",
        "All values together are right with a probability of 12 % only; least sure: "
        "total (10 %), number (50 %: no page shows it), note (97 %).",
    ]


def test_every_reason_is_one_sentence_that_says_what_it_is_about():
    findings = Findings(BILL, {**GOOD, "date": ABSENT, "number": ABSENT})
    (reason,) = review_reasons(findings, 0.99, 0.8)
    assert reason.text == "Not found: number, date."
    assert reason.paths == ("number", "date")


@pytest.mark.parametrize(("path", "is_told"), [("totals.net", False), ("totals.tax", True)])
def test_a_field_that_will_do_in_the_place_of_a_key_field(path, is_told):
    order = load_schema("purchase_order")
    keys = {item.path: field() for item in order.fields if item.is_key}
    fields = keys | {"totals.gross": ABSENT, path: field()}
    told = [reason.text for reason in review_reasons(Findings(order, fields), 0.99, 0.8)]
    assert told == (["Not found: totals gross."] if is_told else [])


TAXED = load_schema("invoice")


@pytest.mark.parametrize(
    ("path", "status", "is_told"),
    [
        ("seller.tax_id", "verified", False),
        ("seller.tax_id", "conflict", True),
        ("payment.iban", "verified", True),
    ],
)
def test_a_checksum_that_fails_as_printed_is_told_only_of_what_people_pay_by(path, status, is_told):
    fields = {item.path: field() for item in TAXED.fields if item.is_key} | {path: field(status)}
    failed = [Check("checksum", Outcome.FAILED, (path,), "X has a wrong checksum")]
    assert bool(told(schema=TAXED, fields=fields, checks=failed)) == is_told


@pytest.mark.parametrize("status", ["consistent", "unverified"])
def test_an_account_number_that_is_not_verified_is_looked_at(status):
    keys = {item.path: field() for item in TAXED.fields if item.is_key}
    fields = keys | {"payment.iban": field(status), "payment.bic": field(status)}
    (reason,) = told(schema=TAXED, fields=fields)
    assert reason.startswith("Payment iban is not verified")
    assert told(schema=TAXED, fields=keys | {"payment.iban": field("verified")}) == []


@pytest.mark.parametrize("path", ["due_date", "purchase_order"])
def test_when_and_against_what_is_paid_is_no_guess(path):
    keys = {item.path: field() for item in TAXED.fields if item.is_key}
    (reason,) = told(schema=TAXED, fields=keys | {path: field("unverified")})
    assert reason.endswith("is not verified.")
    assert told(schema=TAXED, fields=keys | {path: field("consistent")}) == []


class TestRecordSignals:
    def test_the_least_sure_name_and_what_was_not_found_speak_against_a_record(self):
        name = field(confidence=0.5, signals={"kind_name": 1.0})
        found = record_signals({"a": name, "b": field(signals={"proved": 1.0}), "c": ABSENT})
        assert found == {"bias": 1.0, "few_values": pytest.approx(1 / 3)}

    def test_a_small_schema_that_is_full_lacks_nothing(self):
        found = record_signals({"a": field(signals={"kind_number": 1.0})})
        assert "few_values" not in found
        assert found["no_proof"] == 1.0

    def test_what_nothing_vouches_for_counts_once_it_is_in_doubt(self):
        total = field(confidence=0.97, signals={"kind_number": 1.0, "proved": 1.0})
        name = field(confidence=0.95, signals={"kind_name": 1.0, "second_for_name": 2.0})
        sure, unsure = (field(confidence=it, signals={"kind_address": 1.0}) for it in (0.92, 0.6))
        plain = record_signals({"a": total, "b": name})
        assert plain["weakest"] == pytest.approx(math.log(0.95 / 0.05))
        assert record_signals({"a": total, "b": name, "c": sure}) == plain
        doubted = record_signals({"a": total, "b": name, "c": unsure})
        assert doubted["doubtful_rest"] == pytest.approx(math.log(9) - math.log(1.5))
        assert doubted["weakest"] == plain["weakest"]

    def test_where_nothing_vouches_for_any_value_the_least_sure_counts(self):
        values = [field(confidence=it, signals={"kind_address": 1.0}) for it in (0.92, 0.6)]
        found = record_signals(dict(zip("ab", values, strict=True)))
        assert found["weakest"] == pytest.approx(math.log(1.5))
        assert "doubtful_rest" not in found

    def test_data_inside_the_file_need_no_proof(self):
        assert "no_proof" not in record_signals({"a": field()})


def test_cells_of_a_list_are_told_of_together():
    rows = {f"lines[{i}].net": field("conflict", 0.2) for i in range(3)}
    assert told(fields=GOOD | rows) == ["Lines: 3 cells are in conflict or unclear."]


def test_what_a_person_confirmed_is_doubted_no_more():
    said = {path: replace(item, status=FieldStatus.CONFIRMED) for path, item in GOOD.items()}
    verdict = assess_record(Findings(BILL, said), shipped_calibration())
    assert verdict == (RecordStatus.OK, 1.0, ())


@pytest.mark.parametrize(
    ("present", "status"), [(0, "review"), (1, "review"), (2, "ok"), (4, "ok")]
)
def test_without_key_fields_a_nearly_empty_result_is_never_ok(present, status):
    fields = {path: field() if i < present else ABSENT for i, path in enumerate("abcd")}
    verdict = assess_record(Findings(KEYLESS, fields), SURE)
    assert verdict.status.value == status
    assert bool(verdict.reasons) == (status == "review")


def test_a_missing_key_field_is_named_in_the_record(tmp_path):
    record = read(tmp_path, [line for line in invoice() if "RE-2024-07" not in line[2]])
    assert record.status.value == "review"
    assert record.review_reasons[0].startswith("Not found: invoice number")
    assert record.to_json()["review_reasons"] == list(record.review_reasons)


def test_a_document_with_all_its_values_is_ok_and_says_how_sure_it_is(tmp_path):
    record = read(tmp_path, invoice())
    assert (record.status.value, record.review_reasons) == ("ok", ())
    assert record.confidence >= shipped_calibration().ok_at


def test_nothing_found_at_all_is_never_ok(tmp_path):
    record = replay(tmp_path, {}, [(40, 50, "Dear Sir or Madam")], schema="a, b")
    assert record.status.value == "review"
    assert record.review_reasons[0] == "Nothing of what was asked for was found."
    assert record.confidence == 0.0


def page(*lines):
    words = [
        Word(text, Place(0.1, 0.1 * i, 0.2, 0.1 * i + 0.02))
        for i, text in enumerate(" ".join(lines).split())
    ]
    return Page(1, 595, 842, tuple(words), WordSource.TEXT_LAYER)


class TestSurroundings:
    def test_a_page_with_the_schema_s_labels_in_a_known_language(self):
        lines = [text for _, _, text in invoice()]
        found = survey([page(*lines)], load_schema("invoice"))
        assert found.signals == {"few_labels": 0.0, "unknown_language": 0.0}

    def test_a_page_without_labels_in_a_language_nobody_knows(self):
        found = survey([page("Lorem ipsum dolor sit amet consectetur")], load_schema("invoice"))
        assert found.signals == {"few_labels": 1.0, "unknown_language": 1.0}

    def test_of_few_fields_missing_labels_say_little(self):
        few = survey([page("Lorem ipsum")], load_schema("invoice_number, total: money"))
        assert few.signals["few_labels"] == 0.25

    def test_a_web_address_speaks_for_the_name_in_it(self):
        found = survey([page("mail info@nordwind-werkzeuge.de")], BILL)
        assert found.has_domain_of("Nordwind Werkzeuge GmbH")
        assert not found.has_domain_of("Hafen Buchhandlung")

    def test_a_name_is_counted_as_whole_words(self):
        found = survey([page("Nordwind AG, Nordwind AGB;", "Nordwind AG")], BILL)
        counted = {text: found.num_times(text) for text in ("Nordwind AG", "nordwind", "Wind", " ")}
        assert counted == {"Nordwind AG": 2, "nordwind": 3, "Wind": 0, " ": 0}

    def test_a_name_said_again_is_surer_and_an_addressee_less_sure(self, tmp_path):
        once = read(tmp_path, invoice())
        again = read(tmp_path, [*invoice(), (40, 780, "Nordwind Werkzeuge GmbH")])
        seller, buyer = once.fields["seller.name"], once.fields["buyer.name"]
        assert "name_of_addressee" in buyer.signals
        assert not {"name_of_addressee", "name_said_again"} & seller.signals.keys()
        assert again.fields["seller.name"].signals["name_said_again"] == 1.0
        weigh = shipped_calibration().of_value
        assert weigh(again.fields["seller.name"].signals) > weigh(seller.signals)

    def test_data_without_pages_is_not_strange(self):
        assert survey([], BILL) is PLAIN


def _row_of(match, closes, figures="6 x 2.00 - 0 is more than 11.00"):
    """Return what is said of an invoice whose one row does not multiply as printed."""
    schema = load_schema("invoice")
    evidence = (Evidence(1, Place(0.1, 0.1, 0.2, 0.2), "x", match, WordSource.TEXT_LAYER),)
    paths = ("lines[0].quantity", "lines[0].unit_price", "lines[0].net")
    keys = {item.path: field() for item in schema.fields if item.is_key}
    cells = {path: field("conflict", evidence=evidence) for path in paths}
    outcome = Outcome.PASSED if closes else Outcome.NOT_APPLICABLE
    checks = (
        Check("line-net", Outcome.FAILED, paths, figures),
        Check("BR-CO-13", outcome, ("totals.net", "lines[0].net")),
    )
    return told(schema=schema, fields=keys | cells, checks=checks)


def test_a_row_for_less_than_its_product_is_its_own_where_nothing_was_misread_and_sums_close():
    assert _row_of(Match.EXACT, closes=True) == []
    assert _row_of(Match.EXACT, closes=True, figures="6 x 2.00 - 0 is not 13.00") != []
    assert _row_of(Match.EXACT, closes=False) != []
    assert _row_of(Match.NORMALIZED, closes=True) != []
