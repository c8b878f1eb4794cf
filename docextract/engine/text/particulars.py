"""Turns the parties found into names and addresses as a schema asks for them.

Knows nothing of how a party was found.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Sequence

from docextract.engine.text.blocks import is_address_line, is_country
from docextract.engine.text.evidence import Option, Reader
from docextract.engine.text.parties import Party
from docextract.engine.text.tokens import Token, join
from docextract.schema.fields import Field
from docextract.schema.kinds import Kind, Role

_LEAST_ADDRESS, _UNSURE_ADDRESS = 0.5, 0.28
_FEW_LETTERS = 12
_NUMBER_DIGITS = 5
_SEPARATORS = frozenset("|·•-–—*,")
_REGISTRATION = re.compile(r"\s*\(?(?:\d{4,9}-[A-Z]{1,2}|[A-Z]{2}\d{7}-[A-Z])\)?\s*$")
_PHONE = re.compile(r"[+(]?[\d ()./-]{7,24}\W{0,3}")
_REACHED = re.compile(r"\W*(?:tel|t[ée]l[ée]phone|phone|fax|mobile?)\b", re.IGNORECASE)
_NO_ADDRESS = re.compile(
    r"^\W{0,4}(?:tel|phone|fax|mobile|gst|vat|tax|reg|co\.? ?reg|invoice|rechnung|bill|order|serial"
    r"|shop|store|branch|table|guests?|cashier|check|ust|steuer|uid|siret|siren|nif|cif|abn|tin"
    r"|kvk|btw)[ .-]{0,3}(?:nr|no|num|number|id)?\b\W{0,4}(?=\w{0,20}\d|$)",
    re.IGNORECASE,
)


def party_options(reader: Reader, parties: dict[Role, Party]) -> list[Option]:
    """Return options for the names and addresses of the parties found."""
    options: list[Option] = []
    for item in reader.index.fields.values():
        party = parties.get(item.role) if item.role and item.list_path is None else None
        if party is None:
            continue
        if (item.kind is Kind.NAME and item.name != "contact") or _is_name_text(item):
            text = clean_name(party.name)
            if text:
                options.append(Option(item.path, party.name, text, party.score))
        elif item.kind is Kind.ADDRESS:
            options += _address_option(item, party)
    return options


def _address_option(item: Field, party: Party) -> list[Option]:
    lines = [_address_part(line) for line in party.address if not _is_no_address(line)]
    is_sure = any(is_address_line(line) for line in lines)
    num_letters = sum(c.isalpha() for line in lines for t in line for c in t.text)
    if not is_sure and num_letters < _FEW_LETTERS:
        return []
    tokens = [t for line in lines for t in line]
    text = ", ".join(join(line).strip(" ,;|·•-–") for line in lines)
    # A street is the party's own even where its name is in doubt.
    score = 0.95 * max(party.score, _LEAST_ADDRESS) if is_sure else _UNSURE_ADDRESS
    return [Option(item.path, tokens, text, score)]


def _address_part(line: list[Token]) -> list[Token]:
    """Return the part of a line such as ``J. Doe | 2 Mill Lane | 8010 Graz | Tel. 55``.

    Of the parts between separators those are kept that stand from the first to the last
    street or city; lines without separators are kept up to a label such as ``GSTIN:``.
    """
    for at, (token, following) in enumerate(itertools.pairwise(line)):
        is_number = sum(c.isdigit() for c in following.text) >= _NUMBER_DIGITS
        if at and is_number and token.text.endswith(":"):
            line = line[:at]
            break
    parts: list[list[Token]] = [[]]
    for token in line:
        if token.fold or token.text not in _SEPARATORS:
            parts[-1].append(token)
        else:
            parts.append([])
    places = [at for at, part in enumerate(parts) if part and is_address_line(part)]
    if not places or len(parts) < 3:
        return line
    last = places[-1]
    while last + 1 < len(parts) and parts[last + 1] and is_country(parts[last + 1]):
        last += 1
    kept = {id(token) for part in parts[places[0] : last + 1] for token in part}
    inside = [at for at, token in enumerate(line) if id(token) in kept]
    return line[inside[0] : inside[-1] + 1]


def _is_no_address(line: Sequence[Token]) -> bool:
    """Return whether a line is a registration, a telephone or another labelled number."""
    text = join(line)
    if _REGISTRATION.fullmatch(text) or _PHONE.fullmatch(text) or _REACHED.match(text):
        return True
    return bool(_NO_ADDRESS.match(text)) and not is_address_line(line)


def _is_name_text(item: Field) -> bool:
    return item.kind is Kind.TEXT and item.name in ("name", str(item.role))


def clean_name(tokens: Sequence[Token]) -> str:
    """Return a name's text without the punctuation around it."""
    text = re.sub(r"^[\s\W]+(?=\w)|[\s:;,|·•*_=-]+$", "", join(tokens))
    return _REGISTRATION.sub("", text) or text
