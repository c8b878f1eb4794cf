"""Numbers: every printed style comes back, ambiguity is kept, nothing else is a number."""

from __future__ import annotations

import re
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from docextract.normalise import LocaleEvidence, gather_evidence
from docextract.normalise.numbers.numbers import find_numbers, parse_number
from docextract.schema.kinds import Kind

STYLES = {
    "plain": ("", "."),
    "english": (",", "."),
    "german": (".", ","),
    "french": ("\u202f", ","),
    "space": (" ", ","),
    "space point": ("\u00a0", "."),
    "thin": ("\u2009", ","),
    "swiss": ("’", "."),
    "swiss ascii": ("'", "."),
    "swiss comma": ("'", ","),
    "figure space": ("\u2007", ","),
    "ideographic space": ("\u3000", "."),
    "full width": ("，", "．"),
    "arabic": ("\u066c", "\u066b"),
    "indian": (",", "."),
}
SIGNS = (
    "€ £ $ ¥ ₩ ₹ ₽ ₺ ₪ ฿ ₫ ₱ ₴ US$ A$ C$ HK$ S$ R$ NT$ RM Rp Rs. Fr. SFr. CHF EUR USD GBP "
    "SEK zł Kč kr kr. Ft lei 元 円 د.إ AED MYR Euro"
)
WRAPPINGS = ("{}", "{} *", "{} A", ": {}", *(
    place.replace("¤", sign) for sign in SIGNS.split() for place in ("¤ {}", "¤{}", "{} ¤", "{}¤")
))  # fmt: skip
NEGATIVES = ("-{}", "\u2212{}", "{}-", "({})", "- {}", "-€{}", "€-{}", "€ ({})", "(€ {})",
             "{}- EUR", "-{} kr", "\u2013{}%")  # fmt: skip

amounts = st.one_of(st.decimals(0, 10**9, places=2), st.decimals(0, 2000, places=2))


def printed(amount: Decimal, style: str) -> str:
    group, mark = STYLES[style]
    whole, _, fraction = f"{amount:,.2f}".partition(".")
    if style == "indian":
        plain = whole.replace(",", "")
        head = re.sub(r"(?<=\d)(?=(?:\d\d)+$)", ",", plain[:-3])
        whole = f"{head},{plain[-3:]}" if head else plain
    text = whole.replace(",", group) + mark + fraction
    if style == "full width":
        return text.translate({ord(digit): ord(digit) + 0xFEE0 for digit in "0123456789"})
    return text


@given(amounts, st.sampled_from(sorted(STYLES)), st.sampled_from(WRAPPINGS))
@settings(max_examples=400, deadline=None)
def test_every_style_comes_back_without_any_evidence(
    amount: Decimal, style: str, wrapping: str
) -> None:
    reading = parse_number(wrapping.format(printed(amount, style)))
    assert reading.value == f"{amount:.2f}"
    assert not reading.is_ambiguous


@given(amounts.filter(bool), st.sampled_from(sorted(STYLES)), st.sampled_from(NEGATIVES))
@settings(deadline=None)
def test_every_minus_comes_back(amount: Decimal, style: str, minus: str) -> None:
    assert parse_number(minus.format(printed(amount, style))).value == f"{-amount:.2f}"


@given(st.integers(1, 999), st.integers(0, 999), st.sampled_from(".,"))
def test_three_digits_behind_one_mark_keep_both_readings(head: int, tail: int, mark: str) -> None:
    text = f"{head}{mark}{tail:03}"
    readings = parse_number(text)
    assert readings.is_ambiguous
    assert set(readings.readings) == {f"{head}{tail:03}", f"{head}.{tail:03}"}
    decimal = parse_number(text, LocaleEvidence(decimal_mark=mark))
    grouped = parse_number(text, LocaleEvidence(decimal_mark="." if mark == "," else ","))
    assert (decimal.value, grouped.value) == (f"{head}.{tail:03}", f"{head}{tail:03}")
    assert not decimal.is_ambiguous
    assert not grouped.is_ambiguous


@given(amounts, st.sampled_from(sorted(STYLES)), st.sampled_from((*WRAPPINGS[4:], *NEGATIVES)))
@settings(max_examples=300, deadline=None)
def test_every_style_is_found_in_running_text(amount: Decimal, style: str, wrapping: str) -> None:
    text = f"Pos. Summe {wrapping.format(printed(amount, style))} net"
    values = set()
    for start, end, token in find_numbers(text):
        assert text[start:end] == token
        values |= {Decimal(value).copy_abs() for value in parse_number(token).readings}
    assert amount in values
    if not re.search(r"\s\d", printed(amount, style)):
        assert values == {amount}


@given(st.integers(1, 10**7), st.sampled_from((",-", ".-", ",--", ".--", ",\u2014", ".\u2013")),
       st.sampled_from(("{}", "€{}", "CHF {}", "{} €", "Fr. {}")))  # fmt: skip
@settings(max_examples=60, deadline=None)
def test_dashes_for_no_cents(amount: int, dashes: str, wrapping: str) -> None:
    text = wrapping.format(f"{amount}{dashes}")
    assert parse_number(text).value == f"{amount}.00"
    found = [parse_number(token).value for _, _, token in find_numbers(f"Summe {text} net")]
    assert found == [f"{amount}.00"]


@given(st.decimals(0, 10**5, places=2), st.sampled_from(("CR", "DR", "Cr", "dr")), st.booleans())
@settings(max_examples=60, deadline=None)
def test_bookings_keep_both_signs(amount: Decimal, booking: str, is_in_front: bool) -> None:
    text = f"{booking} {amount}" if is_in_front else f"{amount} {booking}"
    reading = parse_number(text)
    assert {Decimal(value) for value in reading.readings} == {amount, -amount}
    assert ("credit" if booking.upper() == "CR" else "debit") in (reading.note or "")


def test_german_booking_letters_are_tax_codes_elsewhere() -> None:
    assert set(parse_number("12,50 H", LocaleEvidence(language="de")).readings) == {
        "12.50",
        "-12.50",
    }
    assert parse_number("12.50 H", LocaleEvidence(language="en")).readings == ("12.50",)
    assert parse_number("12.50 S").readings == ("12.50",)


@pytest.mark.parametrize(
    ("text", "value"),
    [("Rp12.500", "12500"), ("₩1,250", "1250"), ("¥1,250", "1250"), ("12.500 ₫", "12500")],
)
def test_the_printed_currency_settles_the_group(text: str, value: str) -> None:
    assert parse_number(text, LocaleEvidence(decimal_mark=".")).readings == (value,)


@pytest.mark.parametrize(
    ("text", "value"), [("1½", "1.5"), ("½", "0.5"), ("2 ¼", "2.25"), ("12€50", "12.50")]
)
def test_fractions_and_a_sign_for_the_mark(text: str, value: str) -> None:
    assert parse_number(text, kind=Kind.QUANTITY).value == value


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("42'987,56", "42987.56"),
        ("3 038,14 EUR", "3038.14"),
        ("27,80", "27.80"),
        ("1,23,456.78", "123456.78"),
        ("CHF 12.-", "12.00"),
        ("12,–", "12.00"),
        (".50", "0.50"),
        ("0,5", "0.5"),
        ("19 %", "19"),
        ("1.000.000", "1000000"),
        ("-€5.00", "-5.00"),
        ("€-5.00", "-5.00"),
        ("$ (5.00)", "-5.00"),
        ("1O.5O", "10.50"),
        ("12, 50", "12.50"),
        ("1.2 million", "1200000"),
        ("Total: 12.50", "12.50"),
        ("12.50.", "12.50"),
        ("１２.５０", "12.50"),
        ("٣٫٥", "3.5"),
        ("1.23E+3", None),
        ("-0.00", "0.00"),
    ],
)
def test_printed_numbers(text: str, value: str | None) -> None:
    assert parse_number(text).value == value


@pytest.mark.parametrize(
    "text",
    ["", "-", "N/A", "INV-2024-001", "31.12.2024", "10:20", "12.50 13.60", "£'million 5",
     "S12.50", "A4", "1 2 3", "9" * 30, "1" * 10_000, "⅓", "1⅓", "∞", "nan", "1,2,3"],
)  # fmt: skip
def test_what_is_no_single_number_has_no_value(text: str) -> None:
    assert parse_number(text).value is None


def test_repairs_are_noted() -> None:
    assert parse_number("1O.5O").note == "read 1O.5O as 10.50"


def test_credit_keeps_both_signs() -> None:
    assert set(parse_number("12.50 CR").readings) == {"12.50", "-12.50"}


def test_a_percentage_is_not_a_thousand() -> None:
    assert parse_number("19,000 %", kind=Kind.PERCENT).value == "19.000"


def test_a_currency_without_minor_unit_settles_the_group() -> None:
    reading = parse_number("12.500", LocaleEvidence(currency="IDR"))
    assert (reading.value, reading.is_ambiguous) == ("12500", False)


@given(st.text(max_size=60))
@settings(max_examples=300, deadline=None)
def test_any_text_is_read_or_refused(text: str) -> None:
    reading = parse_number(text)
    assert (reading.value is None) == (not reading.readings)
    if reading.value is not None:
        assert Decimal(reading.value).is_finite()
        assert "e" not in reading.value.lower()
        assert reading.readings[0] == reading.value
    for start, end, token in find_numbers(text):
        assert text[start:end] == token


def test_numbers_are_found_in_running_text() -> None:
    text = "Pos 3 EUR -12,50 RM12.50 INV-2024-001 10:20 (5.00) A4 5kg 19 % DE89 12.-"
    found = [token for _, _, token in find_numbers(text)]
    assert found == ["3 EUR", "EUR -12,50", "RM12.50", "(5.00)", "19 %", "12.-"]


def test_a_space_between_columns_gives_the_whole_and_its_parts() -> None:
    assert [token for _, _, token in find_numbers("2 150,00")] == ["2 150,00", "2", "150,00"]


@pytest.mark.parametrize("piece", ["1,", "12 ", "123 ", "1.1.1.", "$", "DE12 ", "-", "1'"])
def test_long_hostile_texts_are_read(piece: str) -> None:
    text = piece * 20_000
    for _ in find_numbers(text):
        pass
    assert gather_evidence([text]) is not None


def test_evidence_of_a_german_invoice() -> None:
    text = (
        "Rechnung Nr. 17 vom 31.12.2024 der Muster GmbH, die Summe von 1.234,56 € und 0,50 € "
        "ist zahlbar auf IBAN DE89 3704 0044 0532 0130 00, USt-IdNr. DE136695976"
    )
    assert gather_evidence(text.split("\n")) == LocaleEvidence(
        decimal_mark=",", day_first=True, currency="EUR", country="DE", language="de"
    )


def test_evidence_of_an_american_invoice() -> None:
    text = (
        "Invoice date 12/31/2024 Please remit the total amount of $1,234.56 to "
        "Acme Inc, Springfield, IL 62701"
    )
    found = gather_evidence([text])
    assert (found.decimal_mark, found.day_first) == (".", False)
    assert (found.currency, found.country, found.language) == ("USD", "US", "en")


def test_contradicting_prints_are_no_evidence() -> None:
    assert gather_evidence(["12,50 12.50 31/12/2024 12/31/2024"]) == LocaleEvidence()
