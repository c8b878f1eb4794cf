"""Currency codes, signs and names as they are printed.

Knows nothing of numbers or documents.
"""

from __future__ import annotations

import re
import tomllib
from importlib import resources

from docextract.schema.languages import by_phrase, languages

_ISO_4217 = tomllib.loads(
    resources.files(__package__).joinpath("iso_4217.toml").read_text(encoding="utf-8")
)
_DECIMALS = {
    code: int(number) for number, codes in _ISO_4217["decimals"].items() for code in codes.split()
}
_ALSO = {name: frozenset(codes.split()) for name, codes in _ISO_4217["also"].items()}

CODES = frozenset(_DECIMALS) | _ALSO["replaced"]
"""ISO 4217 codes in use in 2025, and those that were replaced."""

CODES_IN_PRINT = CODES - _ALSO["words"]
"""Codes that, in capitals, mean a currency wherever they stand; the others are words too."""

EVERYDAY_CODES = _ALSO["everyday"]
"""Codes so common that they mean a currency in small letters too."""

ZERO_DECIMALS = frozenset(c for c, n in _DECIMALS.items() if not n) | _ALSO["printed_whole"]
"""Codes without minor unit in ISO 4217, and those printed without one in practice."""

THREE_DECIMALS = frozenset(code for code, number in _DECIMALS.items() if number == 3)
"""Codes with three decimals in ISO 4217."""

DOLLAR_CODES = {
    "US": "USD", "CA": "CAD", "AU": "AUD", "NZ": "NZD", "SG": "SGD", "HK": "HKD", "MX": "MXN",
    "AR": "ARS", "CL": "CLP", "CO": "COP", "UY": "UYU", "TW": "TWD", "BN": "BND", "JM": "JMD",
    "BS": "BSD",
    "BZ": "BZD", "BB": "BBD", "TT": "TTD", "FJ": "FJD", "NA": "NAD", "KY": "KYD", "BM": "BMD",
    "EC": "USD", "SV": "USD", "PR": "USD",
}  # fmt: skip
"""What a bare dollar sign means, by ISO 3166 country."""

CROWN_CODES = {"SE": "SEK", "NO": "NOK", "DK": "DKK", "IS": "ISK"}
POUND_CODES = {"GB": "GBP", "EG": "EGP", "LB": "LBP", "GI": "GIP"}
YEN_CODES = {"JP": "JPY", "CN": "CNY"}
YUAN_CODES = {"CN": "CNY", "TW": "TWD", "HK": "HKD"}
DIRHAM_CODES = {"AE": "AED", "MA": "MAD"}
RUPEE_CODES = {"IN": "INR", "PK": "PKR", "LK": "LKR", "NP": "NPR", "MU": "MUR"}

COUNTRY_OF_LANGUAGE = {
    each.code: each.get("about", "country") for each in languages() if each.get("about", "country")
}
"""Where a language, ISO 639-1, is spoken in one country with a currency of its own."""

AMBIGUOUS: dict[str, tuple[dict[str, str], str]] = {
    "$": (DOLLAR_CODES, "USD"),
    "dollar": (DOLLAR_CODES, "USD"),
    "dollars": (DOLLAR_CODES, "USD"),
    "kr": (CROWN_CODES, "SEK"),
    "kr.": (CROWN_CODES, "DKK"),
    "£": (POUND_CODES, "GBP"),
    "¥": (YEN_CODES, "JPY"),
    "元": (YUAN_CODES, "CNY"),
    "rs": (RUPEE_CODES, "INR"),
    "rs.": (RUPEE_CODES, "INR"),
    "rupees": (RUPEE_CODES, "INR"),
    "dh": (DIRHAM_CODES, "AED"),
    "dhs": (DIRHAM_CODES, "AED"),
}
"""Signs of several currencies: which by country, and the likeliest without evidence."""

_EURO = "AD AT BE CY DE EE ES FI FR GR HR IE IT LT LU LV MC MT NL PT SI SK SM VA"
OF_COUNTRY = {
    **dict.fromkeys(_EURO.split(), "EUR"), **DOLLAR_CODES, **CROWN_CODES, **RUPEE_CODES,
    "GB": "GBP", "CH": "CHF", "LI": "CHF", "PL": "PLN", "CZ": "CZK", "HU": "HUF", "RO": "RON",
    "BG": "BGN", "MY": "MYR", "ID": "IDR", "PH": "PHP", "TH": "THB", "VN": "VND", "KR": "KRW",
    "JP": "JPY", "CN": "CNY", "AE": "AED", "SA": "SAR", "IL": "ILS", "TR": "TRY", "ZA": "ZAR",
    "EG": "EGP", "UA": "UAH", "BR": "BRL", "PE": "PEN",
}  # fmt: skip
"""What a country pays with in 2025, by ISO 3166 country."""

SIGNS = by_phrase("currency_signs")
"""Codes by signs and words of one currency, in lower case."""

GLYPHS = "€$£¥₹₽₩₺₫฿₪₦₱₴₡₲₸৳₭៛₮₾円元원"
"""Single characters that are a currency on their own."""

NAMES = by_phrase("currency_names")
"""Codes by names that stand alone; beside a number most of them are words of everyday language."""

WORD = rf"(?:د\.إ|[^\W\d_円元원]{{1,6}}[.$£/]{{0,2}}|[{GLYPHS}])"
"""Matches what could be a printed currency; ask ``is_currency`` whether it is one."""

_PRINTED = frozenset({code.lower() for code in CODES} | SIGNS.keys() | AMBIGUOUS.keys())


def code_of(printed: str) -> str | None:
    """Return the ISO 4217 code of a code or sign, the likeliest of a shared sign, or None."""
    lowered = printed.lower()
    for form in (lowered, lowered.rstrip("./")):
        if form.upper() in CODES:
            return form.upper()
        if form in SIGNS:
            return SIGNS[form]
        if form in AMBIGUOUS:
            return AMBIGUOUS[form][1]
    return None


def is_currency(printed: str) -> bool:
    """Return whether a text such as ``EUR``, ``us$`` or ``Rs.`` is a currency."""
    lowered = printed.lower()
    return lowered in _PRINTED or lowered.rstrip("./") in _PRINTED


def possible_codes(printed: str) -> frozenset[str]:
    """Return every ISO 4217 code that a sign or code in a printed amount may stand for.

    Empty where none is printed. ``$`` stands for all dollars, ``US$`` for one.
    """
    codes: set[str] = set()
    for word in re.findall(WORD, printed.lower()):
        bare = word if word in _PRINTED else word.rstrip("./")
        if bare.upper() in CODES:
            codes.add(bare.upper())
        elif bare in SIGNS:
            codes.add(SIGNS[bare])
        elif bare in AMBIGUOUS:
            by_country, likeliest = AMBIGUOUS[bare]
            codes |= {likeliest, *by_country.values()}
    return frozenset(codes)
