"""Finds what on a page belongs to one country: regions, postcodes, tax terms, dialling codes.

Knows nothing of currencies or dates, nor of which party of a document a place belongs to.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple


class Clue(NamedTuple):
    """A print that speaks for a country, where it stands in the text and how loudly."""

    country: str
    start: int
    end: int
    weight: int


_STATES = (
    "A[KLRZ]|C[AOT]|D[CE]|FL|GA|HI|I[ADLN]|K[SY]|LA|M[ADEINOST]|N[CDEHJMVY]|O[HKR]|PA|RI|S[CD]"
    "|T[NX]|UT|V[AT]|W[AIVY]"
)
_STATES_ALONE = _STATES.replace("C[AOT]", "CT").replace("D[CE]", "DC").replace("I[ADLN]", "I[AL]")
"""Without those that are also the code of a country people write behind a town (CA, DE, IN)."""

_PRINTS = {
    "US": rf"(?:{_STATES})\.?,? ?\d{{5}}(?:-\d{{4}})?(?!\d)|USA\b|U\.S\.A|United States\b"
    rf"|[A-Z][A-Za-z]{{2,20}}, ?(?:{_STATES_ALONE})\b(?! ?\d)|(?i:sales tax)\b",
    "GB": r"[A-Z]{1,2}\d[A-Z\d]? \d[A-Z]{2}\b|United Kingdom\b|VAT Reg(?:istration)?\b"
    r"|VAT ?(?:No|Number|#)?[.:# ]{0,3}\d{3} ?\d{3} ?\d{3}(?!\d)",
    "CA": r"[A-Z]\d[A-Z] \d[A-Z]\d\b|Canada\b|CANADA\b|GST/HST\b|HST\b|TPS\b|TVQ\b|QST\b"
    r"|(?:British Columbia|Ontario|Québec|Quebec|Alberta|Manitoba)\b|(?:QC|BC)[ ,]+[A-Z]\d[A-Z]\b",
    "AU": r"ABN\b|Australia\b|(?:NSW|VIC|QLD|TAS) \d{4}\b",
    "NZ": r"New Zealand\b|NZBN\b",
    "SG": r"(?:Singapore|SINGAPORE)\b|(?:Pte|PTE)\.? (?:Ltd|LTD)\b",
    "HK": r"Hong ?Kong\b|HONG ?KONG\b|Kowloon\b|KOWLOON\b|New Territories\b",
    "MY": r"(?:Sdn|SDN)\.? ?(?:Bhd|BHD)\b|Malaysia\b|MALAYSIA\b|[GS]ST ID\b"
    r"|(?i:kuala lumpur|selangor|johor|pulau pinang|perak|negeri sembilan|melaka|sarawak"
    r"|sabah|terengganu|kelantan|putrajaya|darul ehsan)\b",
    "PH": r"Philippines\b|PHILIPPINES\b|Metro Manila\b|VAT REG\.? ?TIN\b",
    "ID": r"Indonesia\b|Jakarta\b|NPWP\b",
    "FJ": r"Fiji\b|FIJI\b",
    "AE": r"U\.?A\.?E\b|Dubai\b|DUBAI\b|Abu Dhabi\b",
    "IN": r"\d{2}[A-Z]{5}\d{4}[A-Z]\dZ[A-Z\d]\b|GSTIN\b|CGST\b|SGST\b|India\b|INDIA\b",
    "IE": r"Ireland\b|Eircode\b",
    "CH": r"CHE-\d{3}\.|Schweiz\b|Suisse\b|Switzerland\b|CH-\d{4}\b",
    "AT": r"Österreich\b|Austria\b|A-\d{4}\b",
    "DE": r"Deutschland\b|Germany\b|D-\d{5}\b|USt-?Id|Steuer-?[Nn](?:r\b|ummer)",
    "BE": r"Belgique\b|België\b|Belgium\b",
    "FR": r"France\b|SIRET\b|SIREN\b",
    "ES": r"España\b|ESPAÑA\b|Spain\b|[NC]\.?I\.?F\.?:",
    "IT": r"Italia\b|ITALIA\b|Italy\b|P(?:artita|\.) ?IVA\b",
    "NL": r"Nederland\b|Netherlands\b|BTW\b",
    "PL": r"NIP\b|Polska\b|PTU\b",
    "CZ": r"DI[CČ]:|DPH\b",
    "HR": r"OIB\b|PDV\b",
    "SE": r"Sverige\b|Org\.? ?nr[.: ]{0,3}\d{6}-\d{4}\b",
    "NO": r"Norge\b|Foretaksregisteret\b|(?:NO ?)?\d{3} ?\d{3} ?\d{3} ?MVA\b",
    "DK": r"CVR\b|Danmark\b",
    "HU": r"[Aa]dószám|ÁFA\b",
    "LT": r"PVM\b|Lietuva\b",
    "LV": r"PVN\b|Latvija\b",
    "EE": r"KMKR\b|Eesti\b",
    "PT": r"Contribuinte\b|Portugal\b",
    "CL": r"(?:RUT|R\.U\.T\.?)[ :]{1,3}\d{1,2}\.\d{3}\.\d{3}-[\dkK]\b|Chile\b|CHILE\b",
    "CO": r"Colombia\b|COLOMBIA\b|NIT[ .:]{1,3}\d{3}\.\d{3}\.\d{3}",
    "AR": r"CUIT\b|Argentina\b|ARGENTINA\b",
    "UY": r"Uruguay\b|URUGUAY\b",
    "PE": r"Perú\b|PERÚ\b",
    "KW": r"Kuwait\b",
    "QA": r"Qatar\b",
    "MX": r"México\b|RFC\b",
}
_PRINT = re.compile(
    r"\b(?=\w)(?:" + "|".join(f"(?P<{code}>{text})" for code, text in _PRINTS.items()) + ")"
)
_CALLING = {
    "20": "EG", "27": "ZA", "30": "GR", "31": "NL", "32": "BE", "33": "FR", "34": "ES", "36": "HU",
    "39": "IT", "40": "RO", "41": "CH", "43": "AT", "44": "GB", "45": "DK", "46": "SE", "47": "NO",
    "48": "PL", "49": "DE", "51": "PE", "52": "MX", "54": "AR", "55": "BR", "56": "CL", "57": "CO",
    "60": "MY", "61": "AU", "62": "ID", "63": "PH", "64": "NZ", "65": "SG", "66": "TH", "81": "JP",
    "82": "KR", "84": "VN", "86": "CN", "90": "TR", "91": "IN", "92": "PK", "94": "LK",
    "351": "PT", "352": "LU", "353": "IE", "354": "IS", "356": "MT", "357": "CY", "358": "FI",
    "359": "BG", "370": "LT", "371": "LV", "372": "EE", "380": "UA", "385": "HR", "386": "SI",
    "420": "CZ", "421": "SK", "679": "FJ", "852": "HK", "886": "TW", "966": "SA", "971": "AE",
    "972": "IL",
}  # fmt: skip
"""Calling codes of ITU-T E.164 that belong to one country."""

_INTERNATIONAL = re.compile(r"(?<![\d+])\(?\+ ?(\d{3}|\d{2})(?=[ ()./-]|\d)")
_NORTH_AMERICAN = re.compile(
    r"(?<![\d(./-])(?:\+?1[ .-]?)?\(?([2-9]\d\d)(?:\) ?|[ .-])[2-9]\d\d ?[.-] ?\d{4}(?![\d.,-])"
)
_AREAS = (
    "204 226 236 249 250 263 289 306 343 354 365 367 368 382 387 403 416 418 428 431 437 438 450"
    " 460 468 474 506 514 519 537 548 568 579 581 584 587 604 613 622 639 647 672 683 705 709"
    " 742 753 778 780 782 807 819 825 867 873 879 902 905 942"
)
_CANADIAN = frozenset(_AREAS.split())
"""Area codes that the North American numbering plan gives to Canada (CNA, 2025)."""

_TOLL_FREE = frozenset({"800", "822", "833", "844", "855", "866", "877", "888", "900"})
_DOMAIN = re.compile(
    r"(?:(?:www\.|@|://)[\w.-]{1,60}?|[\w-]\.com?)\.([a-z]{2})(?![\w.-])", re.IGNORECASE
)
_LETTERS = (
    "at au be bg ca ch cz de dk ee es fi fr gr hk hr hu id ie in is it jp lt lu lv mx my nl no nz"
    " ph pl pt ro se sg si sk th uk za"
)
_DOMAINS = frozenset(_LETTERS.split())
"""Top-level domains that are used in their own country."""


_VAT = re.compile(
    r"\b(AT|BE|BG|CHE|CY|CZ|DE|DK|EE|EL|ES|FI|FR|GB|HR|HU|IE|IT|LT|LU|LV|MT|NL|PL|PT|RO|SE|SI|SK)"
    r"[ -]?(?=[A-Z]?\d)[A-Z]?\d{1,3}(?:[ .]?[A-Z0-9]{2,4}){2,4}(?![A-Z0-9])"
)
_VAT_DIGITS = {
    "AT": (8, 8), "BE": (9, 10), "BG": (9, 10), "CHE": (9, 9), "CZ": (8, 10), "DE": (9, 9),
    "EE": (9, 9), "EL": (9, 9), "FR": (9, 11), "GB": (9, 12), "HR": (11, 11), "IE": (7, 8),
    "IT": (11, 11), "LT": (9, 12), "LV": (11, 11), "NL": (11, 11), "PL": (10, 10),
    "PT": (9, 9), "SE": (12, 12), "SK": (10, 10),
}  # fmt: skip
"""Fewest and most digits of VAT numbers, by prefix; others have 7 to 9 (VIES)."""


def _vat_clues(text: str) -> Iterator[Clue]:
    for found in _VAT.finditer(text):
        fewest, most = _VAT_DIGITS.get(found[1], (7, 9))
        if fewest <= sum(map(str.isdigit, found[0])) <= most:
            country = {"EL": "GR", "CHE": "CH"}.get(found[1], found[1])
            yield Clue(country, *found.span(), 2)


def find_clues(text: str) -> Iterator[Clue]:
    """Yield what speaks for a country, kind by kind, in printed order within each."""
    yield from _vat_clues(text)
    for found in _PRINT.finditer(text):
        yield Clue(found.lastgroup or "", *found.span(), 1)
    for found in _INTERNATIONAL.finditer(text):
        country = _CALLING.get(found[1]) or _CALLING.get(found[1][:2])
        if country:
            yield Clue(country, *found.span(), 1)
    for found in _NORTH_AMERICAN.finditer(text):
        if found[1] not in _TOLL_FREE:
            yield Clue("CA" if found[1] in _CANADIAN else "US", *found.span(), 1)
    for found in _DOMAIN.finditer(text):
        domain = found[1].lower()
        if domain in _DOMAINS:
            yield Clue({"uk": "GB"}.get(domain, domain.upper()), *found.span(), 1)
