"""Writes small, real PDFs with a text layer, byte for byte, without any library."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path


def text_pdf(*pages: Sequence[tuple[float, float, str]], size=(595, 842)) -> bytes:
    """Return a PDF; each page is a list of (x, y from the top, text) in points."""
    objects = ["<< /Type /Catalog /Pages 2 0 R >>", ""]
    kids = []
    objects.append("<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>")
    for page in pages:
        stream = "\n".join(
            f"BT /F1 10 Tf {x} {size[1] - y} Td ({_escaped(text)}) Tj ET" for x, y, text in page
        )
        objects.append(f"<< /Length {len(stream)} >>\nstream\n{stream}\nendstream")
        kids.append(len(objects) + 1)
        objects.append(
            f"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 {size[0]} {size[1]}] "
            f"/Contents {len(objects)} 0 R /Resources << /Font << /F1 3 0 R >> >> >>"
        )
    listed = " ".join(f"{kid} 0 R" for kid in kids)
    objects[1] = f"<< /Type /Pages /Kids [{listed}] /Count {len(kids)} >>"
    return _assembled(objects)


def _escaped(text: str) -> str:
    return text.replace("\\", "\\\\").replace("(", "\\(").replace(")", "\\)")


def _assembled(objects: list[str]) -> bytes:
    body, offsets = "%PDF-1.4\n", []
    for number, content in enumerate(objects, 1):
        offsets.append(len(body.encode("latin-1")))
        body += f"{number} 0 obj\n{content}\nendobj\n"
    start = len(body.encode("latin-1"))
    body += f"xref\n0 {len(objects) + 1}\n0000000000 65535 f \n"
    body += "".join(f"{offset:010d} 00000 n \n" for offset in offsets)
    body += f"trailer\n<< /Size {len(objects) + 1} /Root 1 0 R >>\nstartxref\n{start}\n%%EOF\n"
    return body.encode("latin-1")


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
