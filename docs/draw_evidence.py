"""Draws a page with its evidence boxes, as in the README: green verified, amber doubtful.

Knows nothing of how evidence is found. Run:
``python docs/draw_evidence.py DOCUMENT SCHEMA PICTURE [--page 1] [--dpi 110]``.
"""

from __future__ import annotations

import argparse
from pathlib import Path

from PIL import Image, ImageDraw, ImageFont

from docextract import extract, load_schema
from docextract.core import Box, FieldStatus, ReadOptions

COLOURS = {
    FieldStatus.VERIFIED: (22, 130, 70),
    FieldStatus.CONSISTENT: (20, 100, 190),
    FieldStatus.UNVERIFIED: (200, 130, 0),
    FieldStatus.CONFLICT: (200, 30, 30),
}


def page_image(path: Path, page: int, dpi: int) -> Image.Image:
    """Return a page as people see it: an RGB image."""
    if path.suffix == ".pdf":
        import pypdfium2

        rendered = pypdfium2.PdfDocument(path)[page - 1].render(scale=dpi / 72).to_pil()
        return Image.Image.convert(rendered, "RGB")
    return Image.open(path).convert("RGB")


def draw_box(image: Image.Image, box: Box, label: str, colour: tuple[int, int, int]) -> None:
    """Outline a box and write the field's path above it."""
    draw = ImageDraw.Draw(image, "RGBA")
    width, height = image.size
    corners = (
        box.left * width - 2,
        box.top * height - 2,
        box.right * width + 2,
        box.bottom * height + 2,
    )
    draw.rectangle(corners, outline=colour, width=2, fill=(*colour, 28))
    font = ImageFont.load_default(9)
    draw.text((corners[0], corners[1] - 11), label, fill=colour, font=font)


def main() -> None:
    """Read a document and save its picture."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("document", type=Path)
    parser.add_argument("schema")
    parser.add_argument("picture", type=Path)
    parser.add_argument("--page", type=int, default=1)
    parser.add_argument("--dpi", type=int, default=110)
    given = parser.parse_args()
    read = ReadOptions(use_embedded=False)
    found = extract(given.document, load_schema(given.schema).model, read=read)
    image = page_image(given.document, given.page, given.dpi)
    turned = next(page["rotation"] for page in found.record.pages if page["page"] == given.page)
    if turned:
        image = image.rotate(-turned, expand=True)
    for path, item in found.fields.items():
        for evidence in item.evidence:
            if evidence.page == given.page and evidence.box:
                label = "" if "[" in path else path
                draw_box(image, evidence.box, label, COLOURS[item.status])
    image.quantize(96).save(given.picture, optimize=True)


if __name__ == "__main__":
    main()
