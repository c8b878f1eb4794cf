"""Nothing is misread in silence: a confused print is refused, right, or marked as repaired."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from decimal import Decimal

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from docextract.normalise import LocaleEvidence, Reading, gather_evidence, normalise
from docextract.normalise.dates.dates import find_dates, parse_date
from docextract.normalise.dates.times import parse_time
from docextract.normalise.numbers.numbers import find_numbers, parse_number
from docextract.schema.fields import Field
from docextract.schema.kinds import FieldType, Kind

CONFUSED = {"0": "OoQD", "1": "lI|", "5": "S", "8": "B", "2": "Z"}
NUMBERS = ("{:,.2f}", "{:.2f}", "€{:.2f}", "{:,.2f} EUR", "-{:,.2f}", "CHF{:.2f}")
DATES = ("{:%d.%m.%Y}", "{:%d/%m/%Y}", "{:%Y-%m-%d}", "{:%d.%m.%y}", "{:%d %b %Y}",
         "{:%b %d, %Y}", "{:%d-%b-%Y}", "{:%d %B %Y}")  # fmt: skip

days = st.dates(dt.date(1990, 1, 1), dt.date(2060, 12, 31))


@st.composite
def confused(draw: st.DrawFn, printed: str) -> str:
    """Return a print one to two of whose digits are letters that look alike."""
    places = [index for index, char in enumerate(printed) if char in CONFUSED]
    if not places:
        return printed
    chosen = draw(st.lists(st.sampled_from(places), min_size=1, max_size=2, unique=True))
    letters = list(printed)
    for index in chosen:
        letters[index] = draw(st.sampled_from(CONFUSED[printed[index]]))
    return "".join(letters)


def is_honest(reading: Reading, truth: object) -> bool:
    """Whether a reading is absent, or holds the truth and says what it repaired."""
    if reading.value is None:
        return True
    values = {Decimal(v) if isinstance(truth, Decimal) else v for v in reading.readings}
    return truth in values


@given(st.data(), st.decimals(1, 10**6, places=2), st.sampled_from(NUMBERS))
@settings(max_examples=200, deadline=None)
def test_a_confused_number_is_refused_or_right(
    data: st.DataObject, amount: Decimal, style: str
) -> None:
    truth = -amount if style.startswith("-") else amount
    printed = style.format(amount)
    text = data.draw(confused(printed))
    assume("zl" not in text.lower())  # złoty without its stroke
    reading = parse_number(text)
    assert is_honest(reading, truth), text
    assert text == printed or reading.value is None or reading.is_repaired, text
    for _, _, token in find_numbers(f"Total {text} net"):
        found = {abs(Decimal(value)) for value in parse_number(token).readings}
        assert not found or amount in found, (text, token)


@given(st.data(), days, st.sampled_from(DATES))
@settings(max_examples=200, deadline=None)
def test_a_confused_date_is_refused_or_right(data: st.DataObject, day: dt.date, style: str) -> None:
    printed = style.format(day)
    text = data.draw(confused(printed))
    truth = parse_date(printed)
    reading = parse_date(text)
    assert reading.value is None or reading.readings == truth.readings, text
    assert reading.value is None or reading.is_repaired or text == printed, text
    for _, _, found in find_dates(f"Date {text} net"):
        assert parse_date(found).readings == truth.readings, (text, found)


@pytest.mark.parametrize(
    ("text", "value"),
    [("1O.5O", "10.50"), ("l2.50", "12.50"), ("12.S0", "12.50"), ("1B.50", "18.50"),
     ("1Z.50", "12.50"), ("12. 50", "12.50"), ("1.234.56", "1234.56"), ("1,234,56", "1234.56"),
     ("|2.50", "12.50")],
)  # fmt: skip
def test_repaired_numbers_say_so(text: str, value: str) -> None:
    reading = parse_number(text)
    assert (reading.value, reading.is_repaired) == (value, True)
    assert f"read {text} as" in (reading.note or "")


@pytest.mark.parametrize("text", ["B.50", "S.50", "lO.OO", "SO", "O.O", "1.2.34", "Bl.OO"])
def test_what_the_rest_does_not_prove_is_no_number(text: str) -> None:
    assert parse_number(text).value is None


def test_a_bar_before_a_number_may_be_a_rule_or_a_one() -> None:
    reading = parse_number("|2.50")
    assert reading.is_ambiguous
    assert set(reading.readings) == {"12.50", "2.50"}
    assert parse_number("| 2.50").readings == ("2.50",)


@pytest.mark.parametrize(
    ("text", "value"),
    [("3O.O1.2O24", "2024-01-30"), ("l5/01/2024", "2024-01-15"), ("Z1.01.2024", "2024-01-21"),
     ("0ct 12 2024", "2024-10-12"), ("Ju1 12, 2024", "2024-07-12"), ("Dec 1Z, 2O24", "2024-12-12"),
     ("31.01 2024", "2024-01-31"), ("31,01,2024", "2024-01-31")],
)  # fmt: skip
def test_repaired_dates_say_so(text: str, value: str) -> None:
    reading = parse_date(text)
    assert (reading.value, reading.is_repaired) == (value, True)
    assert f"read {text} as" in (reading.note or "")


@pytest.mark.parametrize("text", ["31.I.2024", "31.II.2024", "SO.OS.ZOZA", "12,34 2024"])
def test_what_may_be_something_else_is_no_date(text: str) -> None:
    assert parse_date(text).value is None


def test_a_repaired_time_says_so() -> None:
    reading = parse_time("l0:2O")
    assert (reading.value, reading.is_repaired) == ("10:20:00", True)


PRINTED = st.one_of(
    st.text(max_size=60),
    st.text("0123456789.,-/: '()%€$|OlSBZ", max_size=24),
    st.from_regex(r"[A-Za-z]{0,4} ?\d{1,4}[.,/-]\d{1,3}([.,/-]\d{2,4})? ?[A-Za-z€$%]{0,4}",
                  fullmatch=True),
)  # fmt: skip


@given(PRINTED, st.sampled_from(sorted(Kind)))
@settings(max_examples=300, deadline=None)
def test_normalising_what_is_normal_changes_nothing(text: str, kind: Kind) -> None:
    field = Field("field", kind, FieldType(kind).comparison, choices=_choices(kind))
    once = normalise(text, field)
    if once.value is None:
        return
    # Canonical decimals have a point: that is their document's habit.
    again = normalise(once.value, field, replace(LocaleEvidence(), decimal_mark="."))
    assert again.value == once.value


def _choices(kind: Kind) -> tuple[str, ...]:
    return ("invoice", "credit_note") if kind is Kind.ENUM else ()


@given(st.text(max_size=200))
@settings(max_examples=200, deadline=None)
def test_evidence_is_gathered_from_any_text(text: str) -> None:
    gather_evidence([text])
    parse_time(text)


@pytest.mark.parametrize(
    "text", ["25/30/2024", "31/31/2024 Mon", "Wed 12/12/0000", "+999 12345678"]
)
def test_evidence_of_impossible_prints_is_none(text: str) -> None:
    assert gather_evidence([text]) == LocaleEvidence()
