"""Currencies: all codes of ISO 4217 with their decimals, and signs of one currency."""

from __future__ import annotations

import pytest

from docextract.normalise import gather_evidence
from docextract.normalise.numbers.currencies import (
    CODES,
    CODES_IN_PRINT,
    THREE_DECIMALS,
    ZERO_DECIMALS,
    code_of,
)
from docextract.normalise.numbers.numbers import parse_number


def test_every_code_has_its_decimals() -> None:
    assert len(CODES) > 170
    assert {"BHD", "IQD", "JOD", "KWD", "LYD", "OMR", "TND"} == THREE_DECIMALS
    assert {"JPY", "KRW", "CLP", "VND", "XOF", "UGX"} <= ZERO_DECIMALS
    assert not {"ALL", "TOP", "PEN", "DEM"} & CODES_IN_PRINT


@pytest.mark.parametrize(
    ("sign", "code"), [("KD", "KWD"), ("₵", "GHS"), ("KSh", "KES"), ("S/", "PEN"), ("د.ك", "KWD")]
)
def test_a_sign_of_one_currency_is_its_code(sign: str, code: str) -> None:
    assert code_of(sign) == code


@pytest.mark.parametrize("printed", ["152.050 KD", "KWD 152.050", "152,050 TND"])
def test_three_decimals_are_decimals_where_the_currency_has_them(printed: str) -> None:
    assert parse_number(printed).value == "152.050"


@pytest.mark.parametrize(
    ("text", "currency"),
    [("RUT 76.123.456-0 Total $ 1.234.566", "CLP"), ("CUIT 30-1 Total $ 1.234,56", "ARS"),
     ("Total 31.300 KD, 5.500 KD", "KWD"), ("EIN 98-7654321 USA $10.00", "USD")],
)  # fmt: skip
def test_what_a_sign_means_follows_from_the_country(text: str, currency: str) -> None:
    assert gather_evidence([text]).currency == currency


@pytest.mark.parametrize("text", ["Total kr 6.645,00", "Total $ 66.45"])
def test_crowns_and_dollars_of_no_country_are_nobodys(text: str) -> None:
    assert gather_evidence([text]).currency is None
