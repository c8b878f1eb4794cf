"""Tells what cannot be a party's name: labels, titles, greetings, codes.

Knows nothing of where a text stands or of which label announces it.
"""

from __future__ import annotations

import re
from functools import lru_cache

from docextract.engine.text.layout import fold, fold_words, pattern

_LEGAL = pattern("parties", "legal_forms")
LEGAL_FORM = re.compile(rf"(?<![\w.])(?:{_LEGAL})\.?(?!-?\w)")
COMPANY_FORM = re.compile(rf"(?<![\w.])(?:{_LEGAL}|{pattern('parties', 'trades')})\.?(?!-?\w)")
"""A legal form, or a word such as ``Restaurant`` that makes a text a name as well."""
ANNOUNCED = fold_words("names", "announced")
"""Labels that are also the first word of a name: ``Service``, ``Bank``."""
NAME_LABELS = fold_words("parties", "name_labels")
ISSUER_LABELS = fold_words("parties", "issuer_labels")
"""Labels of whom a document comes from, whatever that one's role."""
_MAX_NAME_WORDS = 14
_MOST_DIGITS = 0.6
_PROSE = fold_words("names", "prose")
_LABEL_RESTS = fold_words("names", "label_rests")
_LABEL_NOUNS = fold_words("names", "label_nouns")
_LABELS = fold_words("names", "labels")
_PARTS = fold_words("addresses", "part_labels")
_TITLES = fold_words("titles", "any")
_TERMINAL = re.compile(rf"^(?:(?:{pattern('names', 'terminal')})\b[\W_]*)+$", re.IGNORECASE)
_GREETING = re.compile(rf"^\W*(?:{pattern('names', 'greeting')})", re.IGNORECASE)
_DELIVERY_TERMS = re.compile(rf"\b(?:{pattern('names', 'delivery_terms')})\b")
_YEAR = re.compile(r"\(?1[6-9]\d\d\W*|\(?20\d\d\W*")
_YEARS = fold_words("names", "years")
_FORMS = re.compile(COMPANY_FORM.pattern, re.IGNORECASE)
_CONTACT = re.compile(rf"^\W*(?:{pattern('parties', 'contact')})\b|\bcontact\b", re.IGNORECASE)
_SALUTATIONS = fold_words("parties", "salutations")
_OFFICE = re.compile(rf"(?:{pattern('parties', 'offices')})$", re.IGNORECASE)
_INSTITUTION = re.compile(pattern("parties", "institutions"), re.IGNORECASE)
_DEPARTMENT = re.compile(rf"(?:{pattern('parties', 'departments')})\b", re.IGNORECASE)
_LONGEST_INSTITUTION = 120
_ANNOUNCING = fold_words("parties", "announcing")
_CAPTION_WORDS = fold_words("parties", "caption_words")
_MAX_CAPTION_WORDS = 5
_PART_OF = re.compile(rf"\W*(?:{pattern('parties', 'part_of')})", re.IGNORECASE)
_STEMS = fold_words("titles", "invoice_stems") | fold_words("titles", "order_stems")
_MIN_STEM, _MAX_HEADING_WORDS, _MIN_TITLED = 6, 5, 2
_LONG_STEMS = tuple(stem for stem in _STEMS if len(stem) >= _MIN_STEM)
_EXTENSION = re.compile(r"\b(?:x|ext\.?) ?\d{2,5}\W*$", re.IGNORECASE)
_TITLE_JOINTS = fold_words("codes", "number") | fold_words("titles", "joints") | {"n"}
_MAX_TITLE_WORDS = 3
_SAME = 85.0
"""Least likeness of two prints of one name, as OCR may read a letter differently."""
_NUMBERED = re.compile(r"\b(?:no|nr|num|n°|nº)\b[.:]? ?\d[\d ]{4,}|^B[TG]-\d", re.IGNORECASE)
"""A number that its own sign announces: ``VAT Reg No. 614 8203 61``; a term of EN 16931."""
_NAME = r"[^\W\d_a-z][^\W\d_]*(?:['’-][^\W\d_]+)*"
_INITIALS = r"(?:[^\W\d_a-z]\.[ -]?){1,3}"
_PARTICLES = rf"(?:(?:{pattern('names', 'particles')}) ){{0,2}}"
_INITIALLED = re.compile(rf"{_INITIALS}{_PARTICLES}{_NAME}")
_DEGREES = r"(?:[^\W\d_a-z][^\W\d_]{0,4}\.(?:-[^\W\d_]{1,4}\.)? ?){0,3}"
_PERSON = re.compile(
    rf"{_DEGREES}(?:{_INITIALS}|{_NAME} )(?:{_INITIALS}|{_NAME} )?{_PARTICLES}{_NAME}"
)
_WORDS = re.compile(r"[^\W\d_]+")
_REGION = re.compile(
    rf"(?:^|,\s*)(?:{pattern('addresses', 'regions')}) [^\W\d_a-z][^\W\d_]+\.?"
    r"(?: [A-Z]\d[\dW] ?[A-Z\d]{4})?$"
)
"""A county at the end of a line, also before an Eircode: ``Ardfert, Co. Kerry``."""


def looks_like_label(text: str) -> bool:
    """Return whether a text without digits reads as a label: ``Original Date / Revision``."""
    words = _WORDS.findall(text)
    if not words or any(map(str.isdigit, text)):
        return False
    is_parts = len(words) > 1 and all(fold(word) in _PARTS for word in words)
    is_noun = 1 < len(words) <= 4 and fold(words[-1]) in _LABEL_NOUNS
    return is_parts or is_noun or fold(text) in _LABELS


@lru_cache(maxsize=4096)
def is_title(text: str) -> bool:
    """Return whether a text is a document's title, alone or with its number and date.

    Examples: ``FACTURE``, ``Credit note CN-0042``, ``Rechnung Nr. 17 vom 3.2.2025``.
    """
    words = [folded for word in text.split() if (folded := fold(word).strip("#"))]
    for end in range(min(_MAX_TITLE_WORDS, len(words)), 0, -1):
        if "".join(words[:end]) in _TITLES:
            return all(w in _TITLE_JOINTS or any(map(str.isdigit, w)) for w in words[end:])
    return False


def is_form(text: str) -> bool:
    """Return whether a text is nothing but a company's form: ``Co., Inc.``."""
    return bool(fold(text)) and not fold(_FORMS.sub("", text))


def is_caption(text: str) -> bool:
    """Return whether a text is made of words of captions alone: ``SERVICE FOR``, ``A/P``."""
    words = [folded for word in re.split(r"[\s/]+", text) if (folded := fold(word))]
    if not words or len(words) > _MAX_CAPTION_WORDS or any(c.isdigit() or c == "_" for c in text):
        return False
    return _CAPTION_WORDS.issuperset(words) or (" " not in text and fold(text) in _CAPTION_WORDS)


def is_heading(text: str) -> bool:
    """Return whether a text is a longer title: ``Fee invoice``, ``Factura de alquiler``."""
    words = [folded for word in re.split(r"[\s/]+", text) if (folded := fold(word))]
    if not words or len(words) > _MAX_HEADING_WORDS or LEGAL_FORM.search(text):
        return False
    is_compound = any(w.endswith(_LONG_STEMS) and w not in _STEMS for w in words)
    is_first = words[0] in _STEMS and len(words[0]) >= _MIN_STEM
    return is_compound or is_first or words[-1] in _STEMS


def is_region(text: str) -> bool:
    """Return whether a line ends with a county, and holds no company: ``Ardfert, Co. Kerry``."""
    found = _REGION.search(text)
    return found is not None and not COMPANY_FORM.search(text[: found.start()])


def is_same_name(one: str, other: str) -> bool:
    """Return whether two prints name one party: alike but for the company's form."""
    from rapidfuzz import fuzz

    first, second = bare_name(one), bare_name(other)
    return first == second or fuzz.ratio(first, second) >= _SAME


def is_beginning(one: str, other: str) -> bool:
    """Return whether one name is how the other begins: ``Acme`` of ``Acme Tools Ltd``."""
    first, second = ([word for w in text.split() if (word := fold(w))] for text in (one, other))
    return bool(first and second) and all(a == b for a, b in zip(first, second, strict=False))


def bare_name(text: str) -> str:
    """Return a name folded and without its company's form."""
    return fold(COMPANY_FORM.sub("", text)) or fold(text)


def is_announcement(text: str) -> bool:
    """Return whether words end by announcing what stands below: ``Please send to``."""
    *before, last = text.split() or [""]
    is_announcing = bool(before) and last.islower() and fold(last) in _ANNOUNCING
    return is_announcing and not COMPANY_FORM.search(text)


def is_delivery_term(text: str) -> bool:
    """Return whether a text begins with a term of delivery: ``FOB Hull (Incoterms 2020)``."""
    return bool(_DELIVERY_TERMS.match(text)) and not COMPANY_FORM.search(text)


def is_contact(text: str) -> bool:
    """Return whether a line is a salutation or names a person to turn to, not a party."""
    if fold(text) in _SALUTATIONS:
        return True
    return bool(_CONTACT.search(text)) and not COMPANY_FORM.search(text)


def is_person(text: str) -> bool:
    """Return whether a line begins with how a person is addressed: ``Mr. Jane Doe``, ``Herrn``."""
    first = text.split(maxsplit=1)[:1]
    is_titled = bool(first) and fold(first[0]) in _SALUTATIONS
    return (is_titled or is_contact(text)) and not COMPANY_FORM.search(text)


def is_officer(text: str) -> bool:
    """Return whether a line is somebody's office: ``The Site Manager``, ``J. Doe, Treasurer``."""
    return bool(_OFFICE.search(text)) and not COMPANY_FORM.search(text)


def may_be_person(text: str) -> bool:
    """Return whether a text reads like a person's name, and as no company's: ``Ann M. Lee``."""
    return bool(_PERSON.fullmatch(text)) and not (text.isupper() or COMPANY_FORM.search(text))


@lru_cache(maxsize=4096)
def is_institution(text: str) -> bool:
    """Return whether a text names a school, a council, an association: ``Ely Library Board``."""
    is_short = len(text) <= _LONGEST_INSTITUTION and not text[:1].isdigit()
    return is_short and bool(_INSTITUTION.search(text))


def is_part_of_one(text: str) -> bool:
    """Return whether a text names a part of an institution: ``Department of Geography``."""
    return bool(_DEPARTMENT.match(text)) and not COMPANY_FORM.search(text)


def is_initialled(text: str) -> bool:
    """Return whether a text is a person's initials and surname: ``J. van der Veen``."""
    return bool(_INITIALLED.fullmatch(text)) and not COMPANY_FORM.search(text)


@lru_cache(maxsize=4096)
def is_no_name(text: str) -> bool:
    """Return whether a text cannot name a party.

    That are labels, titles of documents, greetings, words of payment terminals, and texts
    of digits or of one repeated sign.
    """
    folded = fold(text)
    letters = [c for c in folded if c.isalpha()]
    num, num_kinds = len(letters), len(set(letters))
    is_repeated = " " not in text and num > 4 and 3 * num_kinds < num
    is_pattern = is_repeated or (num, num_kinds) == (4, 1)
    is_digits = sum(map(str.isdigit, folded)) > _MOST_DIGITS * len(folded)
    if (
        "@" in text
        or text.rstrip().endswith("#")
        or _NUMBERED.search(text)
        or num < 2
        or is_digits
        or is_pattern
    ):
        return True
    if is_title(text) or is_heading(text) or looks_like_label(text) or is_caption(text):
        return True
    if is_announcement(text) or folded in _SALUTATIONS:
        return True
    if is_delivery_term(text) or _is_since(text):
        return True
    if _is_code(text) or _PART_OF.match(text) or _EXTENSION.search(text) or is_region(text):
        return True
    return bool(_TERMINAL.match(text) or _GREETING.match(text))


def may_name(text: str, follows_label: bool) -> bool:
    """Return whether a text beside or below a label may name a party.

    Right behind a label without a colon it may be the rest of a longer one: ``Advertiser Code``.
    """
    if is_no_name(text) or is_form(text):
        return False
    if len(text.split()) > _MAX_NAME_WORDS or _PROSE & set(text.lower().split()):
        return False
    return not (follows_label and fold(text.split()[-1]) in _LABEL_RESTS)


def _is_since(text: str) -> bool:
    """Return whether a text ends with since when a trade is plied: ``Winegrowers since 1911``."""
    *_, before, last = ["", "", *text.split()]
    is_since = fold(before) in _YEARS and _YEAR.fullmatch(last) is not None
    return is_since and not COMPANY_FORM.search(text)


def _is_code(text: str) -> bool:
    """Return whether a text is one word of capitals and digits, such as ``MME73AM/A``."""
    word = text.strip()
    if " " in word or not any(map(str.isdigit, word)) or not word.isupper():
        return False
    num_digits = sum(map(str.isdigit, word))
    return len(word) >= 6 and (num_digits > 3 or "/" in word or num_digits > 0.4 * len(word))
