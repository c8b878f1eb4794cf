"""Draws invoices of vendors whose words nobody has written down, for measuring what is learned.

Knows nothing of reading or learning. ``drawn_vendors.toml`` says how each of them prints; what
stands in a document is drawn by lot, always the same. Needs reportlab and Pillow.
"""

from __future__ import annotations

import datetime as dt
import json
import random
import sys
import tomllib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from decimal import ROUND_HALF_UP, Decimal
from io import BytesIO
from pathlib import Path
from typing import Any

import reportlab
from PIL import Image, ImageDraw, ImageFont
from reportlab.lib.utils import ImageReader

sys.path.append(str(Path(__file__).parents[1] / "fixtures"))

from drawing import companies
from drawing.scans import Scanner, to_pdf
from drawing.sheet import A4, LETTER, Ink, Sheet
from drawing.truth import printed

NUM_DOCUMENTS = 6
_LINE, _SIZE = 16.0, 9.5
_CENT = Decimal("0.01")
_RATE = Decimal("0.19")
_BUYERS = (
    companies.HOLLOWAY, companies.CEDAR, companies.LIBRAIRIE, companies.OSTERIA,
    companies.TUINEN, companies.THEATER, companies.MESA, companies.STADTWERK,
)  # fmt: skip
_UNSAID = ("document_type", "taxes", "lines")
"""What is not scored, or no header field."""


@dataclass
class _Drawing:
    """One document being drawn: the sheet, its vendor, and what was printed of its values."""

    vendor: dict[str, Any]
    values: dict[str, Any]
    sheet: Sheet
    shown: set[str] = field(default_factory=set)

    @property
    def ink(self) -> Ink:
        """How all text is set."""
        return Ink(self.vendor.get("font", "Helvetica"), _SIZE)

    def put(self, x: float, y: float, text: str, align: str = "left") -> None:
        """Set a text at fractions of the page."""
        self.sheet.text(x * self.sheet.width, y * self.sheet.height, text, self.ink, align)

    def show(self, path: str) -> str:
        """Return a value as this vendor prints it, and count it as printed."""
        self.shown.add(path)
        value: Any = self.values
        for name in path.split("."):
            value = value[name]
        if isinstance(value, dt.date):
            return str(value.strftime(self.vendor["date"]))
        if not isinstance(value, Decimal):
            return str(value)
        if any(not char.isspace() for char in self.vendor["money"].format("")):
            self.shown.add("currency")
        return str(self.vendor["money"].format(self.number(value)))

    def number(self, value: Decimal) -> str:
        """Return an amount with this vendor's marks."""
        mark = self.vendor.get("decimal", ".")
        group = self.vendor.get("group", "," if mark == "." else ".")
        text = f"{value:,.2f}".replace(",", "\0").replace(".", mark)
        return text.replace("\0", group)


def draw_all(folder: Path) -> None:
    """Draw every vendor's documents and their ``truth.jsonl`` into a new folder."""
    (folder / "docs").mkdir(parents=True)
    spec = tomllib.loads(Path(__file__).with_suffix(".toml").read_text("utf-8"))
    with (folder / "truth.jsonl").open("w", encoding="utf-8") as truth:
        for vendor in spec["vendor"]:
            for number, values in enumerate(_documents(vendor)):
                name = f"{vendor['name'].split()[0].casefold()}-{number}"
                data, tree = _drawn(vendor, values)
                (folder / "docs" / f"{name}.pdf").write_bytes(data)
                meta = {"group": vendor["name"], "label_source": "drawn"}
                row = {
                    "id": name, "file": f"docs/{name}.pdf", "schema": "invoice",
                    "values": tree, "fields": {}, "meta": meta,
                }  # fmt: skip
                truth.write(json.dumps(row, ensure_ascii=False) + "\n")


def _documents(vendor: dict[str, Any]) -> Iterator[dict[str, Any]]:
    chance = random.Random(vendor["name"])
    party = getattr(companies, vendor["party"])
    number, day = chance.randrange(100, 900), dt.date(2026, 1, 1)
    for _ in range(NUM_DOCUMENTS):
        number, day = number + chance.randrange(1, 9), day + dt.timedelta(chance.randrange(4, 40))
        rows, buyer = list(_rows(vendor, chance)), chance.choice(_BUYERS)
        yield {
            "invoice_number": vendor["number"].format(number),
            "issue_date": day,
            "due_date": day + dt.timedelta(chance.randrange(7, 60)),
            "purchase_order": f"{chance.choice('ABKR')}{chance.randrange(1000, 9999)}",
            "currency": vendor["currency"],
            "seller": _party(vendor["name"], vendor["street"]) | {"tax_id": party.tax_id},
            "payment": {"iban": party.bank[1]},
            "buyer": _party(buyer.name, buyer.address),
            "totals": _totals(vendor, chance, rows),
            "rows": rows,
            "has_order": chance.random() < 0.6,
            "remark": _remark(vendor, chance, day),
            "skew": chance.uniform(-0.8, 0.8),
        }


def _rows(vendor: dict[str, Any], chance: random.Random) -> Iterator[tuple[Any, ...]]:
    for goods in chance.choices(vendor["goods"], k=chance.randrange(1, 8)):
        count, each = chance.randrange(1, 30), Decimal(chance.randrange(150, 39900)) / 100
        yield goods, count, each, count * each


def _party(name: str, lines: Sequence[str]) -> dict[str, Any]:
    return {"name": name, "address": ", ".join(lines), "lines": lines}


def _totals(
    vendor: dict[str, Any], chance: random.Random, rows: list[tuple[Any, ...]]
) -> dict[str, Decimal | None]:
    may_charge = any(path == "totals.charges" for path, _ in vendor["sums"])
    charges = Decimal(chance.randrange(500, 9000)) / 100
    charges = charges if may_charge and chance.random() < 0.5 else Decimal(0)
    net = sum((row[3] for row in rows), charges)
    tax = (net * _RATE).quantize(_CENT, ROUND_HALF_UP)
    gross = net + tax
    paid = (gross / chance.choice((2, 3, 4))).quantize(_CENT)
    return {
        "charges": charges or None, "net": net, "tax": tax, "gross": gross, "paid": paid,
        "amount_due": gross - paid,
    }  # fmt: skip


def _remark(vendor: dict[str, Any], chance: random.Random, day: dt.date) -> str:
    """Return a line of another number, day and amount, as many documents have one."""
    if chance.random() < 0.5:
        return ""
    before = (day - dt.timedelta(chance.randrange(3, 30))).strftime(vendor["date"])
    number = vendor["number"].format(chance.randrange(10, 99))
    return f"{vendor['remark']} {number} / {before} / {chance.randrange(9, 99)}"


def _drawn(vendor: dict[str, Any], values: dict[str, Any]) -> tuple[bytes, dict[str, Any]]:
    drawing = _Drawing(vendor, values, Sheet(LETTER if vendor.get("size") == "Letter" else A4))
    _letterhead(drawing)
    _head(drawing)
    if values["remark"]:
        drawing.put(0.1, 0.39, values["remark"])
    _sums(drawing, _table(drawing))
    for number, line in enumerate(vendor["foot"]):
        shown = {name: drawing.show(path) for name, path in _IN_FOOT.items() if name in line}
        drawing.put(0.1, 0.945 + 0.018 * number, line.format(**shown))
    tree = printed("invoice", values, drawing.shown)
    data = drawing.sheet.finish()
    if vendor.get("scan"):
        scanner = Scanner(dpi=170, skew=values["skew"], noise=5.0)
        data = to_pdf(scanner.scan(data), scanner)
    return data, {k: v for k, v in tree.items() if k not in _UNSAID}


_IN_FOOT = {"tax_id": "seller.tax_id", "iban": "payment.iban"}


def _letterhead(drawing: _Drawing) -> None:
    vendor = drawing.vendor
    if vendor.get("logo"):
        _picture(drawing.sheet, vendor["name"])
        drawing.shown.add("seller.name")
    else:
        drawing.put(0.1, 0.05, drawing.show("seller.name"))
    for party, y in (("seller", 0.07), ("buyer", 0.166)):
        drawing.show(f"{party}.address")
        for number, line in enumerate(drawing.values[party]["lines"]):
            drawing.put(0.1, y + 0.016 * number, line)
    drawing.put(0.1, 0.15, drawing.show("buyer.name"))
    drawing.put(0.4, 0.05, vendor["title"])


def _picture(sheet: Sheet, name: str) -> None:
    """Print a name as pixels: no text layer has it."""
    font = ImageFont.truetype(str(Path(reportlab.__file__).parent / "fonts" / "Vera.ttf"), 26)
    image = Image.new("RGB", (int(font.getlength(name)) + 20, 44), "#22405c")
    ImageDraw.Draw(image).text((10, 4), name, font=font, fill="white")
    data = BytesIO()
    image.save(data, "PNG")
    width, height = image.width / 2.4, image.height / 2.4
    place = (0.1 * sheet.width, sheet.height * 0.97 - height)
    sheet.canvas.drawImage(ImageReader(data), *place, width, height)


def _head(drawing: _Drawing) -> None:
    """Print the head's fields; below one that this document lacks the others move up."""
    moved: dict[float, float] = {}
    last: dict[float, float] = {}
    for path, label, x, y, way in drawing.vendor["head"]:
        if path == "purchase_order" and not drawing.values["has_order"]:
            moved[x] = y - last.get(x, y)
            continue
        last[x] = y
        _labelled(drawing, path, label, x, y - moved.get(x, 0.0), way)


def _labelled(drawing: _Drawing, path: str, label: str, x: float, y: float, way: str) -> None:
    side, _, far = way.partition(" ")
    text = drawing.show(path)
    if side == "inline":
        drawing.put(x, y, f"{label} {text}")
    elif side in ("below", "above"):
        first, second = (label, text) if side == "below" else (text, label)
        drawing.put(x, y, first)
        drawing.put(x, y + 0.017, second)
    else:
        value_x = x + float(far) * (1 if side == "right" else -1)
        drawing.put(x, y, label)
        drawing.put(value_x, y, text)


def _table(drawing: _Drawing) -> float:
    edges = (0.55, 0.72, 0.9)
    first, *others = drawing.vendor["columns"]
    y = 0.42
    drawing.put(0.1, y, first)
    for edge, heading in zip(edges, others, strict=True):
        drawing.put(edge, y, heading, "right")
    for goods, count, each, total in drawing.values["rows"]:
        y += _LINE / drawing.sheet.height
        drawing.put(0.1, y, goods)
        for edge, text in zip(
            edges, (str(count), drawing.number(each), drawing.number(total)), strict=True
        ):
            drawing.put(edge, y, text, "right")
    return y


def _sums(drawing: _Drawing, bottom: float) -> None:
    label_x, value_x, fixed = drawing.vendor["sums_at"]
    y = fixed or bottom + 0.045
    for path, label in drawing.vendor["sums"]:
        if path == "totals.charges" and not drawing.values["totals"]["charges"]:
            continue
        drawing.put(label_x, y, label)
        drawing.put(value_x, y, drawing.show(path), "right")
        y += _LINE / drawing.sheet.height


if __name__ == "__main__":
    draw_all(Path(sys.argv[1]))
