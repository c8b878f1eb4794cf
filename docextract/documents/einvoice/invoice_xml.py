"""Reads e-invoices exactly: XML files, and the XML that Factur-X and ZUGFeRD put into PDFs.

Knows nothing of pages or schemas beyond the invoice paths; it reads what the XML says and
never whether the page agrees.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

from docextract.core import DocumentError, EmbeddedInvoice, Reason
from docextract.documents.einvoice import cii, ubl
from docextract.documents.einvoice.xml_tree import Node, parse_xml
from docextract.normalise.text.clean_text import mask_cards

ATTACHMENT_NAMES = frozenset({"factur-x.xml", "zugferd-invoice.xml", "xrechnung.xml"})
"""Names the Factur-X, ZUGFeRD and XRechnung specifications prescribe, in lower case."""

MAX_ATTACHMENTS = 16
"""More XML attachments than this are not opened."""

_READERS: dict[str, Callable[[Node], EmbeddedInvoice]] = {
    **dict.fromkeys(cii.ROOTS, cii.read_cii),
    **dict.fromkeys(ubl.ROOTS, ubl.read_ubl),
}


def read_einvoice(xml: bytes) -> EmbeddedInvoice:
    """Return what an e-invoice XML says, in the built-in invoice schema's paths.

    Reads CII D16B (Factur-X, ZUGFeRD 2, XRechnung), ZUGFeRD 1.0, and UBL 2.1 invoices and
    credit notes. Dates are ISO 8601, amounts plain decimals with the decimals written;
    ``quotes`` holds each leaf's text as it stands in the XML, card numbers masked. An address joins
    its lines with commas, and its quote is the joined text. A unit price (BT-146) is the
    one written, also where it is the price of 100 units (BT-149).

    Raises:
        DocumentError: damaged, hostile or no invoice (``invalid_einvoice``).
    """
    root = parse_xml(xml)
    reader = _READERS.get(root.name)
    if reader is None:
        raise DocumentError(
            Reason.INVALID_EINVOICE, f"the XML holds a {root.name[:60]}, not an invoice"
        )
    found = reader(root)
    if not found.quotes:
        raise DocumentError(Reason.INVALID_EINVOICE, "the XML is an invoice without content")
    quotes = {path: mask_cards(quote) for path, quote in found.quotes.items()}
    return replace(found, values=_masked(found.values), quotes=quotes)


def read_embedded(attachments: Sequence[tuple[str, bytes]]) -> EmbeddedInvoice | None:
    """Return the e-invoice among a PDF's attachments, or None where there is none.

    Attachments under a prescribed name come first, then other XML files; the first CII
    wins over UBL. Orders (Order-X) and XML of other kinds are no invoices and are passed.

    Args:
        attachments: file name and bytes of each, in the PDF's order.

    Raises:
        DocumentError: an attachment with a prescribed name is damaged and no other one
            is an invoice (``invalid_einvoice``).
    """
    ranked = sorted(attachments, key=lambda item: not _is_prescribed(item[0]))
    error: DocumentError | None = None
    fallback: EmbeddedInvoice | None = None
    for name, data in [item for item in ranked if _is_xml(*item)][:MAX_ATTACHMENTS]:
        try:
            found = read_einvoice(data)
        except DocumentError as failure:
            if _is_prescribed(name):
                error = error or failure
            continue
        if found.syntax in cii.ROOTS.values():
            return found
        fallback = fallback or found
    if fallback is None and error is not None:
        raise error
    return fallback


def _masked(tree: Any) -> Any:
    """Return a tree whose texts hold no whole card number (EN 16931 BR-51 asks for no more)."""
    if isinstance(tree, dict):
        return {name: _masked(child) for name, child in tree.items()}
    if isinstance(tree, list):
        return [_masked(child) for child in tree]
    return mask_cards(tree) if isinstance(tree, str) else tree


def _base_name(name: str) -> str:
    return name.replace("\\", "/").rpartition("/")[2].strip("\x00 ").lower()


def _is_prescribed(name: str) -> bool:
    return _base_name(name) in ATTACHMENT_NAMES


def _is_xml(name: str, data: bytes) -> bool:
    return _base_name(name).endswith(".xml") or data[:100].lstrip().startswith(b"<?xml")
