"""Draws small PDFs, images and e-invoices that tests open."""

from __future__ import annotations

import hashlib
import io
import os
import zlib
from pathlib import Path
from typing import Any

import pytest
from PIL import Image, ImageDraw, ImageFont

from docextract.config import ReadOptions
from docextract.documents.opening import collect, open_document
from docextract.records import Document, OpenedDocument, Page

OPTIONS = ReadOptions()


class PdfWriter:
    """Writes small PDFs by hand, so that every number in them is known."""

    def __init__(self) -> None:
        self.objects: list[bytes] = [b"<< /Type /Catalog /Pages 2 0 R >>", b""]
        self.kids: list[int] = []
        self.font = self.add(b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>")

    def add(self, body: bytes) -> int:
        self.objects.append(body)
        return len(self.objects)

    def stream(self, data: bytes, extra: bytes = b"") -> int:
        head = b"<< /Length %d %s >>\nstream\n" % (len(data), extra)
        return self.add(head + data + b"\nendstream")

    def image(self, picture: Image.Image) -> int:
        grey = picture.convert("L")
        extra = (
            b"/Type /XObject /Subtype /Image /Width %d /Height %d /ColorSpace /DeviceGray "
            b"/BitsPerComponent 8 /Filter /FlateDecode"
        ) % grey.size
        return self.stream(zlib.compress(grey.tobytes()), extra)

    def page(
        self, content: bytes, *, box: str = "0 0 600 800", extra: str = "", image: int = 0
    ) -> PdfWriter:
        body = self.stream(content)
        images = f"/XObject << /I {image} 0 R >>" if image else ""
        text = (
            f"<< /Type /Page /Parent 2 0 R /MediaBox [{box}] /Contents {body} 0 R {extra} "
            f"/Resources << /Font << /F {self.font} 0 R >> {images} >> >>"
        )
        self.kids.append(self.add(text.encode()))
        return self

    def data(self) -> bytes:
        kids = " ".join(f"{kid} 0 R" for kid in self.kids)
        self.objects[1] = f"<< /Type /Pages /Kids [{kids}] /Count {len(self.kids)} >>".encode()
        out, offsets = b"%PDF-1.7\n", []
        for number, body in enumerate(self.objects, 1):
            offsets.append(len(out))
            out += b"%d 0 obj\n%s\nendobj\n" % (number, body)
        start = len(out)
        out += b"xref\n0 %d\n0000000000 65535 f \n" % (len(offsets) + 1)
        out += b"".join(b"%010d 00000 n \n" % offset for offset in offsets)
        size = len(offsets) + 1
        return out + b"trailer << /Size %d /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n" % (size, start)


def show(x: float, y: float, text: str, *, size: float = 20, before: str = "") -> bytes:
    return f"BT {before} /F {size} Tf {x} {y} Td ({text}) Tj ET\n".encode("latin-1")


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
    width, height = (72 / OPTIONS.ocr_dpi * side for side in drawn.size)
    info = f"printf 'Pages: 1\\nPage    1 size: {width} x {height} pts\\nPage    1 rot: 0\\n'"
    for name, body in {"pdfinfo": info, "pdftoppm": f"cat {ppm}"}.items():
        program = folder / "bin" / name
        program.parent.mkdir(exist_ok=True)
        program.write_text(f"#!/bin/sh\n{body}\n", encoding="ascii")
        program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{folder / 'bin'}:{os.environ['PATH']}")
