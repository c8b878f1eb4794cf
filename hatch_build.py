"""Writes where the project lives into the package's metadata: addresses, and links of the README.

Knows nothing of the package. A release says where (``make release HOME_URL=https://...``); without
that there are no addresses, and links stay as they are in the checkout.
"""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import Any

from hatchling.metadata.plugin.interface import MetadataHookInterface

VARIABLE = "DOCEXTRACT_HOME_URL"
_LINK = re.compile(r"(!?)\[([^\]]*)\]\((?!https?://|#)([^)\s]+)\)")


class HomeInMetadata(MetadataHookInterface):
    """Gives ``readme`` and ``urls``, which pyproject.toml calls dynamic."""

    def update(self, metadata: dict[str, Any]) -> None:
        """Add both to the metadata."""
        home = os.environ.get(VARIABLE, "").rstrip("/")
        text = (Path(self.root) / "README.md").read_text(encoding="utf-8")
        metadata["urls"] = addresses(home) if home else {}
        text = with_whole_links(text, home) if home else text
        metadata["readme"] = {"content-type": "text/markdown", "text": text}


def addresses(home: str) -> dict[str, str]:
    """Return what the package's page links to."""
    return {
        "Homepage": home,
        "Documentation": f"{home}/blob/main/docs/index.md",
        "Changelog": f"{home}/blob/main/CHANGELOG.md",
        "Issues": f"{home}/issues",
        "Source": home,
    }


def with_whole_links(text: str, home: str) -> str:
    """Return Markdown whose links into the checkout lead to its home; pictures to their bytes."""

    def whole(found: re.Match[str]) -> str:
        mark, shown, path = found.groups()
        return f"{mark}[{shown}]({home}/{'raw' if mark else 'blob'}/main/{path})"

    return _LINK.sub(whole, text)
