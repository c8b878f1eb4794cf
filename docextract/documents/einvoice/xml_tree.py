"""Parses untrusted XML into a plain tree by local names, within limits.

Knows nothing of what the XML means.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from docextract.core import DocumentError, Reason

MAX_BYTES = 10 * 2**20
"""The largest e-invoices seen have under 1 MB; attachments live elsewhere in the file."""

MAX_DEPTH = 64
"""CII and UBL nest less than 20 levels."""

MAX_ELEMENTS = 400_000


@dataclass(slots=True)
class Node:
    """One element: its local name, attributes by local name, own text and children."""

    name: str
    attributes: Mapping[str, str]
    text: str = ""
    children: list[Node] = field(default_factory=list)

    def all(self, path: str) -> Iterator[Node]:
        """Yield the descendants at a path of local names such as ``Party/Name``.

        ``ID@VA`` asks for a ``schemeID`` attribute of that value.
        """
        step, _, rest = path.partition("/")
        name, _, scheme = step.partition("@")
        for child in self.children:
            if child.name == name and (not scheme or child.attributes.get("schemeID") == scheme):
                if rest:
                    yield from child.all(rest)
                else:
                    yield child

    def first(self, *paths: str) -> Node | None:
        """Return the first element with text or children at any path, in that order."""
        found = (node for path in paths for node in self.all(path))
        return next((node for node in found if node.text.strip() or node.children), None)

    def text_at(self, *paths: str) -> str | None:
        """Return the collapsed text of the first element at any path, or None."""
        node = self.first(*paths)
        return " ".join(node.text.split()) or None if node else None


class _Builder:
    """The parser's target; stops at the limits before memory is gone."""

    def __init__(self) -> None:
        self._stack: list[Node] = []
        self._texts: list[list[str]] = []
        self._num_elements = 0
        self.root: Node | None = None

    def start(self, tag: str, attributes: Mapping[str, str]) -> None:
        self._num_elements += 1
        if len(self._stack) >= MAX_DEPTH or self._num_elements > MAX_ELEMENTS:
            raise _invalid("it is nested too deeply or has too many elements")
        named = {name.rpartition("}")[2]: value for name, value in attributes.items()}
        node = Node(tag.rpartition("}")[2], named)
        if self._stack:
            self._stack[-1].children.append(node)
        else:
            self.root = node
        self._stack.append(node)
        self._texts.append([])

    def end(self, tag: str) -> None:
        self._stack.pop().text = "".join(self._texts.pop())

    def data(self, text: str) -> None:
        if self._texts:
            self._texts[-1].append(text)

    def close(self) -> Node | None:
        return self.root


def parse_xml(data: bytes) -> Node:
    """Return the root of an XML document.

    No DTD, no entity beyond the five of XML, nothing fetched.

    Raises:
        DocumentError: it is damaged, hostile or too large (``invalid_einvoice``).
    """
    from xml.etree.ElementTree import ParseError

    from defusedxml.common import DefusedXmlException
    from defusedxml.ElementTree import DefusedXMLParser

    if len(data) > MAX_BYTES:
        raise _invalid(f"it has {len(data)} bytes, more than {MAX_BYTES}")
    builder = _Builder()
    parser = DefusedXMLParser(target=builder, forbid_dtd=True)
    try:
        parser.feed(data.lstrip(b" \t\r\n"))
        parser.close()
    except DefusedXmlException as error:
        raise _invalid("it declares a DTD or entities") from error
    except (ParseError, LookupError, ValueError) as error:
        raise _invalid(str(error)) from error
    if builder.root is None:
        raise _invalid("it is empty")
    return builder.root


def _invalid(why: str) -> DocumentError:
    return DocumentError(Reason.INVALID_EINVOICE, f"e-invoice XML cannot be read: {why}")
