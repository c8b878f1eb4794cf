"""Says whether poppler's programs are installed.

Knows nothing of PDF; it is asked where loading a renderer would cost too much.
"""

from __future__ import annotations

import shutil

from docextract.errors import MissingDependencyError


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
