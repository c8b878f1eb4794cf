"""Identifiers, codes and whole answers: canonical, masked where they must be, never invented."""

from __future__ import annotations

import re
from collections.abc import Callable
from decimal import Decimal
from typing import Literal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import BaseModel

from docextract.normalise import (
    LocaleEvidence,
    Reading,
    gather_evidence,
    normalise,
    normalise_tree,
    same_value,
)
from docextract.normalise.locale.countries import country_code
from docextract.normalise.numbers.quantities import split_quantity
from docextract.normalise.text.clean_text import mask_cards, mask_cards_at
from docextract.normalise.text.identifiers import (
    is_valid_iban,
    is_valid_vat_id,
    parse_bic,
    parse_boolean,
    parse_country,
    parse_currency,
    parse_email,
    parse_iban,
    parse_phone,
    parse_tax_id,
    parse_url,
)
from docextract.schema.fields import Field, Schema
from docextract.schema.kinds import Comparison, FieldType, Kind
from docextract.schema.loading import load_schema


def leaf(kind: Kind, path: str = "field", choices: tuple[str, ...] = ()) -> Field:
    return Field(path, kind, FieldType(kind).comparison, choices=choices)


@pytest.mark.parametrize(
    ("parse", "text", "value"),
    [
        (parse_iban, "IBAN: DE89 3704 0044 0532 0130 00", "DE89370400440532013000"),
        (parse_iban, "DE89370400440532013O00", "DE89370400440532013000"),
        (parse_iban, "hello", None),
        (parse_bic, "BIC: COBADEFFXXX", "COBADEFFXXX"),
        (parse_bic, "deutdeff", "DEUTDEFF"),
        (parse_bic, "ABCDZZ22", None),
        (parse_tax_id, "USt-IdNr.: DE 136 695 976", "DE136695976"),
        (parse_tax_id, "FR 05 987 654 321", "FR05987654321"),
        (parse_tax_id, "201/113/40209", "201/113/40209"),
        (parse_tax_id, "none", None),
        (parse_tax_id, "VAT No. GB 123 4567 82", "GB123456782"),
        (parse_tax_id, "MwSt-Nr. CHE-107.787.577 MWST", "CHE107787577MWST"),
        (parse_tax_id, "NO 974 760 673 MVA", "NO974760673MVA"),
        (parse_tax_id, "EL 123456789", "EL123456789"),
        (parse_tax_id, "ABN 51 824 753 556", "51 824 753 556"),
        (parse_tax_id, "GSTIN: 27AAPFU0939F1ZV", "27AAPFU0939F1ZV"),
        (parse_tax_id, "GST ID : 002017394688", "002017394688"),
        (parse_tax_id, "PAN: ABCDE1234F", "ABCDE1234F"),
        (parse_tax_id, "P. IVA: IT 01234567890", "IT01234567890"),
        (parse_tax_id, "SI12345678", "SI12345678"),
        (parse_email, "Mail: Max@Mustermann.de", "Max@Mustermann.de"),
        (parse_email, "a@b.de c@d.de", None),
        (parse_url, "https://Foo.de/Bar.", "https://foo.de/Bar"),
        (parse_url, "a@foo.de", None),
        (parse_phone, "Tel: +49 (0)30 123456", "+49 (0)30 123456"),
        (parse_phone, "12", None),
        (parse_country, "Österreich", "AT"),
        (parse_country, "U.S.A.", "US"),
        (parse_country, "DEU", "DE"),
        (parse_country, "Narnia", None),
        (parse_currency, "€", "EUR"),
        (parse_currency, "Total (GBP)", "GBP"),
        (parse_currency, "US$", "USD"),
        (parse_currency, "zł", "PLN"),
        (parse_currency, "ABC", None),
        (parse_currency, "A$", "AUD"),
        (parse_currency, "C$", "CAD"),
        (parse_currency, "HK$", "HKD"),
        (parse_currency, "S$", "SGD"),
        (parse_currency, "R$", "BRL"),
        (parse_currency, "RM", "MYR"),
        (parse_currency, "Rp.", "IDR"),
        (parse_currency, "₩", "KRW"),
        (parse_currency, "₹", "INR"),
        (parse_currency, "₽", "RUB"),
        (parse_currency, "Kč", "CZK"),
        (parse_currency, "Fr.", "CHF"),
        (parse_currency, "Ft", "HUF"),
        (parse_currency, "lei", "RON"),
        (parse_currency, "₺", "TRY"),
        (parse_currency, "₪", "ILS"),
        (parse_currency, "฿", "THB"),
        (parse_currency, "₫", "VND"),
        (parse_currency, "₱", "PHP"),
        (parse_currency, "₴", "UAH"),
        (parse_currency, "د.إ", "AED"),
        (parse_currency, "円", "JPY"),
        (parse_currency, "Pounds Sterling", "GBP"),
        (parse_currency, "Swiss Francs", "CHF"),
        (parse_currency, "MYR (RM)", "MYR"),
        (parse_currency, "EURO (€)", "EUR"),
        (parse_currency, "CAD $", "CAD"),
        (parse_currency, "EUR / USD", None),
        (parse_boolean, "☒", "true"),
        (parse_boolean, "Nein", "false"),
        (parse_boolean, "maybe", None),
    ],
)
def test_canonical_forms(parse: Callable[[str], Reading], text: str, value: str | None) -> None:
    assert parse(text).value == value


def test_a_wrong_iban_is_kept_as_printed_and_noted() -> None:
    reading = parse_iban("DE89370400440532013001")
    assert reading.value == "DE89370400440532013001"
    assert reading.note


@given(st.integers(0, 10**18 - 1), st.sampled_from(["DE", "FR", "GB", "NL"]))
@settings(deadline=None)
def test_the_iban_check_digits_catch_every_changed_digit(number: int, country: str) -> None:
    body = f"{number:018}"
    letters = "".join(str(int(char, 36)) for char in f"{country}00")
    check = 98 - int(body + letters) % 97
    assert is_valid_iban(f"{country}{check:02}{body}") is (country == "DE")
    wrong = body[:-1] + str((int(body[-1]) + 1) % 10)
    assert not is_valid_iban(f"{country}{check:02}{wrong}")


def test_vat_ids_by_country() -> None:
    assert is_valid_vat_id("DE136695976") is True
    assert is_valid_vat_id("DE136695978") is False
    assert is_valid_vat_id("CHE107787577IVA") is True
    assert is_valid_vat_id("12345") is None


@pytest.mark.parametrize(
    ("evidence", "value", "is_ambiguous"),
    [
        (LocaleEvidence(country="AU"), "AUD", False),
        (LocaleEvidence(currency="CAD"), "CAD", False),
        (LocaleEvidence(), "USD", True),
    ],
)
def test_a_bare_dollar_is_read_by_evidence(
    evidence: LocaleEvidence, value: str, is_ambiguous: bool
) -> None:
    reading = parse_currency("$", evidence)
    assert (reading.value, reading.is_ambiguous) == (value, is_ambiguous)


@pytest.mark.parametrize(
    ("sign", "evidence", "value", "is_ambiguous"),
    [
        ("kr", LocaleEvidence(language="no"), "NOK", False),
        ("kr.", LocaleEvidence(country="DK"), "DKK", False),
        ("kr", LocaleEvidence(), "SEK", True),
        ("¥", LocaleEvidence(country="CN"), "CNY", False),
        ("￥", LocaleEvidence(country="JP"), "JPY", False),
        ("¥", LocaleEvidence(), "JPY", True),
        ("元", LocaleEvidence(country="TW"), "TWD", False),
        ("元", LocaleEvidence(), "CNY", True),
        ("$", LocaleEvidence(country="HK"), "HKD", False),
        ("Rs.", LocaleEvidence(country="LK"), "LKR", False),
        ("£", LocaleEvidence(country="FR"), "GBP", False),
        ("£", LocaleEvidence(country="EG"), "EGP", False),
    ],
)
def test_shared_signs_are_read_by_evidence_or_keep_all_readings(
    sign: str, evidence: LocaleEvidence, value: str, is_ambiguous: bool
) -> None:
    reading = parse_currency(sign, evidence)
    assert (reading.value, reading.is_ambiguous) == (value, is_ambiguous)
    assert (len(reading.readings) > 1) is is_ambiguous


def test_a_literal_of_currency_codes_is_a_currency() -> None:
    class Bill(BaseModel):
        currency: Literal["EUR", "CAD"] | None = None
        colour: Literal["RED", "TAN"] | None = None

    currency, colour = Schema.from_model(Bill).fields
    assert (currency.kind, colour.kind) == (Kind.CURRENCY, Kind.ENUM)
    assert normalise("€", currency).value == "EUR"
    assert normalise("$", currency).readings == ("CAD",)
    assert normalise("£", currency).value is None


@pytest.mark.parametrize(
    ("text", "country"),
    [("Tel. +65 6123 4567", "SG"), ("www.example.com.ph", "PH"), ("post@example.ca", "CA"),
     ("Chicago, IL", "US"), ("Berlin, DE", None), ("VAT No: 123 456 789", "GB"),
     ("27AAPFU0939F1ZV", "IN"), ("example.io", None), ("12.500 BHD", None)],
)  # fmt: skip
def test_what_points_at_a_country(text: str, country: str | None) -> None:
    assert gather_evidence([text]).country == country


def test_every_country_code_is_its_own_name() -> None:
    assert country_code(" de ") == "DE"
    assert country_code("uk") == "GB"


@pytest.mark.parametrize(
    ("text", "number", "unit"),
    [("5 kg", "5", "kg"), ("10 Stk.", "10", "Stk"), ("2x", "2", None), ("x2", "2", None),
     ("1.000,5 m²", "1.000,5", "m²"), ("7", "7", None), ("kg", "kg", None)],
)  # fmt: skip
def test_quantities_split(text: str, number: str, unit: str | None) -> None:
    assert split_quantity(text) == (number, unit)


def test_card_numbers_are_masked_and_ibans_and_article_numbers_are_not() -> None:
    assert normalise("4111 1111 1111 1111", leaf(Kind.IDENTIFIER)).value == "411111******1111"
    reading = normalise("paid by 5500005555555559 today", leaf(Kind.TEXT))
    assert reading.value == "paid by 550000******5559 today"
    assert reading.raw == "paid by 550000******5559 today"
    assert normalise("4012345001235", leaf(Kind.IDENTIFIER)).value == "4012345001235"
    iban = "DE89370400440532013000"
    assert normalise(iban, leaf(Kind.IBAN)).value == iban
    assert normalise(iban, leaf(Kind.TEXT)).value == iban


@pytest.mark.parametrize(
    "text",
    ["482 017 399 00015", "48201739900015", "38347481400019", "IMEI 352099001761481",
     "5300000123454", "SIRET: 552 100 554 00013"],
)  # fmt: skip
def test_other_numbers_with_the_same_check_digit_are_no_cards(text: str) -> None:
    assert mask_cards(text) == text


def test_cards_of_fourteen_digits_are_known_by_their_groups() -> None:
    assert mask_cards("3056 930902 5904") == "305693****5904"


def test_a_field_that_says_what_its_number_is_keeps_it() -> None:
    card = "4111111111111111"
    assert mask_cards_at("invoice_number", card) == card
    assert mask_cards_at("seller.registration_number", card) == card
    for path in ("payment.reference", "card_number", "note", "payment.card.id"):
        assert mask_cards_at(path, card) == "411111******1111"


def luhn_digit(body: str) -> str:
    doubled = (int(d) * (2 - i % 2) for i, d in enumerate(reversed(body)))
    return str(-sum(n - 9 * (n > 9) for n in doubled) % 10)


ISSUERS = [("4", 16), ("4", 19), ("51", 16), ("55", 16), ("2221", 16), ("34", 15), ("37", 15),
           ("36", 16), ("3528", 16), ("50", 16), ("58", 18), ("6011", 16), ("62", 19)]  # fmt: skip


@st.composite
def cards(draw: st.DrawFn) -> str:
    """Return a payment card number, plain or in groups of four."""
    first, length = draw(st.sampled_from(ISSUERS))
    rest = length - 1 - len(first)
    body = first + draw(st.text("0123456789", min_size=rest, max_size=rest))
    digits = body + luhn_digit(body)
    mark = draw(st.sampled_from(("", " ", "-")))
    return mark.join(digits[i : i + 4] for i in range(0, len(digits), 4))


@given(cards(), st.sampled_from(("{}", "Card {} paid", "VISA: {}.", "x {}, y")))
@settings(deadline=None)
def test_no_card_number_keeps_more_than_ten_digits(card: str, style: str) -> None:
    digits = re.sub(r"\D", "", card)
    for kind in (Kind.TEXT, Kind.IDENTIFIER, Kind.NAME, Kind.ADDRESS):
        reading = normalise(style.format(card), leaf(kind))
        for shown in (reading.value or "", reading.raw or ""):
            assert digits not in re.sub(r"\D", "", shown)
            assert f"{digits[:6]}{'*' * (len(digits) - 10)}{digits[-4:]}" in shown


@given(cards(), st.integers(1, 9))
@settings(deadline=None)
def test_what_fails_the_check_digit_is_no_card(card: str, step: int) -> None:
    changed = card[:-1] + str((int(card[-1]) + step) % 10)
    assert mask_cards(changed) == changed


@given(st.text("0123456789", min_size=18, max_size=18), st.sampled_from(("", " ")))
@settings(deadline=None)
def test_an_iban_is_never_masked(body: str, mark: str) -> None:
    letters = "".join(str(int(char, 36)) for char in "DE00")
    compact = f"DE{98 - int(body + letters) % 97:02}{body}"
    printed = mark.join(compact[i : i + 4] for i in range(0, len(compact), 4))
    assert mask_cards(f"IBAN {printed}") == f"IBAN {printed}"
    assert normalise(printed, leaf(Kind.IBAN)).raw == printed


@pytest.mark.parametrize("raw", [None, "", "  ", "N/A", "-", "null", "–", {}, []])
def test_stand_ins_for_nothing_are_absent(raw: object) -> None:
    for kind in Kind:
        assert normalise(raw, leaf(kind, choices=("a",))).value is None


@given(st.text(max_size=80))
@settings(deadline=None)
def test_every_kind_reads_or_refuses_any_text(text: str) -> None:
    for kind in Kind:
        reading = normalise(text, leaf(kind, choices=("invoice", "credit_note")))
        assert (reading.value is None) == (not reading.readings)
        assert reading.value != ""


@pytest.mark.parametrize(
    ("text", "value"),
    [("Tax Invoice", "invoice"), ("GUTSCHRIFT", "credit_note"), ("Credit Note", "credit_note"),
     ("Pro-Forma Rechnung", "proforma"), ("credit_note", "credit_note"), ("invoce", "invoice"),
     ("correction", "invoice"), ("poem", None)],
)  # fmt: skip
def test_choices(text: str, value: str | None) -> None:
    field = leaf(Kind.ENUM, choices=("invoice", "credit_note", "debit_note", "proforma"))
    assert normalise(text, field).value == value


def test_credit_and_debit_by_the_kind_of_document() -> None:
    def read(text: str, path: str) -> str | None:
        return normalise(text, leaf(Kind.MONEY, path)).value

    assert read("12.50 CR", "totals.gross") == "-12.50"
    assert read("12.50 CR", "accounts[].ending_balance") == "12.50"
    assert read("12.50 DR", "accounts[].ending_balance") == "-12.50"
    assert read("12.50 DR", "accounts[].transactions[].withdrawal") == "12.50"


def test_a_printed_period_fills_start_and_end() -> None:
    printed = "01.01.2024 - 31.01.2024"
    assert normalise(printed, leaf(Kind.DATE, "period_start")).value == "2024-01-01"
    assert normalise(printed, leaf(Kind.DATE, "period_end")).value == "2024-01-31"
    assert normalise(printed, leaf(Kind.DATE, "issue_date")).value is None


def test_a_tree_takes_the_schemas_shape_and_drops_empty_rows() -> None:
    schema = load_schema("invoice")
    answer = {
        "invoice_number": " 2024-0187 ",
        "unknown": "x",
        "seller": "not a group",
        "totals": {"gross": "£1,234.50"},
        "lines": [
            {"description": "N/A", "net": ""},
            {"description": "Bolt", "net": "12,50", "quantity": "5 pcs", "unit": "5 pcs"},
            "no row",
            {"net": "7,00"},
        ],
    }
    tree, readings = normalise_tree(answer, schema, LocaleEvidence(decimal_mark=","))
    assert tree["invoice_number"] == "2024-0187"
    assert "unknown" not in tree
    assert tree["seller"]["name"] is None
    assert tree["totals"]["gross"] == "1234.50"
    assert [row["net"] for row in tree["lines"]] == ["12.50", "7.00"]
    assert (tree["lines"][0]["quantity"], tree["lines"][0]["unit"]) == ("5", "pcs")
    assert readings["lines[1].net"].raw == "7,00"
    assert readings["lines[1].net"].source_path == "lines[3].net"
    assert readings["totals.gross"].raw == "£1,234.50"
    assert "lines[2].net" not in readings


def test_lists_of_leaves_and_nested_lists() -> None:
    class Inner(BaseModel):
        amount: Decimal | None = None
        kind: Literal["a", "b"] | None = None

    class Outer(BaseModel):
        parties: list[str] = []
        groups: list[list[str]] = []
        accounts: list[Inner] = []

    schema = Schema.from_model(Outer)
    tree, readings = normalise_tree(
        {"parties": ["ACME", None, "Bolt"], "accounts": {"amount": "5,00", "kind": "A"}}, schema
    )
    assert tree["parties"] == ["ACME", "Bolt"]
    assert readings["parties[1]"].source_path == "parties[2]"
    assert tree["accounts"] == [{"amount": "5.00", "kind": "a"}]


@pytest.mark.parametrize(
    ("kind", "first", "second", "is_same"),
    [
        (Kind.MONEY, "59.4", "59.40", True),
        (Kind.MONEY, "59.40", "59.41", False),
        (Kind.DATE, "2024-01-01", "2024-01-01", True),
        (Kind.IDENTIFIER, "RE-2024/01", "re 2024 01", True),
        (Kind.IDENTIFIER, "RE-1", "RE-2", False),
        (Kind.NAME, "ACME GmbH", "Acme  Gmbh", True),
        (Kind.NAME, "ACME GmbH", "Bolt Ltd", False),
        (Kind.CURRENCY, "EUR", "USD", False),
    ],
)
def test_same_value_by_the_fields_comparison(
    kind: Kind, first: str, second: str, is_same: bool
) -> None:
    assert same_value(first, second, leaf(kind)) is is_same
    assert leaf(kind).comparison in Comparison
