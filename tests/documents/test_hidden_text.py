"""Text that people cannot see is never read; form values that they can see are."""

from __future__ import annotations

from pathlib import Path

import pytest
from PIL import Image, ImageDraw, ImageFont
from support.drawn_files import opened, picture, scan, texts, write
from support.pdfs import PdfWriter, show

from docextract.core import WordSource
from docextract.verify.value import MIN_LEGIBLE

SHOWN = show(60, 700, "Total 485,000.00")
WHITE_BOX = b"1 1 1 rg 40 590 300 40 re f 0 0 0 rg\n"
DARK_BOX = b"0.1 0.1 0.3 rg 40 590 300 40 re f 0 0 0 rg\n"
LIE = show(60, 600, "Total 1.00")


def white(text: bytes = LIE) -> bytes:
    return b"1 1 1 rg\n" + text + b"0 0 0 rg\n"


WHITE_LETTERS = white(b"".join(show(50 + 3 * i, 585, "I", size=50) for i in range(40)))
OVERPRINTED = show(60, 600, "Total 1.00", before="2 Tr 1 G 2 w") + b"0 Tr 0 G 1 w\n"


HIDDEN = {
    "under itself in white": LIE + white(OVERPRINTED),
    "under itself in plain white": LIE + white(),
    "under itself in white, part by part": LIE
    + white(show(60, 600, "Total", before="2 Tr 1 G 2 w"))
    + white(show(110, 600, "1.00", before="2 Tr 1 G 2 w") + b"0 Tr 0 G 1 w\n"),
    "under white letters": LIE + WHITE_LETTERS,
    "in a form, under white letters": b"/Shown Do\n" + WHITE_LETTERS,
    "clipped to a sliver": b"q 40 613 300 13 re W n\n" + LIE + b"Q\n",
    "white on paper": white(),
    "almost white": b"0.97 0.98 0.97 rg\n" + LIE + b"0 0 0 rg\n",
    "dark on dark": DARK_BOX + b"0.12 0.1 0.32 rg\n" + LIE,
    "red on the same red": b"0.8 0 0 rg 40 590 300 40 re f\n" + LIE,
    "under a white box": LIE + WHITE_BOX,
    "under a dark box": LIE + DARK_BOX,
    "under a thick line": LIE + b"q 1 1 1 RG 60 w 40 605 m 400 605 l S Q\n",
    "clipped away": b"q 0 0 5 5 re W n\n" + LIE + b"Q\n",
    "see-through": b"q /Clear gs\n" + LIE + b"Q\n",
    "invisible": show(60, 600, "Total 1.00", before="3 Tr") + b"0 Tr\n",
    "clipping mode": b"q\n" + show(60, 600, "Total 1.00", before="7 Tr") + b"Q\n",
    "tiny": show(60, 600, "Total 1.00", size=0.5),
    "size zero": show(60, 600, "Total 1.00", size=0),
    "off the page": show(900, 600, "Total 1.00"),
    "in a layer that is off": b"/OC /Off BDC\n" + LIE + b"EMC\n",
    "in a form that is clipped": b"/Hidden Do\n",
    "beside a dark corner": b"0.1 0.1 0.3 rg 40 590 m 340 590 l 340 592 l 42 592 l 42 640 l "
    b"40 640 l f\n" + white(),
    "in a dark frame that is filled with nothing": b"q 6 w 0 0 0 rg 40 590 300 40 re S Q\n"
    + white(),
    "on a dark box under its own thick white line": b"q 1 1 1 RG 60 w 40 590 300 40 re B Q\n"
    + white(),
    "between two dark loops, one around the other way": b"40 590 300 40 re 42 592 m 42 628 l "
    b"338 628 l 338 592 l f\n" + white(),
    "on a dark line twice around": b"40 590 m 340 590 l 340 630 l 40 630 l 40 590 l 340 590 l "
    b"340 630 l 40 630 l f*\n" + white(),
    "on a dark box that is clipped away": b"q 0 0 5 5 re W n\n" + DARK_BOX + b"Q\n" + white(),
}


def page_with(content: bytes) -> bytes:
    """Return a PDF of one page whose resources hold a layer that is off, a clear state, a form."""
    writer = PdfWriter()
    layer = writer.add(b"<< /Type /OCG /Name (off) >>")
    clear = writer.add(b"<< /Type /ExtGState /ca 0 /CA 0 >>")
    fonts = b"/Resources << /Font << /F %d 0 R >> >>" % writer.font
    form = writer.stream(LIE, b"/Type /XObject /Subtype /Form /BBox [0 0 9 9] " + fonts)
    whole = writer.stream(LIE, b"/Type /XObject /Subtype /Form /BBox [0 0 600 800] " + fonts)
    twice = writer.stream(TWICE, b"/Type /XObject /Subtype /Form /BBox [0 0 600 800] " + fonts)
    body = writer.stream(content)
    writer.kids.append(
        writer.add(
            b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 600 800] /Contents %d 0 R /Resources "
            b"<< /Font << /F %d 0 R >> /Properties << /Off %d 0 R >> "
            b"/ExtGState << /Clear %d 0 R >> /XObject << /Hidden %d 0 R "
            b"/Shown %d 0 R /Twice %d 0 R >> >> >>"
            % (body, writer.font, layer, clear, form, whole, twice)
        )
    )
    writer.objects[0] = (
        b"<< /Type /Catalog /Pages 2 0 R /OCProperties << /OCGs [%d 0 R] "
        b"/D << /OFF [%d 0 R] >> >> >>" % (layer, layer)
    )
    return writer.data()


@pytest.mark.parametrize("hidden", HIDDEN.values(), ids=HIDDEN.keys())
def test_what_people_cannot_see_is_left_out_and_noted(tmp_path: Path, hidden: bytes) -> None:
    (page,) = opened(write(tmp_path / "a.pdf", page_with(SHOWN + hidden))).pages
    assert texts(page) == ["Total", "485,000.00"]
    assert page.notes == ("hidden_text",)


def test_text_under_an_image_is_left_out(tmp_path: Path) -> None:
    writer = PdfWriter()
    logo = writer.image(picture("Harbour Books"))
    content = SHOWN + LIE + b"q 200 0 0 60 50 580 cm /I Do Q\n"
    (page,) = opened(write(tmp_path / "a.pdf", writer.page(content, image=logo).data())).pages
    assert texts(page) == ["Total", "485,000.00"]
    assert page.notes == ("hidden_text",)


TWICE = b"".join(show(60 + shift, 600, "Total 1.00") for shift in (0, 0.3))
WATERMARK = b"0.8 g\n" + show(40, 560, "COPY", size=90) + b"0 g\n"
SEEN = {
    "printed twice in its place": LIE + LIE,
    "printed twice for weight": TWICE,
    "printed twice and clipped": b"q 40 590 300 40 re W n\n" + TWICE + b"Q\n",
    "in a form": b"/Shown Do\n",
    "printed twice in a form": b"/Twice Do\n",
    "tiny and clipped": b"q 40 590 300 40 re W n\n" + show(60, 600, "Total 1.00", size=5) + b"Q\n",
    "on a picture": b"0 0.2 1 rg 70 580 m 150 640 l 190 590 l f 0 0 0 rg\n" + LIE,
    "over its shadow": b"0.7 g\n" + show(61, 599, "Total 1.00") + b"0 g\n" + LIE,
    "white on a dark box": DARK_BOX + white(),
    "dark on a light box": b"0.9 0.9 0.9 rg 40 590 300 40 re f 0 0 0 rg\n" + LIE,
    "light grey": b"0.75 0.75 0.75 rg\n" + LIE,
    "yellow": b"0.9 0.8 0 rg\n" + LIE,
    "outlined": show(60, 600, "Total 1.00", before="1 Tr"),
    "clipped to itself": b"q 40 590 300 40 re W n\n" + LIE + b"Q\n",
    "small print": show(60, 600, "Total 1.00", size=4),
    "in a layer that is on": b"/OC /On BDC\n" + LIE + b"EMC\n",
}


@pytest.mark.parametrize("shown", SEEN.values(), ids=SEEN.keys())
def test_what_people_can_see_is_kept(tmp_path: Path, shown: bytes) -> None:
    (page,) = opened(write(tmp_path / "a.pdf", page_with(SHOWN + shown))).pages
    assert texts(page) == ["Total", "485,000.00", "Total", "1.00"]
    assert page.notes == ()


@pytest.mark.parametrize(
    "content",
    [
        WATERMARK + LIE,
        show(60, 599, "." * 30) + LIE,
        LIE + b"0.8 g\n" + show(40, 560, "O", size=90),
    ],
)
def test_what_a_watermark_crosses_is_kept(tmp_path: Path, content: bytes) -> None:
    (page,) = opened(write(tmp_path / "a.pdf", page_with(SHOWN + content))).pages
    assert {"Total", "1.00", "485,000.00"} <= set(texts(page))


@pytest.mark.parametrize(("size", "is_read"), [(4, False), (7, False), (12, True)])
def test_small_type_is_measured_against_the_page(
    tmp_path: Path, size: int, *, is_read: bool
) -> None:
    content = show(300, 3500, "Total", size=60) + show(300, 3000, "1234.56", size=size)
    drawn = PdfWriter().page(content, box="0 0 2975 4210").data()
    (page,) = opened(write(tmp_path / "a.pdf", drawn)).pages
    assert ("1234.56" in texts(page)) is is_read


def test_looking_for_hidden_words_leaves_the_page_as_it_was(tmp_path: Path) -> None:
    document = write(tmp_path / "a.pdf", page_with(SHOWN + white()))
    (page,) = opened(document, with_images=True).pages
    assert page.image is not None
    assert min(page.image) < 60


def test_an_invisible_layer_that_contradicts_the_scan_is_noted(tmp_path: Path) -> None:
    lie = b"".join(
        show(60, 300 - 30 * row, text, before="3 Tr")
        for row, text in enumerate(("Invoice number 9999", "Total due 77.01 EUR"))
    )
    (page,) = opened(write(tmp_path / "a.pdf", scan(lie))).pages
    assert "4711" in texts(page)
    assert not {"9999", "77.01"} & set(texts(page))
    assert page.notes == ("hidden_text",)


def form(*fields: bytes, drawn: bytes = show(60, 700, "Name")) -> bytes:
    writer = PdfWriter()
    kids = [writer.add(b"<< /Type /Annot /Subtype /Widget /F 4 " + f + b" >>") for f in fields]
    listed = " ".join(f"{kid} 0 R" for kid in kids)
    writer.page(drawn, extra=f"/Annots [{listed}]")
    acro = writer.add(
        b"<< /Fields [%s] /NeedAppearances true /DA (/F 12 Tf 0 g) "
        b"/DR << /Font << /F %d 0 R >> >> >>" % (listed.encode(), writer.font)
    )
    writer.objects[0] = b"<< /Type /Catalog /Pages 2 0 R /AcroForm %d 0 R >>" % acro
    return writer.data()


TEXT = b"/FT /Tx /T (a) /DA (/F 12 Tf 0 g) /Rect [150 695 350 715] "


@pytest.mark.parametrize(
    ("field", "words"),
    [
        (TEXT + b"/V (Harbour Books)", ["Harbour", "Books"]),
        (TEXT + b"/V (AB123456) /Ff 16777216 /MaxLen 12", ["AB123456"]),
        (TEXT.replace(b"/Tx", b"/Ch") + b"/Ff 131072 /Opt [(cash) (card)] /V (card)", ["card"]),
        (TEXT + b"/V (secret) /F 2", []),
        (TEXT, []),
    ],
    ids=["text", "comb", "choice", "hidden", "empty"],
)
def test_form_values_are_words_where_they_stand(
    tmp_path: Path, field: bytes, words: list[str]
) -> None:
    (page,) = opened(write(tmp_path / "a.pdf", form(field))).pages
    assert texts(page) == ["Name", *words]
    assert page.notes == ()
    for word in page.words[1:]:
        assert 0.24 <= word.box.left < word.box.right <= 0.59
        assert abs(word.box.middle - page.words[0].box.middle) < 0.02


def test_a_checkbox_is_a_mark(tmp_path: Path) -> None:
    writer = PdfWriter()
    dingbats = writer.add(b"<< /Type /Font /Subtype /Type1 /BaseFont /ZapfDingbats >>")
    on = writer.stream(
        b"BT /Z 14 Tf 2 4 Td (4) Tj ET",
        b"/Type /XObject /Subtype /Form /BBox [0 0 20 20] /Resources << /Font << /Z %d 0 R >> >>"
        % dingbats,
    )
    off = writer.stream(b"", b"/Type /XObject /Subtype /Form /BBox [0 0 20 20]")
    boxes = [
        writer.add(
            b"<< /Type /Annot /Subtype /Widget /FT /Btn /T (%d) /F 4 /Rect [%d 600 %d 620] "
            b"/V /%s /AS /%s /AP << /N << /Yes %d 0 R /Off %d 0 R >> >> >>"
            % (left, left, left + 20, state, state, on, off)
        )
        for left, state in ((60, b"Yes"), (160, b"Off"))
    ]
    listed = " ".join(f"{box} 0 R" for box in boxes)
    writer.page(show(60, 700, "Paid"), extra=f"/Annots [{listed}]")
    acro = writer.add(f"<< /Fields [{listed}] >>".encode())
    writer.objects[0] = b"<< /Type /Catalog /Pages 2 0 R /AcroForm %d 0 R >>" % acro
    (page,) = opened(write(tmp_path / "a.pdf", writer.data())).pages
    assert texts(page) == ["Paid", "✔"]
    assert page.words[1].box.left < 0.2


ROWS = ("Harbour Books Limited 12 Quay Street", "Bristol BS1 4ND United Kingdom",
        "Invoice number 4711 of 14 March 2024", "Cordless drill for the workshop",
        "Total due 48500.25 EUR in thirty days", "Thank you kindly for your custom")  # fmt: skip


def searchable_scan(**changes: str) -> bytes:
    """Return a scan under which lies a good invisible layer, but for the words changed."""
    scale = 0.6
    image = Image.new("RGB", (1000, 700), "white")
    draw, font = ImageDraw.Draw(image), ImageFont.load_default(40)
    layer = b""
    for row, line in enumerate(ROWS):
        x = 60.0
        for word in line.split():
            draw.text((x, 60 + 100 * row), word, "black", font)
            said = changes.get(f"_{word}", word)
            layer += (
                f"BT 3 Tr /F {40 * scale:.1f} Tf {x * scale:.1f} "
                f"{(700 - 60 - 100 * row - 38) * scale:.1f} Td ({said}) Tj ET\n"
            ).encode()
            x += draw.textlength(word + " ", font)
    writer = PdfWriter()
    number = writer.image(image)
    content = layer + b"q 600 0 0 420 0 0 cm /I Do Q"
    return writer.page(content, box="0 0 600 420", image=number).data()


def test_a_scanner_s_good_layer_is_used(tmp_path: Path) -> None:
    (page,) = opened(write(tmp_path / "a.pdf", searchable_scan())).pages
    assert page.word_source is WordSource.TEXT_LAYER
    assert {"Harbour", "4711", "48500.25", "2024", "custom"} <= set(texts(page))
    assert page.notes == ()


def test_a_number_that_the_scanner_misread_is_put_right(tmp_path: Path) -> None:
    (page,) = opened(write(tmp_path / "a.pdf", searchable_scan(_4711="4717"))).pages
    assert page.word_source is WordSource.TEXT_LAYER
    assert "4711" in texts(page)
    assert "4717" not in texts(page)
    assert page.notes == ()


def test_a_layer_that_imitates_the_scan_but_for_the_total_is_not_believed(tmp_path: Path) -> None:
    path = tmp_path / "a.pdf"
    (page,) = opened(write(path, searchable_scan(**{"_48500.25": "1,000.00"}))).pages
    assert page.word_source is WordSource.OCR
    assert "48500.25" in texts(page)
    assert not any("000" in text for text in texts(page))
    assert page.notes == ("hidden_text",)


@pytest.mark.parametrize(
    ("word", "said"), [("EUR", "GBP"), ("Invoice", "Receipt"), ("Books", "Banks")]
)
def test_a_word_that_the_scan_does_not_bear_out_is_doubted(
    tmp_path: Path, word: str, said: str
) -> None:
    (page,) = opened(write(tmp_path / "a.pdf", searchable_scan(**{f"_{word}": said}))).pages
    assert not any(said in own.text and own.confidence >= MIN_LEGIBLE for own in page.words)
    assert any(own.text == "Total" and own.confidence == 1 for own in page.words)


LAYER_OFF = (
    b"<< /Type /Catalog /Pages 2 0 R /OCProperties << /OCGs [%d 0 R] /D << %b [%d 0 R] >> >> >>"
)


def stamped(tmp_path: Path, flags: int, layer: bytes = b"", kind: bytes = b"/Subtype /Stamp"):
    """Return the words of a page with an account on an annotation, on a layer if one is given."""
    writer = PdfWriter()
    drawn = writer.stream(
        b"BT /F 12 Tf 2 4 Td (GB33BUKB20201555555555) Tj ET",
        b"/Type /XObject /Subtype /Form /BBox [0 0 300 20] /Resources << /Font << /F %d 0 R >> >>"
        % writer.font,
    )
    own = b""
    if layer:
        group = writer.add(b"<< /Type /OCG /Name (x) >>")
        writer.objects[0] = LAYER_OFF % (group, layer, group)
        own = b"/OC %d 0 R" % group
    stamp = writer.add(
        b"<< /Type /Annot %b /F %d /Rect [60 600 360 620] /AP << /N %d 0 R >> %b >>"
        % (kind, flags, drawn, own)
    )
    writer.page(show(60, 700, "Total"), extra=f"/Annots [{stamp} 0 R]")
    (page,) = opened(write(tmp_path / "a.pdf", writer.data())).pages
    return texts(page)


FIELD = b"/Subtype /Widget /FT /Tx /T (t) /V (x)"


@pytest.mark.parametrize(
    ("flags", "layer", "kind"),
    [
        (4 | 2, b"", b"/Subtype /Stamp"),
        (4 | 32, b"", b"/Subtype /Stamp"),
        (4 | 32, b"", FIELD),
        (4, b"/OFF", b"/Subtype /Stamp"),
    ],
    ids=["hidden", "for print alone", "a field for print alone", "on a layer that is off"],
)
def test_an_annotation_that_no_screen_shows_is_not_read(tmp_path, flags, layer, kind):
    assert stamped(tmp_path, flags, layer, kind) == ["Total"]


def test_a_stamp_that_is_shown_is_read(tmp_path):
    assert stamped(tmp_path, 4) == ["Total", "GB33BUKB20201555555555"]
