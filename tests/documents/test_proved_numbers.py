"""What a font or the file says of a number is held against the drawn page."""

from __future__ import annotations

from pathlib import Path

from support.drawn_files import opened, texts, write
from support.pdfs import PdfWriter, show

LYING_MAP = b"""/CIDInit /ProcSet findresource begin 12 dict begin begincmap
/CMapName /Lie def /CMapType 2 def
1 begincodespacerange <00> <FF> endcodespacerange
1 beginbfrange <20> <2F> <0020> endbfrange
1 beginbfrange <30> <38> <0031> endbfrange
1 beginbfchar <39> <0030> endbfchar
1 beginbfrange <3A> <7E> <003A> endbfrange
endcmap CMapName currentdict /CMap defineresource pop end end"""


def with_a_font_that_lies(content: bytes) -> bytes:
    """Return a page whose font says that each digit it draws is the next one."""
    writer = PdfWriter()
    said = writer.stream(LYING_MAP)
    writer.font = writer.add(
        b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /ToUnicode %d 0 R >>" % said
    )
    return writer.page(content).data()


def test_digits_are_those_that_are_drawn_whatever_the_font_says(tmp_path: Path) -> None:
    content = show(60, 600, "Total 4724.30", size=12) + show(60, 560, "IBAN DE89 3704", size=12)
    (page,) = opened(write(tmp_path / "a.pdf", with_a_font_that_lies(content))).pages
    assert texts(page) == ["Total", "4724.30", "IBAN", "DE89", "3704"]
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
