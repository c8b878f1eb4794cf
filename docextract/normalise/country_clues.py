"""Counts what on a document points at a country: tax ids, postal codes, telephones, domains.

Knows nothing of which of two parties a clue belongs to.
"""

from __future__ import annotations

import re
from collections import Counter

from docextract.normalise.countries import CODES

_IBAN = re.compile(r"\b([A-Z]{2})\d{2}(?: ?[A-Z0-9]{4}){2,7}")
_VAT = re.compile(
    r"\b(AT|BE|BG|CHE|CY|CZ|DE|DK|EE|EL|ES|FI|FR|GB|HR|HU|IE|IT|LT|LU|LV|MT|NL|PL|PT|RO|SE|SI|SK)"
    r"[ -]?(?=[A-Z]?\d)[A-Z]?\d{1,3}(?:[ .]?[A-Z0-9]{2,4}){2,4}(?![A-Z0-9])"
)
_MIN_VAT_CHARS = 8
"""The shortest VAT ids of the EU (LU, DK, FI ...) have eight characters behind the prefix."""

_STATES = (
    "A[KLRZ]|C[AOT]|D[CE]|FL|GA|HI|I[ADLN]|K[SY]|LA|M[ADEINOST]|N[CDEHJMVY]|O[HKR]|PA|RI|S[CD]"
    "|T[NX]|UT|V[AT]|W[AIVY]"
)
_STATES_ALONE = _STATES.replace("C[AOT]", "CT").replace("D[CE]", "DC").replace("I[ADLN]", "I[AL]")
"""Without those that are also the code of a country people write behind a town (CA, DE, IN)."""

_CLUES = {
    "US": rf"(?:{_STATES})\.?,? ?\d{{5}}(?:-\d{{4}})?(?!\d)|USA\b|U\.S\.A|United States\b"
    rf"|[A-Z][A-Za-z]{{2,20}}, ?(?:{_STATES_ALONE})\b(?! ?\d)|(?i:sales tax)\b",
    "GB": r"[A-Z]{1,2}\d[A-Z\d]? \d[A-Z]{2}\b|United Kingdom\b|VAT Reg(?:istration)?\b"
    r"|VAT ?(?:No|Number|#)?[.:# ]{0,3}\d{3} ?\d{3} ?\d{3}(?!\d)",
    "CA": r"[A-Z]\d[A-Z] \d[A-Z]\d\b|Canada\b|GST/HST\b|[HQ]ST\b|TPS\b|TVQ\b",
    "AU": r"ABN\b|Australia\b|(?:NSW|VIC|QLD|TAS) \d{4}\b",
    "NZ": r"New Zealand\b|NZBN\b",
    "SG": r"(?:Singapore|SINGAPORE) \d{6}\b|(?:Pte|PTE)\.? (?:Ltd|LTD)\b|UEN\b",
    "MY": r"(?:Sdn|SDN)\.? ?(?:Bhd|BHD)\b|B(?:hd|HD)\b(?! ?\d)|(?i:Malaysia)\b"
    r"|\d{5} (?i:Kuala Lumpur|Johor)|SST ID\b|GST ID\b",
    "IN": r"GSTIN\b|India\b|\d{2}[A-Z]{5}\d{4}[A-Z]\dZ[A-Z\d]\b",
    "IE": r"Ireland\b|Eircode\b",
    "CH": r"CHE-\d{3}\.|Schweiz\b|Suisse\b|Switzerland\b|CH-\d{4}\b",
    "AT": r"Österreich\b|Austria\b|A-\d{4}\b",
    "DE": r"Deutschland\b|Germany\b|D-\d{5}\b",
    "BE": r"Belgique\b|België\b|Belgium\b",
    "FR": r"France\b|SIRET\b",
    "HK": r"Hong ?Kong\b|HONG ?KONG\b|Kowloon\b|KOWLOON\b",
    "MX": r"México\b|RFC\b",
}
_CLUE = re.compile(
    r"\b(?:" + "|".join(f"(?P<{code}>{text})" for code, text in _CLUES.items()) + ")"
)
_MAX_CLUES = 3
"""A clue repeated on every page counts no more than this."""

_DOMAIN = re.compile(
    r"(?:@|www\.|://)[\w-]{1,40}(?:\.[\w-]{1,40}){0,3}\.([a-z]{2})(?![\w.-])"
    r"|[\w-]\.com?\.([a-z]{2})(?![\w.-])",
    re.IGNORECASE,
)
_WORLDWIDE = frozenset({"AI", "CC", "CO", "FM", "GG", "IO", "ME", "TO", "TV", "WS"})
"""Country domains that are sold to everyone."""

_CALLING_CODES = {
    "27": "ZA", "30": "GR", "31": "NL", "32": "BE", "33": "FR", "34": "ES", "36": "HU",
    "39": "IT", "40": "RO", "41": "CH", "43": "AT", "44": "GB", "45": "DK", "46": "SE",
    "47": "NO", "48": "PL", "49": "DE", "52": "MX", "54": "AR", "55": "BR", "60": "MY",
    "61": "AU", "62": "ID", "63": "PH", "64": "NZ", "65": "SG", "66": "TH", "81": "JP",
    "82": "KR", "84": "VN", "86": "CN", "90": "TR", "91": "IN", "351": "PT", "352": "LU",
    "353": "IE", "358": "FI", "370": "LT", "380": "UA", "385": "HR", "386": "SI",
    "420": "CZ", "421": "SK", "852": "HK", "886": "TW", "971": "AE", "972": "IL",
}  # fmt: skip
_PHONE = re.compile(r"(?<![\w+])(?:\+ ?|00 ?)(\d{2,3})(?=[ (./-]{0,2}[\d(][\d ()./-]{5,14}\d)")


def count_countries(text: str) -> Counter[str]:
    """Return how much in a text speaks for each country, by ISO 3166-1 alpha-2 code."""
    votes: Counter[str] = Counter()
    for found in _IBAN.finditer(text):
        if found[1] in CODES and sum(char.isdigit() for char in found[0]) >= 10:
            votes[found[1]] += 1
    for found in _VAT.finditer(text):
        prefix = found[1]
        if sum(char.isalnum() for char in found[0]) >= len(prefix) + _MIN_VAT_CHARS:
            votes[{"EL": "GR", "CHE": "CH"}.get(prefix, prefix)] += 2
    clues = Counter(found.lastgroup for found in _CLUE.finditer(text))
    for country, count in clues.items():
        if country:
            votes[country] += min(_MAX_CLUES, count)
    # A set, sorted: what stands on every page counts once, and ties are settled the same way.
    for country in sorted({*_domain_countries(text), *_phone_countries(text)}):
        votes[country] += 1
    return votes


def _domain_countries(text: str) -> set[str]:
    domains = {(found[1] or found[2]).upper() for found in _DOMAIN.finditer(text)}
    return {{"UK": "GB"}.get(name, name) for name in domains - _WORLDWIDE} & CODES


def _phone_countries(text: str) -> set[str]:
    printed = [found[1] for found in _PHONE.finditer(text)]
    return {
        code
        for digits in printed
        if (code := _CALLING_CODES.get(digits) or _CALLING_CODES.get(digits[:2]))
    }
