"""What speaks for a country on a page, and what does not."""

from __future__ import annotations

import pytest

from docextract.normalise import gather_evidence
from docextract.normalise.locale.regions import find_clues
from docextract.normalise.numbers.currencies import CODES, OF_COUNTRY
from docextract.normalise.text.identifiers import parse_currency


def countries(text: str) -> set[str]:
    return {clue.country for clue in find_clues(text)}


@pytest.mark.parametrize(
    ("text", "country"),
    [
        ("Tel +60 3-5555 0100", "MY"),
        ("Tel. +353 (0)1 555 0100", "IE"),
        ("(416) 555-0100", "CA"),
        ("702-555-0100", "US"),
        ("www.example.co.uk", "GB"),
        ("info@example.hr", "HR"),
        ("Salem, OR 97301", "US"),
        ("Boston, MA", "US"),
        ("Vancouver, British Columbia", "CA"),
        ("43000 Kajang, Selangor", "MY"),
        ("USt-IdNr. 12", "DE"),
        ("VAT IE1234567T", "IE"),
        ("ATU12345678", "AT"),
        ("Org.nr. NO 918 442 071 MVA", "NO"),
        ("Org.nr 556677-8899", "SE"),
    ],
)
def test_a_clue_names_its_country(text: str, country: str) -> None:
    assert countries(text) == {country}


@pytest.mark.parametrize(
    "text",
    [
        "800-555-0100",
        "info@example.com",
        "BE82242",
        "PT 1234",
        "12/03/2024",
        "OR 12",
        "1.234.567",
        "Org.nr. 918 442 071",
    ],
)
def test_what_every_country_prints_is_no_clue(text: str) -> None:
    assert countries(text) == set()


def test_a_clue_stands_where_it_says() -> None:
    text = "Lot 3, Shah Alam, Selangor. Tel +60 3 5555 0100"
    for clue in find_clues(text):
        assert text[clue.start : clue.end].strip() != ""
    assert gather_evidence([text]).country == "MY"


def test_a_company_form_is_no_currency_of_another_country() -> None:
    reading = parse_currency("Sdn Bhd")
    assert reading.value == "MYR"
    assert "inferred" in (reading.note or "")


def test_a_printed_currency_beside_a_country_is_the_printed_one() -> None:
    assert parse_currency("USD, Malaysia").value == "USD"


def test_two_countries_settle_nothing() -> None:
    assert parse_currency("Singapore and Malaysia").value is None


def test_every_country_pays_with_a_code() -> None:
    assert set(OF_COUNTRY.values()) <= CODES
