"""The check that a document is of the schema's kind: a reminder must not be paid as an invoice.

Knows nothing of values; titles decide. Only schemas named after a kind are held to it.
"""

from __future__ import annotations

from collections.abc import Mapping

from docextract.core import Check, OpenedDocument, Outcome
from docextract.pipeline.splitting.page_titles import Title, titles_of

OTHER_KIND = "other-kind"

_INVOICES = frozenset({"invoice", "credit_note", "debit_note", "proforma"})
ACCEPTED: Mapping[str, frozenset[str]] = {
    "invoice": _INVOICES,
    "receipt": _INVOICES | {"receipt"},
    "purchase_order": frozenset({"purchase_order", "order_confirmation"}),
    "bank_statement": frozenset({"bank_statement", "account_statement"}),
}
"""By schema, the kinds of document it is made for; a credit note is an invoice of its own type."""


def find_other_kind(opened: OpenedDocument, schema: str) -> tuple[Check, ...]:
    """Return the failed check of a document that calls itself another kind; nothing of others.

    Args:
        opened: the document.
        schema: name of what was asked for.
    """
    accepted = ACCEPTED.get(schema)
    if accepted is None or not opened.pages or opened.embedded is not None:
        return ()
    told = _other(titles_of(opened.pages[0]), accepted)
    if told is None:
        return ()
    wanted, found = schema.replace("_", " "), told.replace("_", " ")
    message = f"it calls itself {_article(found)} {found}, not {_article(wanted)} {wanted}"
    return (Check(OTHER_KIND, Outcome.FAILED, (), message),)


def _other(titles: list[Title], accepted: frozenset[str]) -> str | None:
    """Return the other kind that a page is of by its titles, if it is of one.

    A page that has a title of the schema's kind too may name other documents; a reminder
    always names the invoice it is about.
    """
    clear = [title.kind for title in titles if not title.is_plain]
    others = [kind for kind in clear if kind not in accepted]
    if "reminder" in others:
        return "reminder"
    is_own = any(title.kind in accepted for title in titles)
    return None if is_own or not others else others[0]


def _article(noun: str) -> str:
    return "an" if noun[0] in "aeio" else "a"
