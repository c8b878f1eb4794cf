"""Reads account numbers, tax ids, codes, contacts and the like into one canonical form.

Knows nothing of fields or pages. A wrong checksum is noted, never corrected.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from types import ModuleType

from docextract.normalise.locale.countries import CODES as COUNTRIES
from docextract.normalise.locale.countries import country_code
from docextract.normalise.locale.habits import NO_EVIDENCE, LocaleEvidence
from docextract.normalise.locale.regions import Clue, find_clues
from docextract.normalise.numbers.currencies import (
    AMBIGUOUS,
    CODES,
    COUNTRY_OF_LANGUAGE,
    NAMES,
    OF_COUNTRY,
    SIGNS,
    WORD,
    is_currency,
)
from docextract.normalise.numbers.number_search import fold_characters
from docextract.normalise.reading import NOTHING, Reading, certain, doubtful, refused
from docextract.schema.languages import pattern, words

_LABEL = re.compile(
    rf"(?:{pattern('identifiers', 'labels')})\s*[.:#]*\s*[:#]\s*|(?:iban|bic)\s+", re.IGNORECASE
)


def _unlabelled(text: str) -> str:
    return _LABEL.sub("", fold_characters(text), count=1).strip()


_IBAN = re.compile(r"[A-Z]{2}\d{2}[A-Z0-9]{11,30}")
_LOOKALIKES = str.maketrans("OIS", "015")


def parse_iban(text: str) -> Reading:
    """Return an IBAN without spaces; its length and checksum are noted when wrong.

    An O or I read for 0 or 1 is repaired only where that makes the checksum (ISO 7064
    mod 97) right.
    """
    compact = re.sub(r"[^A-Za-z0-9]", "", _unlabelled(text)).upper()
    if not _IBAN.fullmatch(compact[:2] + compact[2:].translate(_LOOKALIKES)):
        return NOTHING
    if is_valid_iban(compact):
        return certain(compact)
    repaired = compact[:2] + compact[2:].translate(_LOOKALIKES)
    if repaired != compact and is_valid_iban(repaired):
        return certain(repaired, f"read {compact} as {repaired}")
    if not _IBAN.fullmatch(compact):
        return NOTHING
    return certain(compact, "the checksum or length is wrong")


def is_valid_iban(compact: str) -> bool:
    """Return whether length, structure and checksum of an IBAN are right."""
    from stdnum import iban

    # Only the general rule: national rules differ in what real banks follow.
    return bool(iban.is_valid(compact, check_country=False))


_BIC = re.compile(r"[A-Z]{6}[A-Z0-9]{2}(?:[A-Z0-9]{3})?")


def parse_bic(text: str) -> Reading:
    """Return a BIC (ISO 9362) of 8 or 11 characters in upper case."""
    compact = re.sub(r"[\s.-]", "", _unlabelled(text)).upper()
    return certain(compact) if is_valid_bic(compact) else NOTHING


def is_valid_bic(compact: str) -> bool:
    """Return whether a text has a BIC's pattern and an existing country in it."""
    return _BIC.fullmatch(compact) is not None and compact[4:6] in COUNTRIES


_TAX_LABEL = re.compile(
    rf"(?:(?:{pattern('identifiers', 'taxes')})(?:in)?|{pattern('identifiers', 'tax_ids')})"
    r"(?:[ .-]{0,2}(?:reg(?:istration|n)?|id|no|nr|num|number|identification)\b)*[ .:#-]*"
    r"(?=[A-Z]{0,5}[ -]?\d)",
    re.IGNORECASE,
)


def parse_tax_id(text: str) -> Reading:
    """Return a tax id: compact if it is a VAT id, else as printed with single spaces."""
    printed = " ".join(_unlabelled(text).split())
    label = _TAX_LABEL.match(printed)
    if label is not None and not label[0].isalnum():
        printed = printed[label.end() :]
    if not any(char.isdigit() for char in printed):
        return NOTHING
    compact = re.sub(r"[\s.\-/]", "", printed).upper()
    if is_valid_vat_id(compact):
        return certain(compact)
    if re.fullmatch(r"[A-Z]{2}[0-9A-Z+*]{2,13}", compact) and sum(map(str.isdigit, compact)) > 5:
        return certain(compact)
    return certain(printed)


def vat_validator(compact: str) -> ModuleType | None:
    """Return the ``stdnum`` module for a VAT id by its prefix, or None if there is none."""
    from stdnum import get_cc_module
    from stdnum.eu import vat as eu_vat

    prefix = compact[:2].lower()
    country = "gr" if prefix == "el" else prefix
    if compact.startswith("CHE"):
        return _module(get_cc_module("ch", "uid"))
    if country in eu_vat.MEMBER_STATES:
        return _module(get_cc_module(country, "vat"))
    return _module(get_cc_module(country, "vat")) if country in ("gb", "no", "is") else None


def _module(found: object) -> ModuleType | None:
    return found if isinstance(found, ModuleType) else None


def is_valid_vat_id(compact: str) -> bool | None:
    """Return whether a VAT id's checksum is right; None where no rule is known for it."""
    if compact.startswith("CHE"):
        compact = re.sub(r"(MWST|TVA|IVA|VAT)$", "", compact)
    validator = vat_validator(compact)
    return None if validator is None else bool(validator.is_valid(compact))


_EMAIL = re.compile(r"[\w.+-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63}){1,5}")


def parse_email(text: str) -> Reading:
    """Return an e-mail address as printed; None where none or several are printed."""
    return _only_one(_EMAIL.findall(re.sub(r"\s*@\s*", "@", fold_characters(text))), str)


_URL = re.compile(
    r"(?<![@\w.-])(?:https?://[^\s<>\"]{1,200}"
    r"|(?:www\.)?(?:[\w-]{1,63}\.){1,4}[a-z]{2,12}(?:/[^\s<>\"]{0,200})?)",
    re.IGNORECASE,
)


def parse_url(text: str) -> Reading:
    """Return a web address as printed, its host in lower case."""
    found = [item.rstrip(".,;)") for item in _URL.findall(fold_characters(text))]
    return _only_one(found, _lower_host)


def _lower_host(address: str) -> str:
    match = re.match(r"(?:https?://)?[^/]*", address, re.IGNORECASE)
    end = match.end() if match else 0
    return address[:end].lower() + address[end:]


def _only_one(found: list[str], fold: Callable[[str], str]) -> Reading:
    values = tuple(fold(item) for item in found)
    if len({value.lower() for value in values}) == 1:
        return certain(values[0])
    return refused("several addresses") if values else NOTHING


_PHONE = re.compile(r"\+?[\d(][\d ()/.\-]{4,30}\d(?: ?(?:x|ext\.?) ?\d{1,6})?")


def parse_phone(text: str) -> Reading:
    """Return a telephone number as printed, with single spaces and plain hyphens."""
    found = _PHONE.search(_unlabelled(text))
    if found is None or not 5 <= sum(char.isdigit() for char in found[0]) <= 18:
        return NOTHING
    return certain(" ".join(found[0].split()))


def parse_currency(text: str, evidence: LocaleEvidence = NO_EVIDENCE) -> Reading:
    """Return the ISO 4217 code of a printed code, sign or name.

    A sign of several currencies (``$``, ``kr``, ``£``) is read by the document's country or
    by a code printed elsewhere; without either, the likeliest stands first of all readings.
    """
    printed = fold_characters(text).strip(" :.,()").lower()
    if printed.upper() in CODES:
        return certain(printed.upper())
    for sign in (printed, f"{printed}."):
        if sign in SIGNS:
            return certain(SIGNS[sign])
    if printed in AMBIGUOUS:
        return _shared_sign(printed, evidence)
    if printed in NAMES:
        return certain(NAMES[printed])
    clues = list(find_clues(text))
    # ``Sdn Bhd`` shows Malaysia; its last word is no dinar of Bahrain.
    outside = printed if not clues else " ".join(_outside(text, clues)).lower()
    words = re.findall(WORD, outside)
    known = [word for word in words if is_currency(word)]
    if known and known != [printed]:
        return _in_common([parse_currency(word, evidence) for word in known])
    return NOTHING if known else _of_country(clues)


def _in_common(readings: list[Reading]) -> Reading:
    """Return the reading of ``GBP £``: what all of its words can mean."""
    common = set(readings[0].readings).intersection(*(item.readings for item in readings))
    least = min(readings, key=lambda item: len(item.readings))
    if common == set(least.readings):
        return least
    return certain(common.pop()) if len(common) == 1 else NOTHING


def _outside(text: str, clues: list[Clue]) -> Iterator[str]:
    """Yield the parts of a text that no clue covers."""
    position = 0
    for clue in sorted(clues, key=lambda item: item.start):
        yield text[position : clue.start]
        position = max(position, clue.end)
    yield text[position:]


def _of_country(clues: list[Clue]) -> Reading:
    """Return the currency of the country that clues speak for, as a guess that says so."""
    countries = {clue.country for clue in clues}
    codes = {OF_COUNTRY[country] for country in countries if country in OF_COUNTRY}
    if len(codes) != 1:
        return NOTHING
    return certain(codes.pop(), f"not printed; inferred from {' and '.join(sorted(countries))}")


def _shared_sign(sign: str, evidence: LocaleEvidence) -> Reading:
    by_country, likeliest = AMBIGUOUS[sign]
    local = OF_COUNTRY.get(evidence.country or "")
    possible = tuple(dict.fromkeys((likeliest, *by_country.values())))
    if evidence.currency in possible:
        return certain(evidence.currency, f"{sign} by the document's {evidence.currency}")
    if sign == "$" and local and evidence.country not in by_country:
        # Tills print the sign that was built in; the country's own currency is as likely.
        return doubtful((local, likeliest), f"{sign} in {evidence.country}")
    if evidence.country in by_country:
        return certain(by_country[evidence.country], f"{sign} in {evidence.country}")
    spoken_in = COUNTRY_OF_LANGUAGE.get(evidence.language or "")
    if spoken_in in by_country:
        return certain(by_country[spoken_in], f"{sign} in a text in {evidence.language}")
    if sign == "£":
        return certain(likeliest)
    return doubtful(possible[:6], f"{sign} without a country")


def parse_country(text: str) -> Reading:
    """Return the ISO 3166-1 alpha-2 code of a printed country."""
    code = country_code(fold_characters(text))
    return certain(code) if code else NOTHING


_TRUE = frozenset(words("answers", "yes"))
_FALSE = frozenset(words("answers", "no"))


def parse_boolean(text: str) -> Reading:
    """Return ``true`` or ``false`` for a printed yes or no or a ticked or empty box."""
    printed = text.strip().lower().rstrip(".") or text.strip()
    compact = printed.replace(" ", "")
    if compact in _TRUE:
        return certain("true")
    return certain("false") if compact in _FALSE else NOTHING
