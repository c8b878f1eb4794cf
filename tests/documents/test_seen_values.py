"""Whatever is hidden, changed or moved on a drawn invoice: what is verified is what it shows."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from pathlib import Path
from typing import NamedTuple

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image
from reportlab.pdfbase.pdfmetrics import stringWidth
from support.papers import invoice, read_bytes
from support.pdfs import (
    LYING_LETTERS,
    PdfWriter,
    escaped,
    in_mute_font,
    lying_font,
    mute_font,
    show,
)

from docextract.core import FieldStatus, Record

FEW, MANY = (
    settings(
        max_examples=number,
        deadline=None,
        derandomize=True,
        suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
    )
    for number in (8, 120)
)
HEIGHT, SIZE = 842, 10
LINES: list[tuple[float, float, str]] = invoice()
JUDGED = ("invoice_number", "issue_date", "due_date", "totals.", "payment.", "seller.", "buyer.")
NOT_ONE_LINE = ("seller.address", "buyer.address")
SIGNS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"


class Lie(NamedTuple):
    """A glyph of a text, the way it is hidden or changed, and another one.

    ``is_on_paper``: whether all of it lies on a picture of paper.
    """

    line: int
    at: int
    way: str
    other: str
    is_on_paper: bool = False

    @property
    def text(self) -> str:
        return LINES[self.line][2]

    @property
    def own(self) -> str:
        return self.text[self.at]


@st.composite
def lies(draw: st.DrawFn, ways: tuple[str, ...]) -> Lie:
    """Draw a lie about a letter or digit of any text."""
    line = draw(st.sampled_from(range(len(LINES))))
    places = [at for at, sign in enumerate(LINES[line][2]) if sign in SIGNS]
    at = draw(st.sampled_from(places or [0]))
    others = "123456789" if LINES[line][2][at].isdigit() else "ABCDEFGHKLMNRSTUVXYZabdefghkmnrstuxz"
    other = draw(st.sampled_from([sign for sign in others if sign != LINES[line][2][at]]))
    return Lie(line, at, draw(st.sampled_from(ways)), other, draw(st.integers(0, 3)) == 3)


class Glyph(NamedTuple):
    """A glyph at its place, as content of a page."""

    x: float
    y: float
    sign: str

    def drawn(self, *, font: str = "F", size: float = SIZE, text: str = "") -> bytes:
        said = text or f"({escaped(self.sign)})"
        return f"BT /{font} {size} Tf {self.x:.3f} {self.y} Td {said} Tj ET\n".encode("latin-1")

    def around(self, before: str, behind: str) -> bytes:
        return before.encode() + b"\n" + self.drawn() + behind.encode() + b"\n"

    def under(self, cover: str) -> bytes:
        width = stringWidth(self.sign, "Helvetica", SIZE)
        place = f"{self.x:.3f} {self.y - 3} {width:.3f} 13"
        return (
            self.drawn()
            + cover.format(box=place, width=width, x=self.x, y=self.y - 3).encode()
            + b"\n"
        )


HIDDEN: dict[str, Callable[[Glyph], bytes]] = {
    "invisible": lambda glyph: glyph.around("3 Tr", "0 Tr"),
    "clipping": lambda glyph: glyph.around("q 7 Tr", "Q"),
    "white": lambda glyph: glyph.around("1 g", "0 g"),
    "almost white": lambda glyph: glyph.around("0.93 g", "0 g"),
    "half a point": lambda glyph: glyph.drawn(size=0.5),
    "squeezed": lambda glyph: glyph.around("2 Tz", "100 Tz"),
    "clipped": lambda glyph: glyph.around("q 0 0 2 2 re W n", "Q"),
    "see-through": lambda glyph: glyph.around("q /Clear gs", "Q"),
    "a layer that is off": lambda glyph: glyph.around("/OC /Off BDC", "EMC"),
    "under a rectangle": lambda glyph: glyph.under("1 g {x} {y} {width} 13 re f 0 g"),
    "under a picture": lambda glyph: glyph.under("q {width} 0 0 13 {x} {y} cm /I Do Q"),
    "under itself in white": lambda glyph: (
        glyph.drawn() + glyph.around("q 2 Tr 1 g 1 G 2 w", "Q 0 Tr")
    ),
    "under a white letter": lambda glyph: (
        glyph.drawn()
        + glyph._replace(x=glyph.x - 4, y=glyph.y - 6, sign="M").around(
            "q 2 Tr 1 g 1 G 9 w", "Q 0 Tr"
        )
    ),
    "clipped to a sliver": lambda glyph: glyph.around(f"q 0 0 600 {glyph.y + 1.5} re W n", "Q"),
    "outside the crop box": lambda glyph: glyph._replace(x=-40.0).drawn(),
}
CHANGED: dict[str, Callable[[Glyph, str], bytes]] = {
    "font": lambda glyph, _: glyph.drawn(font="L"),
    "mute font": lambda glyph, _: glyph.drawn(font="M", text=in_mute_font(glyph.sign, SIGNS)),
    "actual text": lambda glyph, other: glyph.around(
        f"/Span << /ActualText ({other}) >> BDC", "EMC"
    ),
    "drawn twice": lambda glyph, _: glyph.drawn() + glyph._replace(x=glyph.x + 0.4).drawn(),
}


def plain(line: tuple[float, float, str]) -> bytes:
    x, y, text = line
    return show(x, HEIGHT - y, escaped(text), size=SIZE)


def with_a_lie(lie: Lie, sign: str, change: Callable[[Glyph], bytes], skipped: int) -> bytes:
    """Return the invoice with ``sign`` as changed between what is before and behind a glyph."""
    x, y, text = LINES[lie.line]
    before, behind = text[: lie.at], text[lie.at + skipped :]
    middle = x + stringWidth(before, "Helvetica", SIZE)
    # What is put between others takes no room: what is behind it lies over it.
    end = middle + (stringWidth(sign, "Helvetica", SIZE) if skipped else 0)
    changed = change(Glyph(middle, HEIGHT - y, sign))
    parted = plain((x, y, before)) + changed + plain((end, y, behind))
    lines = [parted if i == lie.line else plain(own) for i, own in enumerate(LINES)]
    paper = f"q 595 0 0 {HEIGHT} 0 0 cm /I Do Q\n".encode() if lie.is_on_paper else b""
    return page(paper + b"".join(lines))


def page(content: bytes, box: str = f"0 0 595 {HEIGHT}") -> bytes:
    writer = PdfWriter()
    writer.more_fonts["L"] = lying_font(writer, LYING_LETTERS)
    writer.more_fonts["M"] = mute_font(writer, SIGNS)
    clear = writer.add(b"<< /Type /ExtGState /ca 0 /CA 0 >>")
    layer = writer.add(b"<< /Type /OCG /Name (off) >>")
    picture = writer.image(Image.new("L", (4, 4), 255))
    states = f"/ExtGState << /Clear {clear} 0 R >> /Properties << /Off {layer} 0 R >>"
    data = writer.page(content, box=box, image=picture, resources=states)
    writer.objects[0] = (
        b"<< /Type /Catalog /Pages 2 0 R /OCProperties << /OCGs [%d 0 R] "
        b"/D << /OFF [%d 0 R] >> >> >>" % (layer, layer)
    )
    return data.data()


def verified(record: Record) -> dict[str, str]:
    return {
        path: "".join((field.raw or "").split())
        for path, field in record.fields.items()
        if field.status is FieldStatus.VERIFIED
        and path.startswith(JUDGED)
        and path not in NOT_ONE_LINE
    }


def shown(lines: Sequence[tuple[float, float, str]], *more: str) -> set[str]:
    texts = ["".join(text.split()) for text in (*(text for _, _, text in lines), *more)]
    return {*texts, *(text.split(":")[-1] for text in texts)}


def shown_without(lie: Lie) -> set[str]:
    """Return what the page shows where a glyph is hidden; a gap may part a name in two."""
    before, behind = lie.text[: lie.at], lie.text[lie.at + 1 :]
    parts = () if any(sign.isdigit() for sign in lie.text) else (before, behind)
    rest = [line for index, line in enumerate(LINES) if index != lie.line]
    return shown(rest, before + behind, *parts)


def check_more(tmp_path: Path, lie: Lie) -> None:
    """A glyph that nobody sees is put between others."""
    record = read_bytes(tmp_path, with_a_lie(lie, lie.other, HIDDEN[lie.way], 0))
    assert set(verified(record).values()) <= shown(LINES)


def check_fewer(tmp_path: Path, lie: Lie) -> None:
    """One of the glyphs is hidden."""
    record = read_bytes(tmp_path, with_a_lie(lie, lie.own, HIDDEN[lie.way], 1))
    assert set(verified(record).values()) <= shown_without(lie)


def check_other(tmp_path: Path, lie: Lie) -> None:
    """The file says another character than it draws, or draws it twice."""
    change = CHANGED[lie.way]
    data = with_a_lie(lie, lie.own, lambda glyph: change(glyph, lie.other), 1)
    assert set(verified(read_bytes(tmp_path, data)).values()) <= shown(LINES)


CHECKS: dict[Callable[[Path, Lie], None], Collection[str]] = {
    check_more: HIDDEN,
    check_fewer: HIDDEN,
    check_other: CHANGED,
}


@FEW
@given(lie=lies(tuple(HIDDEN)))
def test_a_hidden_glyph_is_in_no_verified_value(tmp_path: Path, lie: Lie) -> None:
    check_more(tmp_path, lie)


@FEW
@given(lie=lies(tuple(HIDDEN)))
def test_without_a_glyph_that_is_hidden_no_value_is_verified_with_it(
    tmp_path: Path, lie: Lie
) -> None:
    check_fewer(tmp_path, lie)


@FEW
@given(lie=lies(tuple(CHANGED)))
def test_a_glyph_that_says_another_is_verified_as_it_is_drawn(tmp_path: Path, lie: Lie) -> None:
    check_other(tmp_path, lie)


@pytest.mark.slow
@pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.__name__)
def test_no_lie_of_many_is_verified(tmp_path: Path, check: Callable[[Path, Lie], None]) -> None:
    MANY(given(lie=lies(tuple(CHECKS[check])))(lambda lie: check(tmp_path, lie)))()


@FEW
@given(
    order=st.permutations(range(len(LINES))),
    scale=st.floats(0.7, 2.0),
    across=st.integers(-20, 40),
    down=st.integers(-20, 100),
)
def test_scale_place_and_order_of_drawing_change_no_value(
    tmp_path: Path, order: list[int], scale: float, across: int, down: int
) -> None:
    before = read_bytes(tmp_path, page(b"".join(map(plain, LINES))))
    moved = f"{scale} 0 0 {scale} {across * scale} {-down * scale} cm\n".encode()
    content = moved + b"".join(plain(LINES[index]) for index in order)
    box = f"0 0 {595 * scale} {HEIGHT * scale}"
    after = read_bytes(tmp_path, page(content, box))
    assert after.values == before.values
