""""""

from __future__ import annotations

import os
import platform
import shutil
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image
from support.drawn_files import (
    CII,
    LINES,
    OPTIONS,
    fake_poppler,
    image_bytes,
    opened,
    pdf_with_xml,
    picture,
    scan,
    texts,
    write,
)
from support.pdfs import PdfWriter, show, text_pdf

from docextract.core import (
    Box,
    Document,
    DocumentError,
    MissingDependencyError,
    Page,
    PageSelection,
    ReadOptions,
    Reason,
    Word,
    WordSource,
)
from docextract.documents.opening import alone_job, collect
from docextract.documents.pages.geometry import clip, reading_order, turn
from docextract.documents.pdf.layer.layer_quality import is_plausible
from docextract.workers.events import Job, Message
from docextract.workers.pool import WorkerPool


def reason(document: Document, options: ReadOptions = OPTIONS) -> Reason:
    with pytest.raises(DocumentError) as caught:
        opened(document, options)
    return caught.value.reason


def near(box: Box, *edges: float, within: float = 0.02) -> bool:
    return all(abs(a - b) <= within for a, b in zip(box, edges, strict=True))


def lines_of(*texts: str) -> bytes:
    """Return enough text for a page not to be taken for a stamped scan."""
    return b"".join(show(50, 700 - 25 * row, text) for row, text in enumerate(texts))


def test_words_have_boxes_on_the_page(tmp_path: Path) -> None:
    document = write(tmp_path / "a.pdf", PdfWriter().page(show(60, 760, "Total 12,50")).data())
    (page,) = opened(document).pages
    assert texts(page) == ["Total", "12,50"]
    assert page.word_source is WordSource.TEXT_LAYER
    assert (page.number, page.width, page.height, page.rotation) == (1, 600, 800, 0)
    assert near(page.words[0].box, 0.1, 0.03, 0.18, 0.055)
    assert page.words[1].box.left > page.words[0].box.right
    assert page.image is None


def test_pixels_come_only_when_wanted(tmp_path: Path) -> None:
    document = write(tmp_path / "a.pdf", PdfWriter().page(show(60, 760, "Total")).data())
    (page,) = opened(document, with_images=True).pages
    assert page.size == (1667, 2223)
    assert page.image is not None
    assert len(page.image) == 1667 * 2223 * 3
    left, top, right, bottom = page.words[0].box
    pixels = np.frombuffer(page.image, np.uint8).reshape(2223, 1667, 3)
    ink = np.argwhere(pixels[:, :, 0] < 128)
    assert ink[:, 0].min() / 2223 >= top
    assert ink[:, 0].max() / 2223 <= bottom
    assert ink[:, 1].min() / 1667 >= left - 0.002
    assert ink[:, 1].max() / 1667 <= right + 0.002


@pytest.mark.parametrize("rotation", [0, 90, 180, 270])
def test_rotate_and_crop_box_are_honoured(tmp_path: Path, rotation: int) -> None:
    content = show(160, 660, "Total") + show(20, 20, "outside")
    extra = f"/Rotate {rotation} /CropBox [100 200 500 700]"
    document = write(tmp_path / "a.pdf", PdfWriter().page(content, extra=extra).data())
    (page,) = opened(document, with_images=True).pages
    assert texts(page) == ["Total"]
    assert page.notes == ("hidden_text",)
    assert page.rotation == rotation
    assert (page.width, page.height) == ((500, 400) if rotation % 180 else (400, 500))
    # The word stands 60 points from the left and 40 from the top of the crop box.
    assert near(turn(page.words[0].box, -rotation), 0.15, 0.04, 0.27, 0.09)
    assert page.image is not None
    assert page.size is not None
    width, height = page.size
    pixels = np.frombuffer(page.image, np.uint8).reshape(height, width, 3)
    rows, columns = np.nonzero(pixels[:, :, 0] < 128)
    ink = Box(
        columns.min() / width, rows.min() / height, columns.max() / width, rows.max() / height
    )
    assert near(ink, *page.words[0].box, within=0.03)


@pytest.mark.parametrize(
    ("matrix", "rotation"),
    [("0 1 -1 0 300 100", 90), ("0 -1 1 0 300 700", 270), ("-1 0 0 -1 500 400", 180)],
)
def test_text_that_runs_another_way_turns_the_page(
    tmp_path: Path, matrix: str, rotation: int
) -> None:
    content = f"BT /F 20 Tf {matrix} Tm (Total due until March 12,50) Tj ET".encode()
    document = write(tmp_path / "a.pdf", PdfWriter().page(content).data())
    (page,) = opened(document, with_images=True).pages
    assert page.rotation == rotation
    assert texts(page) == ["Total", "due", "until", "March", "12,50"]
    first, second, *_ = (word.box for word in page.words)
    assert first.width > first.height
    assert first.right <= second.left
    assert abs(first.middle - second.middle) < 0.01
    assert (page.width > page.height) == (rotation % 180 == 90)
    assert page.size is not None
    assert (page.size[0] > page.size[1]) == (page.width > page.height)


def test_columns_without_spaces_are_split_and_ligatures_spelled_out(tmp_path: Path) -> None:
    content = b"BT /F 20 Tf 60 700 Td [(Total) -3000 (99,00)] TJ ET"
    document = write(tmp_path / "a.pdf", PdfWriter().page(content).data())
    assert texts(opened(document).pages[0]) == ["Total", "99,00"]


def test_lines_are_read_from_the_top_whatever_their_order_in_the_file(tmp_path: Path) -> None:
    content = show(300, 600, "4") + show(60, 600, "3") + show(60, 700, "1") + show(300, 703, "2")
    document = write(tmp_path / "a.pdf", PdfWriter().page(content).data())
    assert texts(opened(document).pages[0]) == ["1", "2", "3", "4"]


@pytest.mark.parametrize(
    "hidden",
    [
        show(60, 600, "485000", before="3 Tr"),
        show(60, 600, "485000", before="1 1 1 rg"),
        show(60, 600, "485000", size=0.4),
        show(900, 600, "485000"),
    ],
    ids=["render mode 3", "white on white", "tiny", "off the page"],
)
def test_text_nobody_can_see_is_left_out_and_noted(tmp_path: Path, hidden: bytes) -> None:
    content = show(60, 700, "Total 1,00") + hidden
    document = write(tmp_path / "a.pdf", PdfWriter().page(content).data())
    (page,) = opened(document).pages
    assert texts(page) == ["Total", "1,00"]
    assert page.notes == ("hidden_text",)


def test_white_text_on_a_dark_band_is_kept(tmp_path: Path) -> None:
    content = b"0 0 0.5 rg 50 690 300 30 re f\n" + show(60, 700, "Amount", before="1 1 1 rg")
    document = write(tmp_path / "a.pdf", PdfWriter().page(content).data())
    (page,) = opened(document).pages
    assert (texts(page), page.notes) == (["Amount"], ())


def test_a_blank_page_is_no_failure_and_needs_no_ocr(tmp_path: Path) -> None:
    document = write(tmp_path / "a.pdf", PdfWriter().page(b"").page(show(60, 700, "A")).data())
    blank, other = opened(document).pages
    assert (blank.words, blank.word_source) == ((), WordSource.NONE)
    assert texts(other) == ["A"]


def test_a_scan_is_read_by_ocr(tmp_path: Path) -> None:
    (page,) = opened(write(tmp_path / "a.pdf", scan(b""))).pages
    assert page.word_source is WordSource.OCR
    assert {"Invoice", "4711", "123.45"} <= set(texts(page))
    number = next(word for word in page.words if word.text == "4711")
    assert 0.3 < number.box.left < number.box.right < 0.6
    assert number.confidence > 0.8


def test_an_invisible_layer_that_says_little_is_not_used(tmp_path: Path) -> None:
    (page,) = opened(write(tmp_path / "a.pdf", scan(show(60, 300, "9999", before="3 Tr")))).pages
    assert page.word_source is WordSource.OCR
    assert "9999" not in texts(page)


def test_plausible_layers() -> None:
    def words(text: str) -> list[Word]:
        return [Word(part, Box(0, 0, 1, 1)) for part in text.split()]

    receipt = "Harbour Books Ltd 12 Quay Street Bristol Total due 123.45 EUR paid by card " * 2
    assert is_plausible(words(receipt))
    assert not is_plausible(words("Total 123.45"))
    assert not is_plausible(words(receipt + " ىلعﻲﺷ ىلعﻲﺷ ىلعﻲﺷ"))
    assert not is_plausible(words("~| ;; ..l {} °° ^_ ,, `` " * 5 + receipt))
    greek = "Τιμολόγιο Πελάτης Σύνολο Φόρος Ημερομηνία Αθήνα Οδός Αριθμός Ποσό Ευρώ " * 3
    assert is_plausible(words(greek + receipt))


def test_reasons_of_pdfs(tmp_path: Path) -> None:
    good = PdfWriter().page(show(60, 700, "A")).data()
    assert reason(write(tmp_path / "1.pdf", PdfWriter().data())) == Reason.ZERO_PAGES
    assert reason(write(tmp_path / "2.pdf", b"%PDF-1.7\nnothing")) == Reason.CORRUPT
    assert reason(write(tmp_path / "3.pdf", PdfWriter().data())) == Reason.ZERO_PAGES
    assert reason(write(tmp_path / "4.pdf", b"")) == Reason.EMPTY_FILE
    assert reason(write(tmp_path / "5.pdf", b"hello")) == Reason.NOT_A_DOCUMENT
    assert reason(write(tmp_path / "6.eps", b"%!PS-Adobe")) == Reason.UNSUPPORTED
    document = write(tmp_path / "7.pdf", good)
    assert reason(document, replace(OPTIONS, max_bytes=100)) == Reason.TOO_LARGE
    assert reason(replace(document, sha256="0" * 64)) == Reason.CHANGED
    assert reason(replace(document, raw_path=b"/nowhere")) == Reason.VANISHED
    os.mkfifo(tmp_path / "fifo")
    fifo = replace(document, raw_path=os.fsencode(tmp_path / "fifo"))
    assert reason(fifo) == Reason.NOT_A_DOCUMENT


def test_junk_before_the_header_is_no_obstacle(tmp_path: Path) -> None:
    data = b"\n" * 500 + PdfWriter().page(show(60, 700, "A")).data()
    assert texts(opened(write(tmp_path / "a.pdf", data)).pages[0]) == ["A"]


def test_page_selection_and_limits(tmp_path: Path) -> None:
    writer = PdfWriter()
    for number in range(1, 6):
        writer.page(show(60, 700, f"page{number}"))
    document = write(tmp_path / "a.pdf", writer.data())
    some = replace(OPTIONS, pages=PageSelection.parse("2,4-"), max_pages=3)
    found = opened(document, some)
    assert [(page.number, texts(page)) for page in found.pages] == [
        (2, ["page2"]),
        (4, ["page4"]),
        (5, ["page5"]),
    ]
    assert found.num_pages == 5
    assert reason(document, replace(OPTIONS, max_pages=4)) == Reason.TOO_MANY_PAGES
    beyond = replace(OPTIONS, pages=PageSelection.parse("9"))
    assert reason(document, beyond) == Reason.NO_SUCH_PAGE


def test_a_page_that_fails_leaves_its_neighbours_alone(tmp_path: Path) -> None:
    writer = PdfWriter().page(show(60, 700, "one"))
    writer.page(b"0 0 1 rg 0 0 9 9 re f", box="0 0 200000 200000").page(show(60, 700, "three"))
    found = opened(write(tmp_path / "a.pdf", writer.data()))
    assert [texts(page) for page in found.pages] == [["one"], ["three"]]
    (error,) = found.errors
    assert (error.page, error.reason, error.stage) == (2, Reason.TOO_LARGE, "open")


def test_a_large_page_is_drawn_at_a_lower_resolution(tmp_path: Path) -> None:
    writer = PdfWriter().page(show(60, 700, "plan"), box="0 0 3400 2400")
    document = write(tmp_path / "a.pdf", writer.data())
    (page,) = opened(document, replace(OPTIONS, max_pixels=4_000_000), with_images=True).pages
    assert page.notes == ("reduced_dpi",)
    assert page.size is not None
    assert 3_900_000 < page.size[0] * page.size[1] <= 4_000_000


def test_the_resolution_asked_for_is_the_one_a_page_is_drawn_at(tmp_path: Path) -> None:
    writer = PdfWriter().page(show(60, 700, "plan"), box="0 0 720 720")
    document = write(tmp_path / "a.pdf", writer.data())
    (page,) = opened(document, replace(OPTIONS, dpi=150), with_images=True).pages
    assert (page.size, page.notes) == ((1500, 1500), ())


def test_xfa_only_forms_are_named(tmp_path: Path) -> None:
    writer = PdfWriter().page(show(60, 700, "Please wait..."))
    xfa = writer.stream(b"<xdp:xdp/>")
    form = writer.add(b"<< /Fields [] /XFA [(template) %d 0 R] >>" % xfa)
    writer.objects[0] = (
        b"<< /Type /Catalog /Pages 2 0 R /NeedsRendering true /AcroForm %d 0 R >>" % form
    )
    assert reason(write(tmp_path / "a.pdf", writer.data())) == Reason.XFA_FORM


def test_form_values_are_drawn(tmp_path: Path) -> None:
    writer = PdfWriter()
    look = writer.stream(
        b"0 0 0 rg 0 0 100 20 re f", b"/Type /XObject /Subtype /Form /BBox [0 0 100 20]"
    )
    field = writer.add(
        b"<< /Type /Annot /Subtype /Widget /FT /Tx /T (a) /V (x) /F 4 /Rect [50 600 150 620] "
        b"/AP << /N %d 0 R >> >>" % look
    )
    writer.page(show(60, 700, "Name"), extra=f"/Annots [{field} 0 R]")
    form = writer.add(b"<< /Fields [%d 0 R] >>" % field)
    writer.objects[0] = b"<< /Type /Catalog /Pages 2 0 R /AcroForm %d 0 R >>" % form
    (page,) = opened(write(tmp_path / "a.pdf", writer.data()), with_images=True).pages
    assert page.image is not None
    assert page.size is not None
    width, height = page.size
    pixels = np.frombuffer(page.image, np.uint8).reshape(height, width, 3)
    assert pixels[int(190 / 800 * height), int(100 / 600 * width), 0] < 50


def read_image(
    tmp_path: Path, image: Image.Image, image_format: str = "PNG", **options: Any
) -> Page:
    data = image_bytes(image, image_format, **options)
    (page,) = opened(write(tmp_path / "image", data), with_images=True).pages
    return page


@pytest.mark.parametrize(
    ("mode", "image_format"),
    [
        ("1", "PNG"),
        ("P", "GIF"),
        ("CMYK", "JPEG"),
        ("RGB", "WEBP"),
        ("L", "BMP"),
        ("RGB", "HEIF"),
        ("I;16", "PNG"),
    ],
)
def test_images_of_every_kind_become_rgb(tmp_path: Path, mode: str, image_format: str) -> None:
    if image_format == "HEIF":
        pytest.importorskip("pillow_heif").register_heif_opener()
    image = picture("Total 123.45")
    if mode == "I;16":
        image = Image.fromarray(np.asarray(image.convert("L"), np.uint16) * 257)
    else:
        image = image.convert(mode)
    page = read_image(tmp_path, image, image_format)
    assert page.image is not None
    pixels = np.frombuffer(page.image, np.uint8).reshape(600, 900, 3)
    assert pixels[5, 5].min() > 240
    assert pixels.min() < 60
    assert "123.45" in texts(page)


def test_transparency_is_paper(tmp_path: Path) -> None:
    image = Image.new("RGBA", (900, 600), (0, 0, 0, 0))
    ink = Image.eval(picture("Total 123.45").convert("L"), lambda value: 255 - value)
    image.paste((0, 0, 0, 255), mask=ink)
    assert "123.45" in texts(read_image(tmp_path, image))


@pytest.mark.parametrize("rotation", [90, 180, 270])
def test_pages_that_lie_another_way_are_turned(tmp_path: Path, rotation: int) -> None:
    stored = picture(*LINES).rotate(rotation, expand=True)  # anticlockwise
    page = read_image(tmp_path, stored)
    assert page.rotation == rotation
    assert (page.width, page.height) == (900, 600)
    assert page.size == (900, 600)
    assert " ".join(texts(page)).startswith("Harbour Books Limited Invoice number 4711")


@pytest.mark.skipif(platform.machine() not in ("x86_64", "AMD64"), reason="not known there")
def test_ocr_flushes_subnormal_numbers_in_its_own_thread_alone() -> None:
    code = (
        "from docextract.documents.ocr.recognition import ocr_engine\n"
        "def is_flushed():\n"
        "    return float('5e-324') * 1.0 == 0.0\n"
        "engine = ocr_engine()\n"
        "print(is_flushed(), engine._thread.submit(is_flushed).result())"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["False", "True"]


def test_exif_is_obeyed_once(tmp_path: Path) -> None:
    exif = Image.Exif()
    exif[0x0112] = 6
    stored = picture(*LINES).rotate(90, expand=True)
    page = read_image(tmp_path, stored, "JPEG", exif=exif)
    assert (page.rotation, page.width, page.height) == (90, 900, 600)
    assert "4711" in texts(page)


def test_a_skewed_page_keeps_its_lines(tmp_path: Path) -> None:
    rows = [f"Article {n} costs {n}{n}.00 EUR" for n in range(1, 7)]
    stored = picture(*rows, size=(1000, 600)).rotate(5, expand=True, fillcolor="white")
    words = texts(read_image(tmp_path, stored))
    assert " ".join(words[:10]) == "Article 1 costs 11.00 EUR Article 2 costs 22.00 EUR"


def test_a_tiff_has_pages_and_a_gif_has_one(tmp_path: Path) -> None:
    frames = [picture("Page one"), picture("Page two")]
    tiff = image_bytes(frames[0], "TIFF", save_all=True, append_images=frames[1:])
    found = opened(write(tmp_path / "a.tif", tiff))
    assert [texts(page) for page in found.pages] == [["Page", "one"], ["Page", "two"]]
    gif = image_bytes(frames[0], "GIF", save_all=True, append_images=frames[1:])
    assert opened(write(tmp_path / "a.gif", gif)).num_pages == 1


def test_fax_pixels_are_made_square(tmp_path: Path) -> None:
    squeezed = picture(*LINES).resize((900, 300))
    page = read_image(tmp_path, squeezed, "TIFF", dpi=(204, 102))
    assert (page.width, page.height) == (900, 600)
    assert "4711" in texts(page)


def test_reasons_of_images(tmp_path: Path) -> None:
    data = image_bytes(picture(*LINES), "JPEG")
    assert reason(write(tmp_path / "cut.jpg", data[: len(data) // 2])) == Reason.CORRUPT
    assert reason(write(tmp_path / "head.png", b"\x89PNG\r\n\x1a\n")) == Reason.CORRUPT
    bomb = image_bytes(Image.new("1", (8000, 8000)), "PNG")
    assert reason(write(tmp_path / "bomb.png", bomb)) == Reason.TOO_LARGE


def test_importing_the_room_leaves_pillow_alone() -> None:
    import subprocess

    code = (
        "import PIL.Image as i; before = i.MAX_IMAGE_PIXELS\n"
        "import docextract.documents.opening, docextract.workers.pool, sys\n"
        "assert i.MAX_IMAGE_PIXELS == before\n"
        "heavy = {'cv2', 'rapidocr', 'onnxruntime', 'numpy', 'pypdfium2', 'torch'}\n"
        "assert not heavy & set(sys.modules), heavy & set(sys.modules)\n"
    )
    root = str(Path(__file__).resolve().parents[2])
    subprocess.run([sys.executable, "-c", code], check=True, cwd=root)


def test_embedded_xml_is_read_unless_it_is_turned_off(tmp_path: Path) -> None:
    document = write(tmp_path / "a.pdf", pdf_with_xml(CII))
    found = opened(document)
    assert found.embedded is not None
    assert found.embedded.values["invoice_number"] == "R-1"
    assert texts(found.pages[0]) == ["Invoice", "R-1"]
    assert opened(document, replace(OPTIONS, use_embedded=False)).embedded is None


def test_damaged_embedded_xml_does_not_cost_the_pages(tmp_path: Path) -> None:
    found = opened(write(tmp_path / "a.pdf", pdf_with_xml(CII[:-30])))
    assert found.embedded is None
    assert [(e.stage, e.reason) for e in found.errors] == [("embedded", "invalid_einvoice")]
    assert texts(found.pages[0]) == ["Invoice", "R-1"]


def test_an_xml_file_is_a_document_without_pages(tmp_path: Path) -> None:
    found = opened(write(tmp_path / "a.xml", CII))
    assert (found.num_pages, found.pages) == (0, ())
    assert found.embedded is not None
    assert reason(write(tmp_path / "b.xml", b'<?xml version="1.0"?><a/>')) == (
        Reason.INVALID_EINVOICE
    )


def test_poppler_is_asked_for_by_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    document = write(tmp_path / "a.pdf", scan(b""))
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(MissingDependencyError, match="poppler"):
        opened(document, replace(OPTIONS, renderer="poppler"))


@pytest.mark.skipif(shutil.which("pdftoppm") is None, reason="poppler is not installed")
def test_poppler_draws_what_pdfium_draws(tmp_path: Path) -> None:
    document = write(tmp_path / "a.pdf", scan(b""))
    (page,) = opened(document, replace(OPTIONS, renderer="poppler"), with_images=True).pages
    (other,) = opened(document, with_images=True).pages
    assert page.notes == ("poppler",)
    assert texts(page) == texts(other)


@pytest.mark.parametrize("script", ["exit 0", "exit 1", "kill -9 $$"])
def test_a_poppler_that_draws_nothing_is_found_out(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, script: str
) -> None:
    programs = tmp_path / "bin"
    programs.mkdir()
    for name, body in {"pdftoppm": script, "pdfinfo": "echo 'Pages: 1'"}.items():
        program = programs / name
        program.write_text(f"#!/bin/sh\n{body}\n", encoding="ascii")
        program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{programs}:{os.environ['PATH']}")
    found = opened(write(tmp_path / "a.pdf", scan(b"")), replace(OPTIONS, renderer="poppler"))
    assert found.pages == ()
    assert [(error.page, error.reason) for error in found.errors] == [(1, "corrupt")]


def test_a_second_try_leaves_pdfium_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    fake_poppler(tmp_path, monkeypatch, picture(*LINES))
    monkeypatch.setattr("docextract.documents.pdf.pdf_pages.PdfFile", None)
    document = write(tmp_path / "a.pdf", b"%PDF-1.7 that kills PDFium")
    (page,) = opened(document, OPTIONS, is_second_try=True).pages
    assert page.notes == ("poppler",)
    assert {"Invoice", "4711", "123.45"} <= set(texts(page))


def test_a_worker_streams_pages(tmp_path: Path) -> None:
    writer = PdfWriter().page(show(60, 700, "one")).page(show(60, 700, "two"))
    document = write(tmp_path / "a.pdf", writer.data())
    job = Job("docextract.documents.opening:open_job", (document, OPTIONS, False), 1)
    with WorkerPool(1, OPTIONS) as pool:
        parts = [e.payload for e in pool.run([job]) if isinstance(e, Message)]
    assert collect(parts).pages == opened(document).pages


@pytest.mark.parametrize("degrees", [0, 90, 180, 270])
def test_turning_back_gives_the_same_box(degrees: int) -> None:
    box = Box(0.1, 0.2, 0.3, 0.9)
    assert near(turn(turn(box, degrees), -degrees), *box, within=1e-9)


def test_turning_clockwise_moves_the_top_left_corner_to_the_right() -> None:
    assert near(turn(Box(0, 0, 0.1, 0.2), 90), 0.8, 0, 1, 0.1, within=1e-9)


def test_boxes_are_clipped_to_the_page() -> None:
    assert clip(Box(-0.5, 0.5, 0.5, 1.5)) == Box(0, 0.5, 0.5, 1)


def test_reading_order_of_a_small_mark_beside_large_text() -> None:
    words = [
        Word("EUR", Box(0.6, 0.113, 0.65, 0.127)),
        Word("Total", Box(0.1, 0.1, 0.3, 0.13)),
        Word("below", Box(0.1, 0.14, 0.3, 0.17)),
    ]
    assert [word.text for word in reading_order(words)] == ["Total", "EUR", "below"]


@pytest.mark.parametrize("part", ["1", "1.", "x", "#", "(", "1#", "a", "a.", "#x1."])
def test_a_word_of_any_length_is_judged_in_time_in_proportion(part):
    # Given back piece by piece, a hundred thousand letters would take hours.
    assert not is_plausible([Word(part * 100_000 + "\x7f", Box(0, 0, 1, 1), 1.0)] * 20)


@pytest.mark.parametrize(
    ("text", "is_good"),
    [
        ("Invoice", True), ('("don\'t")', True), ("1,234.50€", True), ("12/03/2024;", True),
        ("#4711", True), ("x12", True), ("**5%**", True), ("Müller-Straße", True), ("(12)", True),
        ("€", False), ("a", False), ("12ab", False), ("~~", False), ("a1b2", False), ("12#", False),
    ],
)  # fmt: skip
def test_words_that_scanners_get_right_are_told_from_noise(text, is_good):
    assert is_plausible([Word(text, Box(0, 0, 1, 1), 1.0)] * 20) is is_good


def test_the_pages_of_a_part_are_a_pdf_of_their_own_and_of_a_locked_one_are_not(
    tmp_path: Path, fixtures: Path
) -> None:
    pages = ([(40, 100, "first")], [(40, 100, "second")])
    part = write(tmp_path / "two.pdf", text_pdf(*pages)).part(2, 2)
    (data,), (again,) = (list(alone_job(part, OPTIONS)) for _ in range(2))
    assert data == again
    (page,) = opened(write(tmp_path / "one.pdf", data)).pages
    assert page.words[0].text == "second"
    locked = Document("locked.pdf", os.fsencode(fixtures / "broken/encrypted.pdf")).part(1, 1)
    with pytest.raises(DocumentError, match="needs a password"):
        list(alone_job(locked, OPTIONS))
