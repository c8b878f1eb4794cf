"""The options that say how documents are opened.

Knows nothing of documents.
"""

from __future__ import annotations

from typing import Annotated

from docextract.cli.options.option_groups import OptionGroup
from docextract.cli.options.shared_options import option
from docextract.core import RENDERERS, SPLITS, PageSelection, ReadOptions

PANEL = "What is read"
_DEFAULTS = ReadOptions()
MIN_DPI, MAX_DPI = 72, 1200
MIN_PIXELS, MAX_PIXELS = 250_000, 250_000_000
"""An A4 page at 42 dpi, and an A0 page at 370."""

Pages = Annotated[
    str | None,
    option("--pages", "Pages from 1, such as 1-3,7,9-.", rich_help_panel=PANEL),
]
Split = Annotated[
    str,
    option(
        "--split",
        f"Several documents in one file: {', '.join(SPLITS)}. sure cuts where one certainly ends.",
        rich_help_panel=PANEL,
    ),
]
Renderer = Annotated[str, option("--renderer", ", ".join(RENDERERS) + ".", rich_help_panel=PANEL)]
NoEmbedded = Annotated[
    bool,
    option(
        "--no-embedded",
        "Read the page even where e-invoice XML is inside.",
        rich_help_panel=PANEL,
    ),
]
Password = Annotated[
    str | None,
    option(
        "--password",
        "Tried on encrypted PDFs; safer in DOCEXTRACT_PASSWORD.",
        rich_help_panel=PANEL,
    ),
]
MaxPages = Annotated[
    int,
    option("--max-pages", "Refuse longer documents.", rich_help_panel=PANEL, min=1),
]
Dpi = Annotated[
    int,
    option(
        "--dpi",
        "Resolution at which PDF pages are drawn, for OCR and for a model.",
        rich_help_panel=PANEL,
        min=MIN_DPI,
        max=MAX_DPI,
    ),
]
MaxPixels = Annotated[
    int,
    option(
        "--max-pixels",
        "Draw larger pages coarser, so that an image has no more pixels.",
        rich_help_panel=PANEL,
        min=MIN_PIXELS,
        max=MAX_PIXELS,
    ),
]


def _read_options(
    pages: Pages = None,
    split: Split = _DEFAULTS.split,
    renderer: Renderer = _DEFAULTS.renderer,
    has_no_embedded: NoEmbedded = False,
    password: Password = None,
    max_pages: MaxPages = _DEFAULTS.max_pages,
    dpi: Dpi = _DEFAULTS.dpi,
    max_pixels: MaxPixels = _DEFAULTS.max_pixels,
) -> ReadOptions:
    return ReadOptions(
        pages=PageSelection.parse(pages),
        split=split,
        renderer=renderer,
        use_embedded=not has_no_embedded,
        password=password,
        max_pages=max_pages,
        dpi=dpi,
        max_pixels=max_pixels,
    )


ReadGroup = Annotated[ReadOptions, OptionGroup(_read_options)]
