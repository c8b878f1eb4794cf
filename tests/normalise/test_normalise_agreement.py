"""What the text engine picks from a line means the same to the normalisers as the whole print."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from docextract.core import Box, Page, Word
from docextract.engine.text.layout.lines import read_layout
from docextract.engine.text.values.amounts import Candidate, read_number
from docextract.engine.text.values.candidates import find_candidates
from docextract.normalise.dates.dates import parse_date
from docextract.normalise.numbers.numbers import parse_number
from docextract.schema.kinds import Kind

CHARACTER, SPACE, HEIGHT = 0.008, 0.005, 0.012


def candidates(text: str, *kinds: Kind) -> list[Candidate]:
    """Return what the engine finds in one printed line, A4, ten points high."""
    words, left = [], 0.05
    for printed in text.split():
        right = left + CHARACTER * len(printed)
        words.append(Word(printed, Box(left, 0.1, right, 0.1 + HEIGHT)))
        left = right + SPACE
    layout = read_layout([Page(1, 595, 842, tuple(words))])
    found = [item for items in find_candidates(layout).values() for item in items]
    return [item for item in found if item.kind in kinds]


SIGNS = (
    "€ £ $ ¥ ₩ ₹ ₽ ₺ ₪ ฿ ₫ ₱ ₴ US$ A$ C$ HK$ S$ R$ NT$ RM Rp Rs. Fr. CHF EUR USD GBP SEK zł Kč "
    "kr kr. Ft AED MYR"
)
WRAPPINGS = ("{}", "-{}", "\u2212{}", "{}-", "({})", *(
    place.replace("¤", sign) for sign in SIGNS.split() for place in ("¤ {}", "¤{}", "{} ¤")
))  # fmt: skip
STYLES = ((",", "."), (".", ","), ("'", "."), ("’", ","), ("", "."), ("", ","), ("\u202f", ","))


@given(st.decimals(0, 10**7, places=2), st.sampled_from(STYLES), st.sampled_from(WRAPPINGS))
@settings(max_examples=250, deadline=None)
def test_an_amount_is_one_candidate_of_the_same_value(
    amount: Decimal, style: tuple[str, str], wrapping: str
) -> None:
    group, mark = style
    digits = f"{amount:,.2f}".replace(",", "g").replace(".", mark).replace("g", group)
    printed = wrapping.format(digits)
    (found,) = candidates(f"Total {printed}", Kind.MONEY)
    whole = parse_number(printed)
    assert whole.value is not None
    assert parse_number(found.text).value == whole.value
    assert Decimal(found.value).scaleb(-2) == Decimal(whole.value)
    assert found.num_decimals == 2


@pytest.mark.parametrize(
    ("printed", "value"),
    [("12,-", "12"), ("CHF 12.--", "12"), ("1,23,456.78", "123456.78"), ("Rp12.500", "12500"),
     ("1.234", "1234"), ("12.50/kg", "12.50"), ("1 250 Ft", "1250"), ("$(12.50)", "-12.50"),
     ("19%", "19"), ("1O.5O", "10.50"), ("l2.50", "12.50"), ("1.234.56", "1234.56"),
     (".50", "0.50"), ("0.125", "0.125"), ("12.50CR", "12.50"), ("1\u202f000,00-", "-1000.00"),
     ("(29 960,23)", "-29960.23"), ("1 000 000,00-", "-1000000.00")],
)  # fmt: skip
def test_rarer_styles_agree(printed: str, value: str) -> None:
    (found,) = candidates(f"Total {printed}", Kind.MONEY, Kind.PERCENT)
    assert abs(Decimal(found.value).scaleb(-2) - Decimal(value)) <= Decimal("0.005")
    assert Decimal(value) in {Decimal(item) for item in parse_number(found.text).readings}


@given(st.text("0123456789.,' ", max_size=16))
@settings(max_examples=200, deadline=None)
def test_bare_numbers_are_read_alike(text: str) -> None:
    found, reading = read_number(text), parse_number(text)
    if found is None:
        return
    assert reading.value is not None
    assert Decimal(found[0]).scaleb(-2) == round(Decimal(reading.value), 2)


DATES = ("{:%d.%m.%Y}", "{:%d.%m.%y}", "{:%d/%m/%Y}", "{:%Y-%m-%d}", "{:%Y%m%d}", "{:%d %B %Y}",
         "{:%b %d, %Y}", "{:%d-%b-%y}", "{:%d%b%Y}", "{:%d. %B %Y}", "{:%B %d, %Y}",
         "{:%d/%m/%Y}10:20", "{:%d.%m.%Y} 10:20", "{:%Y年%m月%d日}")  # fmt: skip


@given(st.dates(dt.date(1990, 1, 1), dt.date(2060, 12, 31)), st.sampled_from(DATES))
@settings(max_examples=150, deadline=None)
def test_a_date_is_one_candidate_of_the_same_value(day: dt.date, style: str) -> None:
    (found,) = candidates(f"Datum: {style.format(day)} an", Kind.DATE)
    assert parse_date(found.text).readings == parse_date(style.format(day)).readings
    assert found.value == int(f"{day:%Y%m%d}")


@pytest.mark.parametrize(
    ("printed", "value"),
    [("l5/01/2024", "2024-01-15"), ("3O.O1.2O24", "2024-01-30"), ("Z1.01.2024", "2024-01-21"),
     ("31/04/2024", None), ("29.02.2023", None), ("12.345.678", None), ("1.2.3", None)],
)  # fmt: skip
def test_misread_and_impossible_dates_agree(printed: str, value: str | None) -> None:
    found = candidates(f"Datum: {printed} an", Kind.DATE)
    assert [parse_date(item.text).value for item in found] == ([value] if value else [])


def test_a_million_francs_are_no_tax_number() -> None:
    (found,) = candidates("Total CHF1.234.567,00", Kind.MONEY, Kind.TAX_ID)
    assert found.text == "1.234.567,00"
    (number,) = candidates("UID CHE-107.787.577 MWST", Kind.TAX_ID)
    assert number.text == "CHE-107.787.577"
