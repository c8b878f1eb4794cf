"""Values that stand alone: currencies beside amounts, titles, details of a party.

Knows nothing of tables or of how amounts are chosen.
"""

from __future__ import annotations

import re
from collections import Counter

from docextract.engine.text.blocks import is_country
from docextract.engine.text.candidates import Candidate, is_currency
from docextract.engine.text.evidence import Option, Reader
from docextract.engine.text.layout import Segment
from docextract.engine.text.parties import Party, is_order
from docextract.engine.text.patterns import IBAN_LENGTHS
from docextract.engine.text.tokens import Token, fold, join
from docextract.schema.fields import Field
from docextract.schema.kinds import Kind, Role

OWN_KINDS = (Kind.TAX_ID, Kind.EMAIL, Kind.PHONE, Kind.URL)
_ADDRESSEE_WORDS = re.compile(
    r"\b(?:customer|client|buyer|your|ihre|kunden|käufer|cliente|klant|acheteur|uw|votre|vs)\b",
    re.IGNORECASE,
)
_ISSUER_WORDS = re.compile(
    r"\b(?:our|unsere|notre|nuestro|nostra|onze|seller|vendor)\b", re.IGNORECASE
)
_TITLES = {
    "creditnote": "credit_note", "creditmemo": "credit_note", "gutschrift": "credit_note",
    "rechnungskorrektur": "credit_note", "korrekturrechnung": "credit_note",
    "stornorechnung": "credit_note", "avoir": "credit_note", "facturedavoir": "credit_note",
    "notadecredito": "credit_note", "facturarectificativa": "credit_note",
    "notadicredito": "credit_note", "creditnota": "credit_note", "creditfactuur": "credit_note",
    "debitnote": "debit_note", "lastschriftanzeige": "debit_note",
    "belastungsanzeige": "debit_note",
    "notadedebito": "debit_note", "notededebit": "debit_note",
    "proforma": "proforma", "proformainvoice": "proforma", "proformarechnung": "proforma",
    "factureproforma": "proforma", "facturaproforma": "proforma", "fatturaproforma": "proforma",
    "invoice": "invoice", "taxinvoice": "invoice", "rechnung": "invoice", "facture": "invoice",
    "factura": "invoice", "fattura": "invoice", "factuur": "invoice", "fatura": "invoice",
    "vatinvoice": "invoice", "salesinvoice": "invoice", "commercialinvoice": "invoice",
}  # fmt: skip
_TITLE_TOKENS = 3
_HEAD = 0.5
_FOOT = 0.8
_NEAR = 8.0
"""Lines below a party's block within which a number without an owner is that party's."""
_FAIR = 0.35
_REPEATED = 0.3
_LEADING = 1.3


def currency_option(reader: Reader, path: str, near: Option | None) -> Option | None:
    """Return the sign or code printed most often at amounts, or alone in a table's head.

    Args:
        reader: the document.
        path: the currency field's path.
        near: the total; the sign printed at it counts most.
    """
    found: dict[str, list[Candidate]] = {}
    for candidates in reader.candidates.values():
        for candidate in candidates:
            if candidate.currency and candidate.kind is Kind.MONEY:
                found.setdefault(candidate.currency.upper(), []).append(candidate)
    total = near.candidate if near is not None else None
    if total is not None and total.currency:
        return _sign(path, total, 0.92)
    if found:
        best = max(found, key=lambda sign: len(found[sign]))
        share = len(found[best]) / sum(len(items) for items in found.values())
        return _sign(path, found[best][-1], 0.55 + 0.3 * share)
    return _bare_currency(reader, path)


def _sign(path: str, candidate: Candidate, score: float) -> Option | None:
    if candidate.currency_token is None:
        return None
    return Option(path, [candidate.currency_token], candidate.currency, score)


def _bare_currency(reader: Reader, path: str) -> Option | None:
    codes = [(t, c) for s in reader.layout.segments for t in s.tokens if (c := _code_in(t.text))]
    if not codes:
        return None
    (best, count), *_ = Counter(code for _, code in codes).most_common(1)
    token = next(token for token, code in codes if code == best)
    return Option(path, [token], best, min(0.75, 0.5 + 0.1 * count))


def _code_in(text: str) -> str:
    """Return the currency a word names, whole or in brackets at its end: ``Amt(RM)``."""
    bracketed = re.search(r"\(([^()\s]{1,4})\)[:.]?$", text)
    code = (bracketed[1] if bracketed else text).strip("()[].,:;")
    return code if is_currency(code) and not code.islower() else ""


def weigh_repeated(reader: Reader, options: dict[str, list[Option]]) -> None:
    """Lower identifiers that one label gives in several values: they are the rows' own.

    A document has one order number; where ``Order no.`` stands below several positions,
    each with another number, none of them is the document's. The head of the first page
    is exempt.
    """
    first = reader.layout.lines[0].page
    head = _HEAD * reader.layout.sizes[first][1]
    for path, found in options.items():
        if reader.index.fields[path].kind is not Kind.IDENTIFIER:
            continue
        values: dict[str, set[str]] = {}
        for option in found:
            if option.hit is not None and option.score > _FAIR:
                values.setdefault(option.hit.entry.phrase, set()).add(fold(option.text))
        for option in found:
            token = option.tokens[0]
            is_head = token.page == first and token.top < head
            if option.hit is not None and not is_head:
                is_repeated = len(values.get(option.hit.entry.phrase, ())) > 1
                option.score *= _REPEATED if is_repeated else 1.0
        found.sort(key=lambda option: -option.score)


def iban_option(reader: Reader, path: str) -> Option | None:
    """Return the account number no label announces: its shape tells it from all else.

    Only whole ones count, by the length ISO 13616 gives each country; of several the
    first is taken, with a score that leaves it unverified.
    """
    found = [
        c for s in reader.layout.segments for c in reader.candidates_of(s)
        if c.kind is Kind.IBAN and IBAN_LENGTHS.get(c.text[:2]) == sum(map(str.isalnum, c.text))
    ]  # fmt: skip
    if not found:
        return None
    is_sole = len({fold(c.text) for c in found}) == 1
    return Option(path, found[0].tokens, found[0].text, 0.7 if is_sole else 0.28, found[0])


def title_option(reader: Reader, item: Field) -> Option | None:
    """Return the choice a title on the first page names; its place is the title's.

    Titles are looked for at the beginning of segments, larger and higher ones first. The
    text returned is the choice itself, because a schema's choices are seldom printed.
    """
    names = {fold(choice): choice for choice in item.choices}
    names |= {printed: c for printed, c in _TITLES.items() if c in item.choices}
    best: tuple[float, Option] | None = None
    first_page = next((line.page for line in reader.layout.lines), None)
    height = reader.layout.sizes[first_page][1] if first_page is not None else 1.0
    for segment in reader.layout.segments:
        if segment.page != first_page:
            break
        found = _title(segment, names)
        if found is None:
            continue
        tokens, choice = found
        score = 0.7 + 3 * segment.height / height - 0.3 * segment.top / height
        score += 0.15 * (len(tokens) == len(segment.tokens)) + 0.1 * (choice != "invoice")
        if best is None or score > best[0]:
            text = choice
            best = (score, Option(item.path, tokens, text, min(0.9, score)))
    return best[1] if best else None


def _title(segment: Segment, names: dict[str, str]) -> tuple[list[Token], str] | None:
    text = ""
    found = None
    for end, token in enumerate(segment.tokens[:_TITLE_TOKENS]):
        text += token.fold
        if text in names:
            found = (segment.tokens[: end + 1], names[text])
    return found


def owned_options(
    reader: Reader, options: dict[str, list[Option]], parties: dict[Role, Party]
) -> dict[str, Option]:
    """Give tax ids, e-mails, phones and sites to the party they stand with.

    Unlabelled ones count too, as their shape is unmistakable; each is given once.
    """
    fields = [
        f for f in reader.index.fields.values()
        if f.kind in OWN_KINDS and f.list_path is None
    ]  # fmt: skip
    scored: list[tuple[float, int, Option]] = []
    for item in fields:
        for option in [*options.get(item.path, []), *_bare(reader, item)]:
            score = option.score * _ownership(reader, option, item, parties)
            scored.append((-score, len(scored), option))
    chosen: dict[str, Option] = {}
    owners: dict[str, str] = {}
    for negative, _, option in sorted(scored):
        value = fold(option.text)
        if option.path in chosen or value in owners or -negative < 0.25:
            continue
        option.score = min(0.97, -negative)
        chosen[option.path] = option
        owners[value] = option.path
    return chosen


def _bare(reader: Reader, item: Field) -> list[Option]:
    weight = 0.5 if item.kind is Kind.PHONE else 0.72
    if item.kind is Kind.PHONE and not item.role:
        return []
    return [
        Option(item.path, c.tokens, c.text, weight, c)
        for candidates in reader.candidates.values()
        for c in candidates
        if c.kind is item.kind and (c.kind is not Kind.PHONE or _is_phone(c))
    ]


def _is_phone(candidate: Candidate) -> bool:
    text = candidate.text
    digits = sum(c.isdigit() for c in text)
    return 8 <= digits <= 15 and (text[0] in "+(" or (text[0] == "0" and " " in text))


def _ownership(reader: Reader, option: Option, item: Field, parties: dict[Role, Party]) -> float:
    """Return how well a value's place agrees with whose it should be (about 0 to 1)."""
    if item.role is None:
        return 1.0
    token = option.tokens[0]
    label = _line_part(reader, option)
    issuer = Role.BUYER if is_order(reader) else Role.SELLER
    is_issuer = item.role is issuer or item.role is Role.BANK
    if _ADDRESSEE_WORDS.search(label):
        return 0.2 if is_issuer else 1.0
    if _ISSUER_WORDS.search(label):
        return 1.0 if is_issuer else 0.1
    own = _distance(reader, parties.get(item.role), token)
    others = [_distance(reader, p, token) for r, p in parties.items() if r is not item.role]
    foreign = min(others, default=99)
    if not is_issuer:
        return 0.93 if own <= 5 and own < foreign else 0.1
    is_foot = token.top > _FOOT * reader.layout.sizes[token.page][1]
    if not is_foot and foreign <= _NEAR and foreign < own:
        return 0.25
    return 1.0 if own <= 5 or is_foot else 0.9


def _line_part(reader: Reader, option: Option) -> str:
    if option.hit is not None:
        segment = option.hit.segment
        return join(segment.tokens[max(0, option.hit.start - 2) : option.hit.end + 1])
    return ""


def _distance(reader: Reader, party: Party | None, token: Token) -> float:
    """Return how many lines a token is from a party's block; far where beside it."""
    if party is None or not party.name:
        return 99.0
    name = party.name[0]
    if name.page != token.page:
        return 99.0
    width = reader.layout.sizes[token.page][0]
    beside = abs(name.left - token.left) > 0.28 * width
    lines = reader.layout.lines
    tops = [lines[z].top for z in party.zone if z >= 0 and lines[z].page == token.page]
    off = min((abs(token.top - top) for top in tops), default=0.0)
    rows = off / max(_LEADING * token.height, 1e-6)
    return rows + (8.0 if beside else 0.0)


def country_options(reader: Reader, parties: dict[Role, Party]) -> list[Option]:
    """Return the country line under a party's address."""
    options: list[Option] = []
    for item in reader.index.fields.values():
        party = parties.get(item.role) if item.role else None
        if item.kind is not Kind.COUNTRY or party is None or not party.zone:
            continue
        for line in sorted(party.zone):
            for segment in reader.layout.lines[line].segments if line >= 0 else ():
                near = abs(segment.left - party.name[0].left) < 3 * segment.height
                if near and is_country(segment.tokens) and segment.text.strip() != "":
                    options.append(Option(item.path, segment.tokens, segment.text, 0.8))
    return options
