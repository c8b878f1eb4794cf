"""Tells logos and signatures in mails from documents, by how they hang there and their size.

Knows nothing of what a picture shows.
"""

from __future__ import annotations

from docextract.core import DocumentError, ReadOptions
from docextract.documents.containers.members import Entry
from docextract.documents.discovery.sniff import IMAGES

_MIN_SIDE = 100
"""Pixels of the shorter side; below, no picture that hangs on a mail is a page."""

_MIN_INLINE_SIDE = 300
"""The same of one that is shown within the text: a line of 32 letters is hardly legible in less,
and the logos and banners of signatures are smaller. What phones put into a mail is far larger."""


def why_decoration(entry: Entry, content: bytes, media_type: str) -> str:
    """Return why a picture in a mail is passed over as decoration; empty where it is not.

    Args:
        entry: how it hangs there.
        content: its bytes.
        media_type: by content.
    """
    if entry.mail is None or media_type not in IMAGES:
        return ""
    width, height = _size(content, media_type)
    least = _MIN_INLINE_SIDE if entry.is_inline else _MIN_SIDE
    if min(width, height) >= least:
        return ""
    place = "shown within a mail" if entry.is_inline else "on a mail"
    return f"a logo or signature: {width} x {height} pixels, {place}"


def _size(content: bytes, media_type: str) -> tuple[int, int]:
    from docextract.documents.images.decoding import ImageFile

    try:
        return ImageFile(content, media_type, ReadOptions()).size
    except DocumentError:
        return _MIN_INLINE_SIDE, _MIN_INLINE_SIDE
