"""Draws a page with the boxes of the values that stand on it.

Knows nothing of how evidence is found. Statuses differ in colour, line and sign: they can be told
apart without seeing colours (Okabe and Ito, Color Universal Design, 2008).
"""

from __future__ import annotations

import io
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from docextract.core import Box, FieldStatus, OptionError, Tree, disk_error
from docextract.review.pictures.page_pictures import PagePictures

if TYPE_CHECKING:
    from PIL import Image

_MARGIN = 3
_FONT_SIZE = 13
_SUFFIXES = (".png", ".webp", ".jpg", ".jpeg")


_Rectangle = tuple[float, float, float, float]
"""Left, top, right and bottom in pixels."""


class Style(NamedTuple):
    """How a status looks: colour, width of the line, sign before the field's path."""

    colour: tuple[int, int, int]
    width: int
    sign: str


STYLES = {
    FieldStatus.VERIFIED: Style((0, 130, 95), 2, ""),
    FieldStatus.CONSISTENT: Style((40, 120, 190), 2, "="),
    FieldStatus.UNVERIFIED: Style((200, 120, 0), 4, "?"),
    FieldStatus.CONFLICT: Style((213, 60, 0), 5, "!"),
    FieldStatus.CONFIRMED: Style((90, 50, 160), 3, "+"),
}


def draw_evidence(
    out: Path, tree: Tree, target: Path, page: int | None = None, password: str | None = None
) -> int:
    """Save a picture of a page with the boxes of its values; return the page's number.

    Args:
        out: the output folder.
        tree: the record as it stands.
        target: the picture; its ending says of what kind.
        page: from 1; None for the first page with a value.
        password: tried on encrypted PDFs.

    Raises:
        OptionError: the ending is of no picture.
        DocumentError: the page cannot be drawn.
        StoreError: the picture cannot be written.
    """
    from PIL import Image

    if target.suffix.lower() not in _SUFFIXES:
        raise OptionError(f"--image {target}: it ends in none of {', '.join(_SUFFIXES)}")
    number = page or min((spot[0] for spot in boxes(tree)), default=1)
    with PagePictures(out, password) as pictures:
        found = pictures.picture(tree["document"]["sha256"], number)
    image = Image.open(io.BytesIO(found.data)).convert("RGB")
    own = [spot[1:] for spot in boxes(tree) if spot[0] == number]
    taken = [_scaled(box, image) for box in (*(it[0] for it in own), *(w.box for w in found.words))]
    for box, path, status in own:
        _outline(image, box, STYLES[status])
        # Rows of a table would cover each other with names.
        label = f"{STYLES[status].sign} {'' if '[' in path else path}".strip()
        if label:
            _write(image, box, label, STYLES[status], taken)
    try:
        image.save(target)
    except OSError as error:
        raise disk_error(target, error) from error
    return number


def boxes(tree: Tree) -> Iterator[tuple[int, Box, str, FieldStatus]]:
    """Yield page, box, path and status of every value that stands on a page."""
    for path, field in tree["fields"].items():
        status = FieldStatus(field["status"])
        for evidence in field["evidence"]:
            if evidence["box"] is not None and status in STYLES:
                yield evidence["page"], Box(*evidence["box"]), path, status


def _outline(image: Image.Image, box: Box, style: Style) -> None:
    from PIL import ImageDraw

    corners = _scaled(box, image)
    draw = ImageDraw.Draw(image, "RGBA")
    draw.rectangle(corners, outline=style.colour, width=style.width, fill=(*style.colour, 24))


def _scaled(box: Box, image: Image.Image) -> _Rectangle:
    width, height = image.size
    return (
        box.left * width - _MARGIN,
        box.top * height - _MARGIN,
        box.right * width + _MARGIN,
        box.bottom * height + _MARGIN,
    )


def _write(image: Image.Image, box: Box, label: str, style: Style, taken: list[_Rectangle]) -> None:
    """Write a label beside its box, where it covers least of what is printed or written there."""
    from PIL import ImageDraw, ImageFont

    draw, font = ImageDraw.Draw(image, "RGBA"), ImageFont.load_default(_FONT_SIZE)
    left, top, right, bottom = _scaled(box, image)
    width, height = draw.textlength(label, font=font), _FONT_SIZE + 2
    middle = (top + bottom - height) / 2
    places = [(right + 2, middle), (left, top - height), (left, bottom), (left - width - 2, middle)]
    backs = [
        (x, y, x + width, y + height)
        for x, y in places
        if x >= 0 and y >= 0 and x + width <= image.width and y + height <= image.height
    ]
    back = min(backs, key=lambda place: sum(_overlap(place, it) for it in taken), default=None)
    if back is not None:
        taken.append(back)
        draw.rectangle(back, fill=(255, 255, 255, 215))
        draw.text(back[:2], label, fill=style.colour, font=font)


def _overlap(first: _Rectangle, second: _Rectangle) -> float:
    width = min(first[2], second[2]) - max(first[0], second[0])
    height = min(first[3], second[3]) - max(first[1], second[1])
    return max(width, 0) * max(height, 0)
