"""Draws small PDFs, images and e-invoices that tests open."""

from __future__ import annotations

import hashlib
import io
import os
import sys
from pathlib import Path
from typing import Any

import pytest
from PIL import Image, ImageDraw, ImageFont

from docextract.core import Document, OpenedDocument, Page, ReadOptions
from docextract.documents.opening import collect, open_document
from support.pdfs import PdfWriter, show

OPTIONS = ReadOptions()


def write(path: Path, data: bytes) -> Document:
    path.write_bytes(data)
    return Document(str(path), os.fsencode(path), hashlib.sha256(data).hexdigest())


def opened(document: Document, options: ReadOptions = OPTIONS, **kwargs: Any) -> OpenedDocument:
    return collect(open_document(document, options, **kwargs))


def texts(page: Page) -> list[str]:
    return [word.text for word in page.words]


def picture(*lines: str, size: tuple[int, int] = (900, 600)) -> Image.Image:
    image = Image.new("RGB", size, "white")
    draw = ImageDraw.Draw(image)
    for row, line in enumerate(lines):
        draw.text((60, 60 + 80 * row), line, "black", ImageFont.load_default(40))
    return image


LINES = ("Harbour Books Limited", "Invoice number 4711", "Total due 123.45 EUR", "Thank you kindly")


def image_bytes(image: Image.Image, image_format: str = "PNG", **options: Any) -> bytes:
    buffer = io.BytesIO()
    image.save(buffer, image_format, **options)
    return buffer.getvalue()


def scan(hidden: bytes) -> bytes:
    """Return a PDF of a picture that covers the page, with an invisible layer under it."""
    writer = PdfWriter()
    image = writer.image(picture(*LINES))
    content = hidden + b"q 600 0 0 400 0 0 cm /I Do Q"
    return writer.page(content, box="0 0 600 400", image=image).data()


CII = b"""<?xml version="1.0"?>
<rsm:CrossIndustryInvoice xmlns:rsm="urn:un:unece:uncefact:data:standard:CrossIndustryInvoice:100"
 xmlns:ram="urn:un:unece:uncefact:data:standard:ReusableAggregateBusinessInformationEntity:100">
<rsm:ExchangedDocument><ram:ID>R-1</ram:ID></rsm:ExchangedDocument></rsm:CrossIndustryInvoice>"""


def pdf_with_xml(xml: bytes) -> bytes:
    writer = PdfWriter().page(show(60, 700, "Invoice R-1"))
    file = writer.stream(xml, b"/Type /EmbeddedFile")
    spec = writer.add(
        b"<< /Type /Filespec /F (factur-x.xml) /UF (factur-x.xml) /EF << /F %d 0 R >> >>" % file
    )
    writer.objects[0] = (
        b"<< /Type /Catalog /Pages 2 0 R /Names << /EmbeddedFiles "
        b"<< /Names [(factur-x.xml) %d 0 R] >> >> >>" % spec
    )
    return writer.data()


def fake_poppler(folder: Path, monkeypatch: pytest.MonkeyPatch, drawn: Image.Image) -> None:
    """Put programs on the PATH that answer as poppler does for one page of a known size."""
    ppm = folder / "page.ppm"
    drawn.save(ppm)
    width, height = (72 / OPTIONS.dpi * side for side in drawn.size)
    info = f"print('Pages: 1\\nPage    1 size: {width} x {height} pts\\nPage    1 rot: 0')"
    drawing = f"import sys; sys.stdout.buffer.write(open('{ppm}', 'rb').read())"
    for name, body in {"pdfinfo": info, "pdftoppm": drawing}.items():
        program = folder / "bin" / name
        program.parent.mkdir(exist_ok=True)
        program.write_text(f"#!{sys.executable} -IS\n{body}\n", encoding="ascii")
        program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{folder / 'bin'}:{os.environ['PATH']}")
