"""Whatever is hidden, changed or moved on a drawn invoice: what is verified is what it shows."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from support.papers import invoice, read_bytes
from support.pdfs import PdfWriter, escaped, lying_font, show

from docextract.core import FieldStatus, Record

SLOW = settings(
    max_examples=15,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
HEIGHT = 842
LINES: list[tuple[float, float, str]] = invoice()
NUMBERED = [
    index for index, (_, _, text) in enumerate(LINES) if any(letter.isdigit() for letter in text)
]
JUDGED = ("invoice_number", "issue_date", "due_date", "totals.", "payment.", "seller.tax_id")

AROUND = {
    "invisible": ("3 Tr", "0 Tr"),
    "clipping": ("7 Tr", "0 Tr"),
    "white": ("1 g", "0 g"),
    "almost white": ("0.93 g", "0 g"),
    "half a point": ("/F 0.5 Tf", "/F 10 Tf"),
    "squeezed": ("2 Tz", "100 Tz"),
}
"""What stands before and behind a glyph to hide it."""


class Lie(NamedTuple):
    """A glyph of a text, and how it is hidden or changed."""

    line: int
    at: int
    way: str
    digit: str


@st.composite
def lies(draw: st.DrawFn, ways: tuple[str, ...]) -> Lie:
    line = draw(st.sampled_from(NUMBERED))
    text = LINES[line][2]
    at = draw(st.sampled_from([i for i, letter in enumerate(text) if letter.isdigit()]))
    return Lie(line, at, draw(st.sampled_from(ways)), draw(st.sampled_from("123456789")))


def drawn(line: tuple[float, float, str], middle: str, lie: Lie, skipped: int) -> bytes:
    """Return a text with ``middle`` between its parts before and behind a glyph."""
    x, y, text = line
    before, behind = escaped(text[: lie.at]), escaped(text[lie.at + skipped :])
    content = f"BT /F 10 Tf {x} {HEIGHT - y} Td ({before}) Tj {middle} ({behind}) Tj ET\n"
    return content.encode("latin-1")


def page(content: bytes, box: str = f"0 0 595 {HEIGHT}") -> bytes:
    writer = PdfWriter()
    writer.more_fonts["L"] = lying_font(writer)
    return writer.page(content, box=box).data()


def plain(line: tuple[float, float, str]) -> bytes:
    x, y, text = line
    return show(x, HEIGHT - y, escaped(text), size=10)


def with_one(line: int, content: bytes) -> bytes:
    return page(b"".join(content if i == line else plain(own) for i, own in enumerate(LINES)))


def verified(record: Record) -> dict[str, str]:
    return {
        path: "".join((field.raw or "").split())
        for path, field in record.fields.items()
        if field.status is FieldStatus.VERIFIED and path.startswith(JUDGED)
    }


def shown(lines: list[tuple[float, float, str]]) -> set[str]:
    texts = ["".join(text.split()) for _, _, text in lines]
    return {*texts, *(text.split(":")[-1] for text in texts)}


@SLOW
@given(lie=lies(tuple(AROUND)))
def test_a_hidden_digit_is_in_no_verified_value(tmp_path: Path, lie: Lie) -> None:
    start, end = AROUND[lie.way]
    content = drawn(LINES[lie.line], f"{start} ({lie.digit}) Tj {end}", lie, 0)
    record = read_bytes(tmp_path, with_one(lie.line, content))
    assert set(verified(record).values()) <= shown(LINES)


@SLOW
@given(lie=lies(tuple(AROUND)))
def test_without_a_digit_that_is_hidden_no_value_is_verified_with_it(
    tmp_path: Path, lie: Lie
) -> None:
    x, y, text = LINES[lie.line]
    start, end = AROUND[lie.way]
    content = drawn(LINES[lie.line], f"{start} ({text[lie.at]}) Tj {end}", lie, 1)
    left = [*LINES[: lie.line], (x, y, text[: lie.at] + text[lie.at + 1 :]), *LINES[lie.line + 1 :]]
    record = read_bytes(tmp_path, with_one(lie.line, content))
    assert set(verified(record).values()) <= shown(left)


@SLOW
@given(lie=lies(("font", "text")))
def test_a_digit_that_says_another_is_verified_as_it_is_drawn(tmp_path: Path, lie: Lie) -> None:
    text = LINES[lie.line][2]
    own = f"({text[lie.at]}) Tj"
    said = f"/Span << /ActualText ({lie.digit}) >> BDC {own} EMC"
    middle = f"/L 10 Tf {own} /F 10 Tf" if lie.way == "font" else said
    record = read_bytes(tmp_path, with_one(lie.line, drawn(LINES[lie.line], middle, lie, 1)))
    assert set(verified(record).values()) <= shown(LINES)


@SLOW
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
