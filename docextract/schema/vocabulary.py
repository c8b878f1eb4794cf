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
    path: str,
    title: str | None,
    kind: Kind,
    description: str | None = None,
    alias: str | None = None,
) -> tuple[str, ...]:
    """Return labels for a field whose author declared none, likeliest first.

    They come from its title, its alias, its name, what its description quotes, the vocabulary
    where one of the names is known there, and last from other ways of putting the name. A name
    that says nothing by itself, as the amount of a tax, has its meaning from its group.
    """
    parent, name = _group_and_name(path)
    words = _words(name)
    is_bare = bool(parent) and _snake(name) in _BARE
    if is_bare:
        words = [*_words(parent), *words]
    told = described(description or "")
    own = [" ".join(words), *told]
    given = [text.lower() for text in (title, _spaced(alias)) if text]
    is_cell = "[]" in path
    names = [alias, "_".join(words), *([parent] if is_bare else ()), title, *told]
    keys = (_key(each, is_cell=is_cell) for each in names if each)
    key = next(filter(None, keys), None) or (None if is_cell else _BY_KIND.get(kind))
    if not key and kind in (Kind.NAME, Kind.TEXT) and name == "name" and parent:
        key = _aliases().get(_snake(parent))
    known = concepts()[key].labels.phrases if key else ()
    return tuple(dict.fromkeys([*given, *own, *known, *wordings(words)]))


_BARE = frozenset({"amount", "value", "sum", "number", "no", "num", "date", "code", "id"})
"""Names of leaves that say nothing without the name of their group."""


def _group_and_name(path: str) -> tuple[str, str]:
    """Return the name of the group a leaf stands in, empty in a list's own row, and its name."""
    above, _, name = path.rpartition(".")
    group = above.rpartition(".")[2]
    return "" if group.endswith("[]") else group, name.removesuffix("[]")


def _spaced(name: str | None) -> str | None:
    return " ".join(_words(name)) if name else None


def _key(name: str, *, is_cell: bool) -> str | None:
    """Return the concept of a name in any language, or None."""
    snake = _snake(name)
    in_row = _LIST_ALIASES.get(snake) if is_cell else None
    return in_row or _aliases().get(snake) or _known_by_words(_words(name), is_cell)


def means_currency(*names: str | None) -> bool:
    """Return whether one of a field's names is a word for the currency, in any language."""
    return any(_key(name, is_cell=False) == "currency" for name in names if name is not None)


def _known_by_words(words: list[str], is_cell: bool) -> str | None:
    """Return the concept a longer or foreign name means, or None.

    ``total_ttc`` is a label of totals, ``payment_due_date`` a due date with a word before
    that says whose.
    """
    if is_cell:
        return None
    plain = _plain(" ".join(words))
    # Names in code spell an umlaut with two letters.
    named = _by_label().get(plain) or _by_label().get(_UMLAUT.sub(r"\1", plain))
    if named:
        return named
    for start in range(1, len(words)):
        if not set(words[:start]) <= _QUALIFIERS:
            break
        key = _aliases().get("_".join(words[start:]))
        if key and key not in _OWN_NAME_ONLY:
            return key
    return None


def _plain(text: str) -> str:
    """Return lower case letters and digits without accents."""
    decomposed = unicodedata.normalize("NFKD", text.lower())
    return _DROPPED.sub("", decomposed)


_DROPPED = re.compile(r"[\W_]")
_UMLAUT = re.compile("([aou])e")
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
