"""A word is what people see of it: glyph by glyph, whichever way the rest is hidden."""

from __future__ import annotations

from pathlib import Path

import pytest
from reportlab.pdfbase.pdfmetrics import stringWidth
from support.drawn_files import opened, texts, write
from support.pdfs import PdfWriter, show

ZERO_COVERED = b"1 1 1 rg 93.4 590 11.1 30 re f 0 g\n"
HIDDEN_ZEROS = {
    "invisible": b"3 Tr (0) Tj 0 Tr",
    "white": b"1 g (0) Tj 0 g",
    "almost white": b"0.925 g (0) Tj 0 g",
    "half a point": b"/F 0.5 Tf (0) Tj /F 20 Tf",
    "clipping": b"7 Tr (0) Tj 0 Tr",
}


def amount(hidden: bytes) -> bytes:
    return b"BT /F 20 Tf 60 600 Td (714) Tj " + hidden + b" (.00) Tj ET\n"


@pytest.mark.parametrize("hidden", HIDDEN_ZEROS.values(), ids=HIDDEN_ZEROS.keys())
def test_a_hidden_zero_is_no_part_of_an_amount(tmp_path: Path, hidden: bytes) -> None:
    (page,) = opened(write(tmp_path / "a.pdf", PdfWriter().page(amount(hidden)).data())).pages
    assert texts(page) == ["714.00"]
    assert page.notes == ("hidden_text",)


def test_a_zero_under_a_white_box_is_no_part_of_an_amount(tmp_path: Path) -> None:
    content = show(60, 600, "7140.00") + ZERO_COVERED
    (page,) = opened(write(tmp_path / "a.pdf", PdfWriter().page(content).data())).pages
    assert texts(page) == ["714.00"]
    assert page.notes == ("hidden_text",)


@pytest.mark.parametrize("at", [0, 3, 6])
def test_a_digit_under_itself_in_white_is_no_part_of_an_amount(tmp_path: Path, at: int) -> None:
    number = "4714.00"
    x = 60 + stringWidth(number[:at], "Helvetica", 20)
    white = b"1 g 1 G 2 w\n" + show(x, 600, number[at], size=20, before="2 Tr") + b"0 Tr 0 g\n"
    content = show(60, 600, number, size=20) + white
    (page,) = opened(write(tmp_path / "a.pdf", PdfWriter().page(content).data())).pages
    assert number not in texts(page)
    assert "".join(texts(page)) == number[:at] + number[at + 1 :]
    assert page.notes == ("hidden_text",)


@pytest.mark.parametrize(
    "content",
    [
        show(60, 600, "GB33BUKB20201555555555", size=0.5),
        b"BT /F 12 Tf 4 Tz 60 600 Td (GB33BUKB20201555555555) Tj ET\n",
        show(60, 600, ". " * 40, size=10) + b"1 g\n" + show(60, 600, "GB33BUKB2020", size=10),
        b"BT /F 12 Tf 60 600 Td (G) Tj 3 Tr (B33BUKB20201555555555) Tj ET\n",
    ],
    ids=["half a point", "squeezed", "white over dots", "all but one glyph"],
)
def test_an_account_that_nobody_can_read_is_no_word(tmp_path: Path, content: bytes) -> None:
    drawn = PdfWriter().page(content + b"0 Tr 0 g 100 Tz\n" + show(60, 700, "Total")).data()
    (page,) = opened(write(tmp_path / "a.pdf", drawn)).pages
    assert "Total" in texts(page)
    assert not any("B33" in text for text in texts(page))
    assert page.notes == ("hidden_text",)


def test_text_typed_over_what_was_whited_out_is_read_alone(tmp_path: Path) -> None:
    white = b"1 g 50 590 300 30 re f 0 g\n"
    content = show(60, 600, "GB33 BUKB") + white + show(62, 600, "DE89 3704")
    (page,) = opened(write(tmp_path / "a.pdf", PdfWriter().page(content).data())).pages
    assert texts(page) == ["DE89", "3704"]
    assert page.notes == ("hidden_text",)


def test_thin_strokes_are_seen(tmp_path: Path) -> None:
    small = b"1 g 0 0 1 rg 0.2 g\n" + b"".join(
        show(60 + shift, 600 - 20 * row, "illicit 1111.11", size=5)
        for row, shift in enumerate((0, 0.13, 0.29, 0.41))
    )
    covered = b"0.9 g 0 0 600 800 re f\n" + small
    (page,) = opened(write(tmp_path / "a.pdf", PdfWriter().page(covered).data())).pages
    assert texts(page) == ["illicit", "1111.11"] * 4
    assert page.notes == ()


@pytest.mark.parametrize("shift", [0.2, 1.5, 2.5])
@pytest.mark.parametrize("is_apart", [False, True], ids=["at once", "later"])
def test_what_is_drawn_twice_for_weight_is_one(
    tmp_path: Path, shift: float, is_apart: bool
) -> None:
    rows = ((60, 600, "2"), (120, 600, "85"), (180, 600, "22.00"), (300, 600, "Total"))
    first = [show(x, y, text, size=12) for x, y, text in rows]
    second = [show(x + shift, y - shift / 2, text, size=12) for x, y, text in rows]
    both = (
        first + second
        if is_apart
        else [part for pair in zip(first, second, strict=True) for part in pair]
    )
    (page,) = opened(write(tmp_path / "a.pdf", PdfWriter().page(b"".join(both)).data())).pages
    assert texts(page) == ["2", "85", "22.00", "Total"]
