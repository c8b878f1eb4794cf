"""Writes small, real PDFs with a text layer, byte for byte, without any library."""

from __future__ import annotations

import zlib
from collections.abc import Sequence
from pathlib import Path

from PIL import Image


class PdfWriter:
    """Writes small PDFs by hand, so that every number in them is known."""

    def __init__(self) -> None:
        self.objects: list[bytes] = [b"<< /Type /Catalog /Pages 2 0 R >>", b""]
        self.kids: list[int] = []
        self.font = self.add(b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>")
        self.more_fonts: dict[str, int] = {}

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
        self,
        content: bytes,
        *,
        box: str = "0 0 600 800",
        extra: str = "",
        image: int = 0,
        resources: str = "",
    ) -> PdfWriter:
        body = self.stream(content)
        images = f"/XObject << /I {image} 0 R >>" if image else ""
        fonts = {"F": self.font, **self.more_fonts}
        named = " ".join(f"/{name} {number} 0 R" for name, number in fonts.items())
        text = (
            f"<< /Type /Page /Parent 2 0 R /MediaBox [{box}] /Contents {body} 0 R {extra} "
            f"/Resources << /Font << {named} >> {images} {resources} >> >>"
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


LYING_MAP = b"""/CIDInit /ProcSet findresource begin 12 dict begin begincmap
/CMapName /Lie def /CMapType 2 def
1 begincodespacerange <00> <FF> endcodespacerange
1 beginbfrange <20> <2F> <0020> endbfrange
1 beginbfrange <30> <38> <0031> endbfrange
1 beginbfchar <39> <0030> endbfchar
1 beginbfrange <3A> <7E> <003A> endbfrange
endcmap CMapName currentdict /CMap defineresource pop end end"""


LYING_LETTERS = LYING_MAP.replace(
    b"1 beginbfrange <3A> <7E> <003A> endbfrange",
    b"1 beginbfrange <3A> <40> <003A> endbfrange\n1 beginbfrange <41> <59> <0042> endbfrange\n"
    b"1 beginbfchar <5A> <0041> endbfchar\n1 beginbfrange <61> <79> <0062> endbfrange\n"
    b"1 beginbfchar <7A> <0061> endbfchar",
)


def lying_font(writer: PdfWriter, said_map: bytes = LYING_MAP) -> int:
    """Add a font that says of each digit it draws that it is the next one.

    With ``LYING_LETTERS`` it says so of letters too.
    """
    said = writer.stream(said_map)
    return writer.add(
        b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /ToUnicode %d 0 R >>" % said
    )


def mute_font(writer: PdfWriter, signs: str = "0123456789.,") -> int:
    """Add a font that says nothing of the signs it draws, of codes 1, 2, 3 and so on."""
    glyphs = [
        writer.stream(f"600 0 d0 BT /F 1000 Tf ({escaped(sign)}) Tj ET".encode()) for sign in signs
    ]
    drawn = " ".join(f"/g{code} {glyph} 0 R" for code, glyph in enumerate(glyphs, 1))
    named = " ".join(f"/g{code}" for code, _ in enumerate(glyphs, 1))
    font = (
        f"<< /Type /Font /Subtype /Type3 /FontBBox [0 -200 1000 900] /CharProcs << {drawn} >> "
        f"/FontMatrix [0.001 0 0 0.001 0 0] /FirstChar 1 /LastChar {len(signs)} "
        f"/Widths [{'600 ' * len(signs)}] /Encoding << /Differences [1 {named}] >> "
        f"/Resources << /Font << /F {writer.font} 0 R >> >> >>"
    )
    return writer.add(font.encode())


def in_mute_font(text: str, signs: str = "0123456789.,") -> str:
    """Return the PDF string of a text in such a font."""
    return "<" + "".join(f"{signs.index(sign) + 1:02x}" for sign in text) + ">"


def show(x: float, y: float, text: str, *, size: float = 20, before: str = "") -> bytes:
    return f"BT {before} /F {size} Tf {x} {y} Td ({text}) Tj ET\n".encode("latin-1")


def text_pdf(*pages: Sequence[tuple[float, float, str]], size=(595, 842)) -> bytes:
    """Return a PDF; each page is a list of (x, y from the top, text) in points."""
    width, height = size
    writer = PdfWriter()
    for page in pages:
        lines = (show(x, height - y, escaped(text), size=10) for x, y, text in page)
        writer.page(b"".join(lines), box=f"0 0 {width} {height}")
    return writer.data()


def escaped(text: str) -> str:
    return text.replace("\\", "\\\\").replace("(", "\\(").replace(")", "\\)")


def invoice_lines(number: str, net: float, rate: int = 20) -> list[tuple[float, float, str]]:
    """Return the lines of a plain invoice whose amounts add up."""
    tax = round(net * rate / 100, 2)
    return [
        (40, 50, "Northwind Tools Ltd"),
        (40, 64, "12 Harbour Road"),
        (40, 78, "Bristol BS1 4ND"),
        (400, 50, "INVOICE"),
        (380, 80, "Invoice number:"),
        (480, 80, number),
        (380, 95, "Invoice date:"),
        (480, 95, "14 March 2024"),
        (380, 110, "Due date:"),
        (480, 110, "13 April 2024"),
        (40, 140, "Bill to:"),
        (40, 154, "Harbour Books Ltd"),
        (40, 168, "3 Quay Street"),
        (40, 182, "Bath BA1 1AA"),
        (40, 230, "Description"),
        (300, 230, "Qty"),
        (380, 230, "Unit price"),
        (480, 230, "Amount"),
        (40, 246, "Cordless drill"),
        (300, 246, "1"),
        (380, 246, f"£{net:,.2f}".replace("£", "GBP ")),
        (480, 246, f"GBP {net:,.2f}"),
        (380, 290, "Net total"),
        (480, 290, f"GBP {net:,.2f}"),
        (380, 305, f"VAT {rate}%"),
        (480, 305, f"GBP {tax:,.2f}"),
        (380, 320, "Total"),
        (480, 320, f"GBP {net + tax:,.2f}"),
    ]


def write_invoices(folder: Path, count: int, start: int = 1) -> list[Path]:
    """Write ``count`` different invoices and return their paths."""
    folder.mkdir(parents=True, exist_ok=True)
    paths = []
    for i in range(start, start + count):
        path = folder / f"invoice-{i:05d}.pdf"
        path.write_bytes(text_pdf(invoice_lines(f"INV-{i:05d}", 100 + i * 1.25)))
        paths.append(path)
    return paths
