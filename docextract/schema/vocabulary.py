"""What business documents call things, in every language, and guesses for plain schemas.

Knows nothing of any schema in particular: names go in, labels, kinds and roles come out.
"""

from __future__ import annotations

import re
import tomllib
import unicodedata
from functools import cache
from pathlib import Path
from typing import NamedTuple

from docextract.schema.kinds import Kind, Labels, Role
from docextract.schema.languages import LanguageFileError, languages, split
from docextract.schema.languages.wording import described, wordings


class Concept(NamedTuple):
    """One thing documents say: its field names and the labels that announce it."""

    aliases: str
    labels: Labels


@cache
def concepts() -> dict[str, Concept]:
    """Return the concepts of ``vocabulary.toml`` by name, with their labels in every language.

    Raises:
        LanguageFileError: a language has labels of something else.
    """
    text = Path(__file__).with_suffix(".toml").read_text(encoding="utf-8")
    known = tomllib.loads(text)
    for language in languages():
        unknown = language.sections.get("labels", {}).keys() - known["aliases"].keys()
        if unknown:
            what = ", ".join(sorted(unknown))
            raise LanguageFileError(f"{language.code}.toml: [labels] has no concept {what}")
    return {
        name: Concept(aliases, _labels(name, known["last"].get(name, "")))
        for name, aliases in known["aliases"].items()
    }


def _labels(concept: str, last: str) -> Labels:
    ranked = sorted(languages(), key=lambda language: language.code in last.split())
    texts = {language.code: language.get("labels", concept) for language in ranked}
    return Labels(**{code: split(text) for code, text in texts.items() if text})


@cache
def _aliases() -> dict[str, str]:
    known = concepts().items()
    return {alias: name for name, concept in known for alias in concept.aliases.split()}


@cache
def _by_label() -> dict[str, str]:
    """Return the concept of every label but those of cells, which are too general."""
    names: dict[str, str] = {}
    for name, concept in concepts().items():
        for phrase in concept.labels.phrases if name not in _CELLS else ():
            names.setdefault(_plain(phrase), name)
    return names


_LIST_ALIASES = {
    "net": "line_net", "total": "line_net", "amount": "line_net", "gross": "line_net",
    "line_total": "line_net", "total_price": "line_net", "base": "tax_base",
    "date": "transaction_date", "number": "line_no", "discount": "discount",
}  # fmt: skip


def labels(concept: str) -> Labels:
    """Return the labels of a concept of ``vocabulary.toml``; KeyError for an unknown one."""
    return concepts()[concept].labels


def guess_labels(
    path: str, title: str | None, kind: Kind, description: str | None = None
) -> tuple[str, ...]:
    """Return labels for a field whose author declared none, likeliest first.

    They come from its title, its name, what its description quotes, the vocabulary where
    the name is known there, and last from other ways of putting the name.
    """
    parent, _, name = path.replace("[]", "").rpartition(".")
    words = _words(name)
    own = [" ".join(words), *described(description or "")]
    if title:
        own.insert(0, title.lower())
    key = _LIST_ALIASES.get(name) if "[]" in path else None
    key = key or _aliases().get(_snake(name)) or _known_by_words(words, kind, "[]" in path)
    if not key and kind in (Kind.NAME, Kind.TEXT) and name == "name" and parent:
        key = _aliases().get(parent.rpartition(".")[2])
    known = concepts()[key].labels.phrases if key else ()
    return tuple(dict.fromkeys([*own, *known, *wordings(words)]))


def _known_by_words(words: list[str], kind: Kind, is_cell: bool) -> str | None:
    """Return the concept a longer or foreign name means, or None.

    ``total_ttc`` is a label of totals, ``payment_due_date`` a due date with a word before
    that says whose, ``seller_account: iban`` an IBAN because of its kind.
    """
    if is_cell:
        return None
    named = _by_label().get(_plain(" ".join(words)))
    if named:
        return named
    for start in range(1, len(words)):
        if not set(words[:start]) <= _QUALIFIERS:
            break
        key = _aliases().get("_".join(words[start:]))
        if key and key not in _OWN_NAME_ONLY:
            return key
    return _BY_KIND.get(kind)


def _plain(text: str) -> str:
    """Return lower case letters and digits without accents."""
    decomposed = unicodedata.normalize("NFKD", text.lower())
    return "".join(c for c in decomposed if c.isalnum())


_QUALIFIERS = frozenset(
    {
        "invoice", "document", "bill", "receipt", "payment", "vendor", "supplier", "seller",
        "customer", "client", "buyer", "merchant", "bank", "account", "statement", "order",
        "company", "total",
    }
)  # fmt: skip
_CELLS = frozenset(
    {
        "line_no", "product_code", "description", "quantity", "unit", "unit_price", "line_net",
        "tax_rate", "tax_base", "tax_amount", "transaction_date", "value_date", "deposit",
        "withdrawal", "balance",
    }
)  # fmt: skip
_OWN_NAME_ONLY = _CELLS | {"receipt_date", "time", "address", "contact"}
"""Too general to be meant by a longer name: a ``payment_date`` is not just any date."""

_BY_KIND = {
    Kind.IBAN: "iban", Kind.BIC: "bic", Kind.EMAIL: "email", Kind.PHONE: "phone",
    Kind.URL: "website", Kind.TAX_ID: "tax_id", Kind.CURRENCY: "currency",
}  # fmt: skip
_KIND_WORDS: tuple[tuple[Kind, str], ...] = (
    (Kind.IBAN, "iban"),
    (Kind.BIC, "bic swift"),
    (Kind.EMAIL, "email mail"),
    (Kind.PHONE, "phone tel telephone mobile fax"),
    (Kind.URL, "url website web homepage"),
    (Kind.DATE, "date day flight start end until"),
    (Kind.CURRENCY, "currency"),
    (Kind.COUNTRY, "country"),
    (Kind.ADDRESS, "address street"),
    (Kind.TAX_ID, "vat tin ein abn"),
    (Kind.IDENTIFIER, "number no id code ref reference num nr sku po ssn invoice"),
    (
        Kind.NAME,
        "name vendor seller supplier merchant buyer customer client company employer "
        "employee advertiser party parties registrant payer recipient holder bank shop store "
        "client issuer payee beneficiary tenant landlord owner insured patient"
    ),
    (Kind.MONEY, "total amount price cost balance subtotal fee net gross"),
)  # fmt: skip

_NUMBER_WORDS: tuple[tuple[Kind, str], ...] = (
    (Kind.PERCENT, "rate percent pct percentage"),
    (Kind.QUANTITY, "quantity qty count units hours num pages items"),
    (
        Kind.MONEY,
        "total amount price cost balance subtotal fee net gross tax vat gst due paid "
        "sum charge charges discount shipping tip change cash deposit withdrawal salary "
        "wages income value fees subtotals debit credit payment"
    ),
)  # fmt: skip


def guess_kind(name: str, base: Kind) -> Kind:
    """Return the kind of a plainly typed field from the words of its name.

    Args:
        name: the field's own name, such as ``vendor_iban``.
        base: the kind its Python type alone would give.
    """
    if base not in (Kind.TEXT, Kind.DECIMAL):
        return base
    words = _words(name)
    if base is Kind.TEXT and _snake(name) in (
        "tax_id",
        "vat_id",
        "vat_number",
        "tax_number",
    ):
        return Kind.TAX_ID
    table = _KIND_WORDS if base is Kind.TEXT else _NUMBER_WORDS
    for kind, known in table:
        if set(known.split()) & set(words):
            return kind
    return base


_ROLES = {
    Role.SELLER: "seller vendor supplier merchant issuer shop store payee",
    Role.BUYER: "buyer customer client recipient bill_to purchaser receiver",
    Role.SHIP_TO: "ship_to delivery_address shipping_address deliver_to",
    Role.BANK: "bank",
    Role.HOLDER: "account_holder holder",
}


def guess_role(name: str) -> Role | None:
    """Return whose property a field or group is, from its name, or None."""
    snake = _snake(name)
    stem = re.sub(r"_(name|address|tax_id|vat_id|vat_number|email|phone|country)$", "", snake)
    return next((role for role, names in _ROLES.items() if stem in names.split()), None)


def _snake(name: str) -> str:
    return "_".join(_words(name))


def _words(name: str) -> list[str]:
    spaced = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", " ", name)
    return [word for word in re.split(r"[^0-9a-zà-ÿ]+", spaced.lower()) if word]
