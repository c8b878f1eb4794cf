"""What reads PDFs: pages with words from their text layer, or pixels where it has none.

Inside: loading (``pdf_loading``), the file (``pdf_file``) and its pages (``pdf_pages``), what its
own words are worth (``layer``), what is drawn on top (``annotations``), the second renderer
(``poppler``). In flows a path, out flow pages. May import ``documents`` around it and ``core``.
Whether the second renderer is installed is told here, to those too who read nothing.
"""

from __future__ import annotations

import shutil

from docextract.core import MissingDependencyError


def has_poppler() -> bool:
    """Return whether both of poppler's programs are on the PATH."""
    return shutil.which("pdftoppm") is not None and shutil.which("pdfinfo") is not None


def require_poppler() -> None:
    """Raise unless poppler is installed.

    Raises:
        MissingDependencyError: it is not.
    """
    if not has_poppler():
        raise MissingDependencyError(
            "poppler is not installed (pdftoppm and pdfinfo are not on the PATH)",
            "Install poppler-utils (apt), poppler (brew, conda), or use --renderer pdfium.",
        )
