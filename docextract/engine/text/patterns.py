"""How dates, numbers, account numbers and the like are printed, as patterns.

Knows nothing of where they stand. Repetitions are bounded, so that each pattern takes
linear time on any text.
"""

from __future__ import annotations

import re

_MONTHS = (
    "jan feb mar apr may jun jul aug sep oct nov dec "
    "mär maerz mrz mai okt dez mai juni juli janv févr fevr avr juin juil août aout déc "
    "ene abr ago dic enero gen mag giu lug ago set ott maa mei fev out sept januari "
    "augusti oktober desember des ogo"
)
MONTH_INDEX = {
    "jan": 1, "ene": 1, "gen": 1, "feb": 2, "fev": 2, "fév": 2, "mar": 3, "mär": 3, "mae": 3,
    "mrz": 3, "maa": 3, "apr": 4, "avr": 4, "abr": 4, "may": 5, "mai": 5, "mag": 5, "mei": 5,
    "jun": 6, "giu": 6, "jul": 7, "lug": 7, "aug": 8, "aoû": 8, "aou": 8, "ago": 8, "ogo": 8,
    "sep": 9, "set": 9, "oct": 10, "okt": 10, "ott": 10, "out": 10, "nov": 11, "dec": 12,
    "juin": 6, "juil": 7, "dez": 12, "déc": 12, "dic": 12, "des": 12,
}  # fmt: skip
_MONTH = "(?:" + "|".join(sorted(set(_MONTHS.split()), key=len, reverse=True)) + r")[^\W\d]{0,8}"
_YEAR = r"(?:(?:19|20)\d\d(?=\d\d:\d\d|\D|$)|\d\d(?!\d))"
DATES = re.compile(
    rf"(?<![\d./-])(?P<y1>(?:19"
    rf"|20)\d\d)(?P<s1>[-./]) ?(?P<m1>[01]?\d)(?P=s1) ?(?P<d1>[0-3]?\d)(?!\d)"
    rf"|(?:(?<![\d.,/-])|(?<=[/.]\d\d-)|(?<=[/.]\d{{4}}-)|(?<=\d-)(?=\d\d/\d\d/20))"
    rf"(?P<d2>[0-3]?\d) ?(?P<s2>[-./]) ?(?P<m2>[0-3]?\d) ?(?P=s2) ?(?P<y2>{_YEAR})"
    rf"|(?<!\d)(?P<d3>[0-3]?\d)(?:st|nd|rd|th|er|º|\.)?[ ./-]{{0,2}}(?:of |de "
    rf"|d')?(?P<m3>{_MONTH})"
    rf"[.,]?[ ,./-]{{0,2}}(?:de |of |del )?(?P<y3>['’]?{_YEAR})"
    rf"|(?<![^\W\d])(?P<m4>{_MONTH})\.?[ -]?(?P<d4>[0-3]?\d)(?:st|nd|rd"
    rf"|th)?,?[ ,-]{{0,2}}(?P<y4>(?:19|20)\d\d|['’]\d\d(?!\d))",
    re.IGNORECASE,
)
COMPACT = re.compile(r"(?:19|20)\d\d(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])")
TIMES = re.compile(
    r"(?<![\d:.,])(?:[01]?\d|2[0-3])[:h][0-5]\d(?::[0-5]\d)?(?: ?[AaPp]\.?[Mm]\b\.?)?(?![\d,]|\.\d)"
    r"|(?<![\d:.,])(?:[01]?\d|2[0-3])\.[0-5]\d(?= ?(?:Uhr|[AaPp]\.?[Mm]\b))"
    r"|(?<=(?:19|20)\d\d)(?:[01]\d|2[0-3]):[0-5]\d(?::[0-5]\d)?"
)
IBANS = re.compile(r"(?<!\w)[A-Z]{2}\d{2}(?: ?[A-Z0-9]){11,30}(?!\w)")
BICS = re.compile(r"(?<!\w)[A-Z]{6}[A-Z0-9]{2}(?:[A-Z0-9]{3})?(?!\w)")
TAX_IDS = re.compile(
    r"(?<!\w)(?:ATU ?\d{8}|BE ?[01]?[\d. ]{9,12}\d|CH[EF]-?[\d.]{9,11}"
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
    r"(?:[ ()./-]{1,3}\d{2,10}){0,6}(?![\w%]|[.,]\d)"
)
NUMBER = re.compile(
    r"[(\[*]{0,2}(?P<sign>[-+–−]?)(?P<pre>[A-Z]{2,3}(?=[\d-])|R\$|[$€£¥₹]|Fr\."
    r"|Rp\.?)?(?P<sign2>[-–−]?)"
    r"(?P<num>\d{1,12}(?:[.,'’]\d{1,6}){0,4}|[.,]\d{2})"
    r"(?P<open>[.,]?[-–—]{0,2})(?P<post>€|\$|£|¥|%|‰|[A-Z]{0,3}|[a-z]{1,3}"
    r"|kr)?(?P<tail>[)\]*,;.:]{0,2})"
)
CURRENCY_WORDS = frozenset(
    {
        "EUR",
        "USD",
        "GBP",
        "CHF",
        "SEK",
        "NOK",
        "DKK",
        "PLN",
        "CZK",
        "HUF",
        "MYR",
        "SGD",
        "AUD",
        "CAD",
        "NZD",
        "JPY",
        "CNY",
        "INR",
        "IDR",
        "THB",
        "VND",
        "PHP",
        "BRL",
        "MXN",
        "ZAR",
        "AED",
        "SAR",
        "TRY",
        "RON",
        "BGN",
        "HRK",
        "KN",
        "ISK",
        "HKD",
        "TWD",
        "KRW",
        "RUB",
        "UAH",
        "ILS",
        "EGP",
        "RM",
        "RP",
        "KR",
        "FR",
        "FT",
        "KČ",
        "ZŁ",
        "€",
        "$",
        "£",
        "¥",
        "₹",
        "S$",
        "A$",
        "C$",
        "US$",
        "HK$",
        "R$",
        "RS",
        "EURO",
        "EUROS",
    }
)
NUMERIC = frozenset("0123456789")
IBAN_LENGTHS = {
    "AT": 20, "BE": 16, "CH": 21, "CZ": 24, "DE": 22, "DK": 18, "ES": 24, "FI": 18, "FR": 27,
    "GB": 22, "HU": 28, "IE": 22, "IT": 27, "LU": 20, "NL": 18, "NO": 15, "PL": 28, "PT": 25,
    "RO": 24, "SE": 24, "SK": 24,
}  # fmt: skip
