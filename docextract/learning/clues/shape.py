"""The shape of a number such as RE-2024-0187: letters, digits and what stands between them.

Knows nothing of fields. How many letters or digits stand in a row is left open.
"""

from __future__ import annotations

import re

OPEN = "*"
"""Of numbers that have no shape in common."""
WHOLE = "9"
"""Of amounts that are printed without decimals."""


def shape_of(text: str) -> str:
    """Return the shape of a text: ``A-9-9`` of ``RE-2024-0187``; points behind it are specks."""
    plain = re.sub(r"[^\W\d_]+", "A", "".join(text.split()).rstrip(".,;:'·"))
    return re.sub(r"\d+", "9", plain)


def fits(text: str, shape: str) -> bool:
    """Whether a text has a shape; every one does where that is open or unknown."""
    return shape in ("", OPEN) or shape_of(text) == shape


def common(one: str, other: str) -> str:
    """Return the shape that two numbers of one field share."""
    return one if one == other else OPEN
