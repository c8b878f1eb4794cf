"""How dates, numbers, account numbers and the like are printed, as patterns.

Knows nothing of where they stand. Repetitions are bounded, so that each pattern takes
linear time on any text.
"""

from __future__ import annotations

import re

from docextract.normalise.numbers.currencies import EVERYDAY_CODES, GLYPHS, SIGNS
from docextract.normalise.numbers.number_search import LOOKALIKES
from docextract.schema.languages import pattern

MISREAD_DATE = re.compile(
    rf"(?=.*\d[./-])[\d{LOOKALIKES}]{{1,2}}([./-])[\d{LOOKALIKES}]{{1,2}}\1[\d{LOOKALIKES}]{{2,4}}"
)
"""A date in digits some of which an OCR engine took for letters."""

TIMES = re.compile(
    r"(?<![\d:.,])(?:[01]?\d|2[0-3])[:h][0-5]\d(?::[0-5]\d)?(?: ?[AaPp]\.?[Mm]\b\.?)?(?![\d,]|\.\d)"
    r"|(?<![\d:.,])(?:[01]?\d|2[0-3])\.[0-5]\d"
    rf"(?= ?(?:{pattern('dates', 'clock_behind_point')}|[AaPp]\.?[Mm]\b))"
    r"|(?<=(?:19|20)\d\d)(?:[01]\d|2[0-3]):[0-5]\d(?::[0-5]\d)?"
    r"|(?<=[./-]\d\d)(?:[01]\d|2[0-3]):[0-5]\d(?![\d:])"
)
IBANS = re.compile(r"(?<!\w)[A-Z]{2}(?:\d{2}| \d{2}(?= \d{4}))(?: ?[A-Z0-9]){11,30}(?!\w)")
BICS = re.compile(r"(?<!\w)[A-Z]{6}[A-Z0-9]{2}(?:[A-Z0-9]{3})?(?!\w)")
TAX_IDS = re.compile(
    r"(?<!\w)(?:ATU ?\d{8}|BE ?[01]?[\d. ]{9,12}\d|CHE-?\d{3}\.?\d{3}\.?\d{3}"
    r"|DE ?\d{3} ?\d{3} ?\d{3}|DE ?\d{9}|"
    r"ES ?[A-Z0-9]\d{7}[A-Z0-9]|FR ?[A-Z0-9]{2} ?\d{3} ?\d{3} ?\d{3}|GB ?\d{3} ?\d{4} ?\d{2}|"
    r"IE ?\d[A-Z0-9+*]\d{5}[A-Z]{1,2}|IT ?\d{11}|LU ?\d{8}|NL ?\d{9}B\d{2}|PL ?\d{10}|"
    r"PT ?\d{9}|SE ?\d{12}|DK ?\d{8}|FI ?\d{8}|CZ ?\d{8,10}|HU ?\d{8}|RO ?\d{2,10}|"
    r"SK ?\d{10}|SI ?\d{8}|HR ?\d{11}|BG ?\d{9,10}|EE ?\d{9}|LT ?\d{9,12}|LV ?\d{11}|"
    r"EL ?\d{9}|MT ?\d{8}|CY ?\d{8}[A-Z])(?!\w)"
)
EMAILS = re.compile(r"[\w.+-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63}){1,4}")
URLS = re.compile(r"(?:https?://|www\.)[^\s,;|()<>]{3,100}", re.IGNORECASE)
PHONES = re.compile(
    r"(?<![\w.,/-])(?:\+\d{1,12}|0\d{1,12}|\(\+?\d{1,6}\)|\d{3})"
    r"(?:[ ()./-]{1,3}\d{2,10}){0,6}(?:-\d)?(?![\w%]|[.,]\d)"
)
NUMBER = re.compile(
    rf"[(\[*]{{0,12}}(?P<sign>[-+–−]?)(?:(?<=[-–−])\))?(?P<pre>[A-Z]{{2,3}}(?=[\d-])|[A-Z]{{0,3}}\$|[{GLYPHS}]"
    r"|S?Fr\.|Rp\.?|Rs\.?|R(?=\d)|kr\.?|zł|Kč|Ft)?(?P<sign2>[-–−(]?)"
    r"(?P<num>\d{1,12}(?:[.,'’]\d{1,6}){0,4}|[.,]\d{2})"
    rf"(?P<open>[.,]?[-–—]{{0,2}})(?P<post>[{GLYPHS}%‰]|[A-Z]{{0,3}}|[a-z]{{1,3}}|zł|Kč|Ft)?"
    r"(?P<per>/[^\W\d_]{1,6}\.?)?(?P<tail>[)\]*,;.:]{0,12})"
)
MISREAD_NUMBER = re.compile(
    rf"[$€£¥]?(?=[\d.,]*[{LOOKALIKES}])[\d{LOOKALIKES}]{{1,6}}[.,][\d{LOOKALIKES}]{{2}}"
)
PLAIN = re.compile(r"\d+(?:\.\d\d)?")
_SHORT_FORMS = "FR FT KD KN KR KČ RM RP RS TL ZŁ LEI DKR SKR NKR РУБ ГРН ЛВ EURO EUROS".split()  # noqa: SIM905
CURRENCY_WORDS = frozenset(
    {*_SHORT_FORMS, *EVERYDAY_CODES, *GLYPHS, *(sign.upper() for sign in SIGNS if "$" in sign), "$"}
)
"""What is a currency in either case; other codes are in capitals alone."""
NUMERIC = frozenset("0123456789")
IBAN_LENGTHS = {
    "AT": 20, "BE": 16, "CH": 21, "CZ": 24, "DE": 22, "DK": 18, "ES": 24, "FI": 18, "FR": 27,
    "GB": 22, "HU": 28, "IE": 22, "IT": 27, "LU": 20, "NL": 18, "NO": 15, "PL": 28, "PT": 25,
    "RO": 24, "SE": 24, "SK": 24,
}  # fmt: skip
