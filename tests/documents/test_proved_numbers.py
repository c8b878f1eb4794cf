"""What a font or the file says of a number is held against the drawn page."""

from __future__ import annotations

from pathlib import Path

from support.drawn_files import opened, texts, write
from support.pdfs import PdfWriter, in_mute_font, lying_font, mute_font, show


def with_a_font_that_lies(content: bytes) -> bytes:
    """Return a page whose font says that each digit it draws is the next one."""
    writer = PdfWriter()
    writer.font = lying_font(writer)
    return writer.page(content).data()


def test_digits_are_those_that_are_drawn_whatever_the_font_says(tmp_path: Path) -> None:
    content = show(60, 600, "Total 4724.30", size=12) + show(60, 560, "IBAN DE89 3704", size=12)
    (page,) = opened(write(tmp_path / "a.pdf", with_a_font_that_lies(content))).pages
    assert texts(page) == ["Total", "4724.30", "IBAN", "DE89", "3704"]
    assert page.notes == ("hidden_text",)


def test_a_day_is_the_one_that_is_drawn_though_no_longer_number_holds_its_digit(
    tmp_path: Path,
) -> None:
    writer = PdfWriter()
    writer.more_fonts["L"] = lying_font(writer)
    day = b"BT /L 12 Tf 60 600 Td (5) Tj ET\n"
    content = day + show(70, 600, "March 2024", size=12) + show(60, 560, "Total 4714.30", size=12)
    (page,) = opened(write(tmp_path / "a.pdf", writer.page(content).data())).pages
    assert texts(page) == ["5", "March", "2024", "Total", "4714.30"]
    assert page.notes == ("hidden_text",)


def test_an_honest_font_is_believed(tmp_path: Path) -> None:
    content = show(60, 600, "Total 4724.30", size=12)
    (page,) = opened(write(tmp_path / "a.pdf", PdfWriter().page(content).data())).pages
    assert texts(page) == ["Total", "4724.30"]
    assert page.notes == ()
    assert {word.confidence for word in page.words} == {1.0}


def test_an_actual_text_gives_way_to_what_is_drawn(tmp_path: Path) -> None:
    content = (
        show(60, 700, "Total 714.00", size=12)
        + b"/Span << /ActualText (GB33 BUKB 2020) >> BDC\n"
        + show(60, 600, "DE89 3704 0044", size=12)
        + b"EMC\n"
    )
    (page,) = opened(write(tmp_path / "a.pdf", PdfWriter().page(content).data())).pages
    assert texts(page) == ["Total", "714.00", "DE89", "3704", "0044"]
    assert page.notes == ("hidden_text",)


def test_numbers_that_run_upwards_are_believed(tmp_path: Path) -> None:
    upwards = b"BT /F 6 Tf 0 1 -1 0 40 300 Tm (Version 2014 of form 4711) Tj ET\n"
    content = show(60, 600, "Total 4724.30", size=12) + upwards
    (page,) = opened(write(tmp_path / "a.pdf", PdfWriter().page(content).data())).pages
    assert {"2014", "4711", "4724.30"} <= set(texts(page))
    assert {word.confidence for word in page.words} == {1.0}
    assert page.notes == ()


def with_a_font_that_says_nothing(content: bytes) -> bytes:
    """Return a page most of whose text is in an honest font."""
    writer = PdfWriter()
    writer.more_fonts["M"] = mute_font(writer)
    thanks = "Thank you for your order, it was a pleasure to serve you and we hope to see you soon"
    return writer.page(content + show(60, 400, thanks, size=10)).data()


def test_an_amount_of_glyphs_that_stand_for_nothing_is_read_off_the_page(tmp_path: Path) -> None:
    amount = f"BT /M 12 Tf 240 600 Td {in_mute_font('4724.30')} Tj ET\n".encode()
    content = show(60, 600, "Total due on receipt", size=12) + amount
    (page,) = opened(write(tmp_path / "a.pdf", with_a_font_that_says_nothing(content))).pages
    assert texts(page)[:5] == ["Total", "due", "on", "receipt", "4724.30"]
    assert page.words[4].confidence < 1
    assert page.notes == ()


def test_a_digit_that_stands_for_nothing_is_no_gap(tmp_path: Path) -> None:
    amount = f"BT /F 12 Tf 180 600 Td (714) Tj /M 12 Tf {in_mute_font('0')} Tj /F 12 Tf (.00) Tj ET"
    content = show(60, 600, "Total due on receipt", size=12) + amount.encode()
    (page,) = opened(write(tmp_path / "a.pdf", with_a_font_that_says_nothing(content))).pages
    assert texts(page)[4] == "7140.00"
