"""What a page shows outside its own words is read: pictures, scans under a stamp, drawn letters."""

from __future__ import annotations

from pathlib import Path

from PIL import Image
from support.drawn_files import LINES, opened, picture, texts, write
from support.pdfs import PdfWriter, show

from docextract.core import WordSource

STAMP = (
    "Received 2024-11-14 09:31 by mailroom scanner 3, document 1187, batch 42. This copy is kept "
)
THANKS = show(60, 400, "Thanks for your order of March, it was a pleasure to serve you. ", size=8)


def page_with(image: Image.Image, place: str, content: bytes) -> bytes:
    """Return a page of words and a picture; ``place`` is its matrix."""
    writer = PdfWriter()
    drawn = writer.image(image)
    matrix = f"q {place} cm /I Do Q\n".encode()
    return writer.page(matrix + content, image=drawn).data()


def test_a_letterhead_that_is_a_picture_is_read(tmp_path: Path) -> None:
    head = picture("Harbour Books Limited", "12 Harbour Road", size=(900, 220))
    data = page_with(head, "300 0 0 73 60 700", THANKS)
    (page,) = opened(write(tmp_path / "a.pdf", data)).pages
    assert texts(page)[:7] == ["Harbour", "Books", "Limited", "12", "Harbour", "Road", "Thanks"]
    assert page.word_source is WordSource.TEXT_LAYER
    assert page.notes == ()


def test_a_logo_says_nothing(tmp_path: Path) -> None:
    logo = picture("harbour books", size=(900, 140))
    data = page_with(logo, "300 0 0 47 60 720", THANKS)
    (page,) = opened(write(tmp_path / "a.pdf", data)).pages
    assert texts(page)[0] == "Thanks"


def test_a_picture_behind_words_does_not_say_them_twice(tmp_path: Path) -> None:
    paper = Image.new("L", (600, 800), 235)
    data = page_with(paper, "600 0 0 800 0 0", THANKS + show(60, 600, STAMP, size=8))
    (page,) = opened(write(tmp_path / "a.pdf", data)).pages
    assert sorted(texts(page)) == sorted(
        (STAMP + "Thanks for your order of March, it was a pleasure to serve you.").split()
    )


def test_a_stamp_over_a_scan_does_not_stop_it_from_being_read(tmp_path: Path) -> None:
    lines = (*LINES, "Delivered to your door", "Please pay in 14 days")
    scanned = picture(*lines, size=(900, 1200)).rotate(180)
    stamp = show(20, 10, STAMP + STAMP.lower(), size=6)
    (page,) = opened(write(tmp_path / "a.pdf", page_with(scanned, "600 0 0 800 0 0", stamp))).pages
    assert page.word_source is WordSource.OCR
    assert {"Harbour", "4711", "123.45"} <= set(texts(page))


def test_see_through_words_over_ink_that_says_the_same_are_seen(tmp_path: Path) -> None:
    ink = picture("Total 714.00", size=(600, 160))
    words = show(48, 612, "Total", size=26, before="3 Tr") + show(
        112, 612, "714.00", size=26, before="3 Tr"
    )
    data = page_with(ink, "400 0 0 107 8 570", words + b"0 Tr\n" + show(60, 400, "Thanks"))
    (page,) = opened(write(tmp_path / "a.pdf", data)).pages
    assert texts(page) == ["Total", "714.00", "Thanks"]
    assert page.notes == ()


def test_see_through_words_over_ink_that_says_otherwise_are_hidden(tmp_path: Path) -> None:
    ink = picture("Total 714.00", size=(600, 160))
    words = show(48, 612, "Total 7140.00", size=26, before="3 Tr")
    data = page_with(ink, "400 0 0 107 8 570", words + b"0 Tr\n" + show(60, 400, "Thanks"))
    (page,) = opened(write(tmp_path / "a.pdf", data)).pages
    assert texts(page) == ["Total", "714.00", "Thanks"]
    assert page.notes == ("hidden_text",)


def test_half_a_name_at_the_end_of_a_picture_is_none(tmp_path: Path) -> None:
    head = picture("Harbour Customers Limited", "12 Harbour Road", size=(900, 220))
    left, goes_on = head.crop((0, 0, 305, 220)), show(160.5, 734, "omers Limited", size=14)
    data = page_with(left, "101.7 0 0 73 60 700", THANKS + goes_on)
    (page,) = opened(write(tmp_path / "a.pdf", data)).pages
    assert not [text for text in texts(page) if text.startswith("Cu")], texts(page)
