"""A heading beside small print, short lines beside long: each is read, and stands in its place."""

from __future__ import annotations

from pathlib import Path

from PIL import Image, ImageDraw, ImageFont
from support.drawn_files import image_bytes, opened, texts, write

LINES = ("Apples 0,99", "Sum 3,58", "Change 1,42", "Goods are returned within thirty days only")


def slip() -> Image.Image:
    """Return a heading twice as tall as the lines below it."""
    image = Image.new("RGB", (900, 500), "white")
    draw = ImageDraw.Draw(image)
    draw.text((60, 40), "LiDL", "black", ImageFont.load_default(64))
    for row, line in enumerate(LINES):
        draw.text((60, 180 + 70 * row), line, "black", ImageFont.load_default(30))
    return image


def test_a_heading_and_short_lines_are_read_where_they_stand(tmp_path: Path) -> None:
    (page,) = opened(write(tmp_path / "slip.png", image_bytes(slip()))).pages
    assert texts(page) == ["LiDL", *" ".join(LINES).split()]
    heading, first = page.words[0].box, page.words[1].box
    assert heading.bottom < first.top
    assert (round(heading.left, 1), round(first.left, 1)) == (0.1, 0.1)
    days = next(word.box for word in page.words if word.text == "days")
    width = ImageFont.load_default(30).getlength(LINES[3].removesuffix("days only"))
    assert abs(days.left * 900 - (60 + width)) < 20
