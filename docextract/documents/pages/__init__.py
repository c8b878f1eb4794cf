"""What every page has, whatever it came from: geometry, words without card numbers, parts.

In flow boxes and words, out flow pages and the parts they are sent in, packed where they cost OCR
(``page_cache``). May import ``core`` alone.
"""

from __future__ import annotations

from docextract.documents.pages.library_faults import library_faults
from docextract.documents.pages.page_cache import MAX_PACKED_BYTES, Wanted, pack, reading_id
from docextract.documents.pages.parts import (
    OpenedHeader,
    OpenTimings,
    PageRead,
    Part,
    collect,
    page_error,
    selected_pages,
)

__all__ = [
    "MAX_PACKED_BYTES",
    "OpenTimings",
    "OpenedHeader",
    "PageRead",
    "Part",
    "Wanted",
    "collect",
    "library_faults",
    "pack",
    "page_error",
    "reading_id",
    "selected_pages",
]
