"""Reads e-invoices exactly: XML files, and the XML that Factur-X and ZUGFeRD put into PDFs.

Knows nothing of pages or schemas beyond the invoice paths; it reads what the XML says and
never whether the page agrees.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any, Protocol

from docextract.core import DocumentError, EmbeddedInvoice, Reason
from docextract.documents.einvoice import cii, ubl
from docextract.documents.einvoice.xml_tree import Node, parse_xml
from docextract.normalise.text.clean_text import mask_cards_at

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
    root = _out_of_envelope(parse_xml(xml))
    reader = _READERS.get(root.name)
    if reader is None:
        raise DocumentError(
            Reason.INVALID_EINVOICE, f"the XML holds a {root.name[:60]}, not an invoice"
        )
    found = reader(root)
    if not root.children:
        raise DocumentError(Reason.INVALID_EINVOICE, "the XML is an invoice without content")
    quotes = {path: mask_cards_at(path, quote) for path, quote in found.quotes.items()}
    return replace(found, values=_masked(found.values), quotes=quotes)


def _out_of_envelope(root: Node) -> Node:
    """Return the invoice that networks send in an envelope (UN/CEFACT SBDH), else the root."""
    if root.name != "StandardBusinessDocument":
        return root
    return next((child for child in root.children if child.name in _READERS), root)


class Attachment(Protocol):
    """A file inside a PDF, as ``documents.einvoice.attached.associated_files`` gives it."""

    @property
    def name(self) -> str:
        """As the PDF has it."""

    @property
    def data(self) -> bytes:
        """Its bytes."""

    @property
    def is_associated(self) -> bool:
        """Whether the PDF relates it to the document."""


def read_embedded(
    attachments: Sequence[Attachment], page_text: Callable[[], str] = str
) -> EmbeddedInvoice | None:
    """Return the e-invoice among a PDF's attachments, or None where there is none.

    An attachment counts under a prescribed name, or where the PDF relates it to the document
    (``/AF``). Of several, the one whose number the pages print comes first, then those under a
    prescribed name, then CII before UBL. Orders (Order-X) and XML of other kinds are no invoices
    and are passed.

    Args:
        attachments: in the PDF's order.
        page_text: gives the text of the pages, asked only where there are several invoices.

    Raises:
        DocumentError: an attachment with a prescribed name is damaged and no other one
            is an invoice, or an invoice has neither name nor relation (``invalid_einvoice``).
    """
    found: list[tuple[Attachment, EmbeddedInvoice]] = []
    error: DocumentError | None = None
    for item in [item for item in attachments if _is_xml(item.name, item.data)][:MAX_ATTACHMENTS]:
        try:
            found.append((item, read_einvoice(item.data)))
        except DocumentError as failure:
            if _is_prescribed(item.name):
                error = error or failure
    stated = [pair for pair in found if _is_prescribed(pair[0].name) or pair[0].is_associated]
    if stated:
        return _best(stated, page_text)
    if error is not None:
        raise error
    if found:
        raise _unrelated(found[0][0].name)
    return None


def _best(
    found: Sequence[tuple[Attachment, EmbeddedInvoice]], page_text: Callable[[], str]
) -> EmbeddedInvoice:
    printed = "".join(page_text().split()) if len(found) > 1 else ""

    def rank(pair: tuple[Attachment, EmbeddedInvoice]) -> tuple[bool, bool, bool]:
        number = "".join(str(pair[1].values.get("invoice_number") or "").split())
        is_printed = bool(number) and number in printed
        is_cii = pair[1].syntax in cii.ROOTS.values()
        return (not is_printed, not _is_prescribed(pair[0].name), not is_cii)

    return min(found, key=rank)[1]


def _unrelated(name: str) -> DocumentError:
    return DocumentError(
        Reason.INVALID_EINVOICE,
        f"The attachment {_base_name(name)[:60]} holds an invoice, but has neither a prescribed "
        "name nor a relation to the document; it was not used.",
        hint="Ask the sender for a Factur-X or ZUGFeRD file if its data should count.",
    )


def _masked(tree: Any, path: str = "") -> Any:
    """Return a tree whose texts hold no whole card number (EN 16931 BR-51 asks for no more)."""
    if isinstance(tree, dict):
        return {name: _masked(child, f"{path}.{name}") for name, child in tree.items()}
    if isinstance(tree, list):
        return [_masked(child, path) for child in tree]
    return mask_cards_at(path, tree) if isinstance(tree, str) else tree


def _base_name(name: str) -> str:
    return name.replace("\\", "/").rpartition("/")[2].strip("\x00 ").lower()


def _is_prescribed(name: str) -> bool:
    # Some programs leave the ending out.
    return f"{_base_name(name).removesuffix('.xml')}.xml" in ATTACHMENT_NAMES


def _is_xml(name: str, data: bytes) -> bool:
    return _base_name(name).endswith(".xml") or data[:100].lstrip().startswith(b"<?xml")
