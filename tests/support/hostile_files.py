"""Files made to break readers, each with the reason that a person would give for it.

Every file is built here, byte by byte or by the library that writes its kind.
"""

from __future__ import annotations

import io
import struct
import zipfile
import zlib
from collections.abc import Callable

from PIL import Image
from reportlab.lib.pdfencrypt import StandardEncryption
from reportlab.pdfgen.canvas import Canvas

from support.drawn_files import CII, image_bytes, pdf_with_xml, picture
from support.pdfs import PdfWriter, show

READ = ""
"""No failure: the file is read, whatever is odd about it."""

MAX_BYTES = 3_000_000
MAX_PAGES = 50
LAUGHS = (
    b'<?xml version="1.0"?><!DOCTYPE l [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;&a;&a;">'
    b'<!ENTITY c "&b;&b;&b;&b;&b;&b;">]><Invoice><ID>&c;</ID></Invoice>'
)
TEXT = show(60, 700, "Invoice 4711 total 12.00")


def healthy() -> bytes:
    return PdfWriter().page(TEXT).data()


def locked(user: str, owner: str, strength: int) -> bytes:
    buffer = io.BytesIO()
    lock = StandardEncryption(user, owner, strength=strength)
    canvas = Canvas(buffer, pagesize=(600, 800), encrypt=lock)
    canvas.drawString(60, 700, "Invoice 4711 total 12.00")
    canvas.save()
    return buffer.getvalue()


def locked_aes(revision: int) -> bytes:
    """Return a PDF under AES-256; no password fits its random hashes, the empty one neither."""
    lock = (
        b"/Encrypt << /Filter /Standard /V 5 /R %d /Length 256 /P -4 /O <%s> /U <%s> /OE <%s> "
        b"/UE <%s> /Perms <%s> /CF << /StdCF << /CFM /AESV3 /AuthEvent /DocOpen /Length 32 >> >> "
        b"/StmF /StdCF /StrF /StdCF >> /ID [(aaaaaaaaaaaaaaaa) (aaaaaaaaaaaaaaaa)] /Size"
    )
    keys = tuple(NOISE[:size].hex().encode() for size in (48, 48, 32, 32, 16))
    return healthy().replace(b"trailer << /Size", b"trailer << " + lock % (revision, *keys))


def with_catalog(entries: bytes, *, content: bytes = TEXT, page: str = "") -> bytes:
    writer = PdfWriter().page(content, extra=page)
    writer.objects[0] = b"<< /Type /Catalog /Pages 2 0 R " + entries + b" >>"
    return writer.data()


def boxed(box: str) -> bytes:
    return PdfWriter().page(TEXT, box=box).data()


def with_image(extra: bytes, data: bytes) -> bytes:
    """Return a page of text with an image in a corner."""
    writer = PdfWriter()
    image = writer.stream(data, b"/Type /XObject /Subtype /Image " + extra)
    return writer.page(TEXT + b"q 50 0 0 50 500 20 cm /I Do Q\n", image=image).data()


def unknown_lock() -> bytes:
    lock = b"/Encrypt << /Filter /Acme.Sec /V 4 /Length 128 >> /ID [(aaaaaaaaaaaaaaaa) (b)] /Size"
    return healthy().replace(b"trailer << /Size", b"trailer << " + lock)


def zero_pages() -> bytes:
    return PdfWriter().data()


def lying_count() -> bytes:
    return healthy().replace(b"/Count 1", b"/Count 1000000")


def page_tree_loop() -> bytes:
    return healthy().replace(b"/Kids [5 0 R]", b"/Kids [2 0 R]")


def form_loop() -> bytes:
    """Return a form that draws itself."""
    writer = PdfWriter()
    number = len(writer.objects) + 1
    writer.stream(
        b"/F0 Do\n",
        b"/Type /XObject /Subtype /Form /BBox [0 0 9 9] "
        b"/Resources << /XObject << /F0 %d 0 R >> >>" % number,
    )
    return writer.page(TEXT + b"/I Do\n", image=number).data()


def form_tree() -> bytes:
    """Return forms that draw the next one twelve times each: 12 to the 12th drawings."""
    writer = PdfWriter()
    inner = writer.stream(b"0 0 m 9 9 l S\n" * 50, b"/Type /XObject /Subtype /Form /BBox [0 0 9 9]")
    for _ in range(12):
        inner = writer.stream(
            b"/F0 Do\n" * 12,
            b"/Type /XObject /Subtype /Form /BBox [0 0 9 9] "
            b"/Resources << /XObject << /F0 %d 0 R >> >>" % inner,
        )
    return writer.page(b"/I Do\n", image=inner).data()


def nested_arrays() -> bytes:
    return with_catalog(b"/Odd " + b"[" * 20_000 + b"]" * 20_000)


def flate_bomb() -> bytes:
    """Return a page whose content unpacks to 200 MB of blanks."""
    packer = zlib.compressobj(9)
    packed = b"".join(packer.compress(b" " * 1_000_000) for _ in range(200)) + packer.flush()
    writer = PdfWriter()
    blanks = writer.stream(packed, b"/Filter /FlateDecode")
    writer.page(TEXT)
    page = writer.objects[writer.kids[0] - 1]
    body = page.split(b"/Contents ")[1].split(b" 0 R")[0]
    writer.objects[writer.kids[0] - 1] = page.replace(
        b"/Contents %s 0 R" % body, b"/Contents [%d 0 R %s 0 R]" % (blanks, body)
    )
    return writer.data()


def xfa(content: bytes) -> bytes:
    writer = PdfWriter().page(content)
    template = writer.stream(b"<xdp:xdp/>")
    writer.objects[0] = (
        b"<< /Type /Catalog /Pages 2 0 R /NeedsRendering true "
        b"/AcroForm << /Fields [] /XFA [(template) %d 0 R] >> >>" % template
    )
    return writer.data()


def attachment(name: bytes, data: bytes, entries: bytes = b"") -> bytes:
    writer = PdfWriter().page(TEXT)
    file = writer.stream(data, b"/Type /EmbeddedFile")
    spec = writer.add(
        b"<< /Type /Filespec /F (%s) /UF (%s) /EF << /F %d 0 R >> >>" % (name, name, file)
    )
    writer.objects[0] = (
        b"<< /Type /Catalog /Pages 2 0 R %s /Names << /EmbeddedFiles "
        b"<< /Names [(%s) %d 0 R] >> >> >>" % (entries, name, spec)
    )
    return writer.data()


def zipped(name: str) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr(name, "hello")
    return buffer.getvalue()


def many_pages() -> bytes:
    writer = PdfWriter()
    for _ in range(MAX_PAGES + 1):
        writer.page(TEXT)
    return writer.data()


def small_image(image_format: str) -> bytes:
    return image_bytes(picture("Total 123.45", size=(500, 160)), image_format)


def cut(data: bytes, share: float) -> bytes:
    return data[: int(len(data) * share)]


def gif_canvas() -> bytes:
    data = bytearray(image_bytes(Image.new("P", (1, 1)), "GIF"))
    data[6:10] = struct.pack("<HH", 65_535, 65_535)
    return bytes(data)


def tiff_frames() -> bytes:
    first, *others = [Image.new("1", (8, 8)) for _ in range(2000)]
    return image_bytes(first, "TIFF", save_all=True, append_images=others)


def png_text_bomb() -> bytes:
    packed = zlib.compress(b"a" * 200_000_000, 9)
    body = b"zTXtComment\0\0" + packed
    chunk = struct.pack(">I", len(body) - 4) + body + struct.pack(">I", zlib.crc32(body))
    data = small_image("PNG")
    return data[:33] + chunk + data[33:]


def bmp_of_odd_kind() -> bytes:
    data = bytearray(small_image("BMP"))
    data[30:34] = struct.pack("<I", 6)
    return bytes(data)


HEIF_HEAD = b"\0\0\0\x18ftypheic\0\0\0\0heicmif1" + b"\0\0\0\x10meta" + b"\xff" * 300
SVG = b'<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"/>'
EPS = b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 10 10\nshowpage\n"
NOISE = bytes((i * 7919 + i // 256 * 31) % 251 + 1 for i in range(4000))

FILES: dict[str, tuple[str, Callable[[], bytes]]] = {
    # PDFs that are healthy, or odd and readable
    "healthy.pdf": (READ, healthy),
    "owner-password-only.pdf": (READ, lambda: locked("", "owner", 128)),
    "static-xfa.pdf": (READ, lambda: xfa(TEXT)),
    "end-marker-missing.pdf": (READ, lambda: healthy().removesuffix(b"%%EOF\n")),
    "junk-500-before.pdf": (READ, lambda: b"x" * 500 + healthy()),
    "junk-4096-before.pdf": (READ, lambda: b"\0" * 4096 + healthy()),
    "header-destroyed.pdf": (READ, lambda: healthy().replace(b"%PDF-", b"%XXX-")),
    "nul-after.pdf": (READ, lambda: healthy() + b"\0" * 100_000),
    "xref-offsets-wrong.pdf": (READ, lambda: healthy().replace(b"\n0000000", b"\n0000999")),
    "startxref-wrong.pdf": (READ, lambda: healthy().replace(b"startxref\n", b"startxref\n9")),
    "stream-length-wrong.pdf": (READ, lambda: healthy().replace(b"/Length ", b"/Length 9")),
    "mediabox-empty.pdf": (READ, lambda: boxed("0 0 0 0")),
    "mediabox-negative.pdf": (READ, lambda: boxed("600 800 0 0")),
    "mediabox-short.pdf": (READ, lambda: boxed("0 0 600")),
    "javascript.pdf": (
        READ,
        lambda: with_catalog(b"/OpenAction << /S /JavaScript /JS (while\\(true\\);) >>"),
    ),
    "launch.pdf": (
        READ,
        lambda: with_catalog(b"/OpenAction << /S /Launch /F (/bin/sh) >>"),
    ),
    "opens-a-page-of-the-web.pdf": (
        READ,
        lambda: with_catalog(b"/OpenAction << /S /URI /URI (http://127.0.0.1:9/) >>"),
    ),
    "attached-program.pdf": (READ, lambda: attachment(b"../../run.exe", b"MZ\x90")),
    "portfolio.pdf": (
        READ,
        lambda: attachment(b"inner.pdf", healthy(), b"/Collection << /Type /Collection >>"),
    ),
    "form-draws-itself.pdf": (READ, form_loop),
    "nested-arrays.pdf": (READ, nested_arrays),
    "content-bomb.pdf": (READ, flate_bomb),
    "image-60000-square.pdf": (
        READ,
        lambda: with_image(
            b"/Width 60000 /Height 60000 /ColorSpace /DeviceGray /BitsPerComponent 1 "
            b"/Filter /FlateDecode",
            zlib.compress(b"\0" * 1_000_000),
        ),
    ),
    "jpx-bomb.pdf": (
        READ,
        lambda: with_image(
            b"/Width 9 /Height 9 /Filter /JPXDecode",
            bytes.fromhex("ff4fff51002f0000") + b"\x7f\xff\xff\xff" * 2 + b"\0" * 40,
        ),
    ),
    "jbig2-bomb.pdf": (
        READ,
        lambda: with_image(
            b"/Width 60000 /Height 60000 /ColorSpace /DeviceGray /BitsPerComponent 1 "
            b"/Filter /JBIG2Decode",
            bytes.fromhex("0000000030000100000013ffffffffffffffff000000000000000000ffff"),
        ),
    ),
    "pdf-and-zip.pdf": (READ, lambda: healthy() + zipped("a.txt")),
    "pdf-named.png": (READ, lambda: healthy() + b"% as an image\n"),
    # PDFs that nobody can read
    "locked-rc4-40.pdf": ("encrypted", lambda: locked("user", "owner", 40)),
    "locked-rc4-128.pdf": ("encrypted", lambda: locked("user", "owner", 128)),
    "locked-aes-256.pdf": ("encrypted", lambda: locked_aes(6)),
    "locked-aes-256-r5.pdf": ("encrypted", lambda: locked_aes(5)),
    "locked-by-software.pdf": ("encrypted", unknown_lock),
    "xfa-please-wait.pdf": ("xfa_form", lambda: xfa(show(60, 700, "Please wait..."))),
    "xfa-empty.pdf": ("xfa_form", lambda: xfa(b"")),
    "needs-rendering.pdf": ("xfa_form", lambda: with_catalog(b"/NeedsRendering true", content=b"")),
    "zero-pages.pdf": ("zero_pages", zero_pages),
    "no-page-tree.pdf": ("corrupt", lambda: healthy().replace(b"/Pages 2 0 R", b"")),
    "page-tree-loop.pdf": ("corrupt", page_tree_loop),
    "count-lies.pdf": ("corrupt", lying_count),
    "cut-at-20-percent.pdf": ("corrupt", lambda: cut(healthy(), 0.2)),
    "cut-at-50-percent.pdf": ("corrupt", lambda: cut(healthy(), 0.5)),
    "cut-at-80-percent.pdf": ("corrupt", lambda: cut(healthy(), 0.8)),
    "no-xref-no-trailer.pdf": ("corrupt", lambda: healthy().split(b"xref")[0]),
    "header-then-noise.pdf": ("corrupt", lambda: b"%PDF-1.7\n" + NOISE),
    "header-only.pdf": ("corrupt", lambda: b"%PDF-1.4"),
    "mediabox-1-point.pdf": ("corrupt", lambda: boxed("0 0 1 1")),
    "mediabox-200000.pdf": ("too_large", lambda: boxed("0 0 200000 200000")),
    "mediabox-strip.pdf": ("too_large", lambda: boxed("0 0 100 2000000")),
    "over-the-limit.pdf": ("too_large", lambda: healthy() + b"%" * MAX_BYTES),
    "many-pages.pdf": ("too_many_pages", many_pages),
    "form-tree.pdf": ("timeout", form_tree),
    # What is no PDF
    "empty.pdf": ("empty_file", lambda: b""),
    "text.pdf": ("not_a_document", lambda: b"Dear customer, see attachment.\n"),
    "web-page.pdf": ("not_a_document", lambda: b"<!DOCTYPE html><html><body>Log in</body></html>"),
    "lfs-pointer.pdf": (
        "not_a_document",
        lambda: b"version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 12\n",
    ),
    "noise.pdf": ("not_a_document", lambda: NOISE),
    "word.pdf": ("unsupported", lambda: zipped("word/document.xml")),
    "archive.pdf": ("unsupported", lambda: zipped("invoice.txt")),
    "eps-named.png": ("unsupported", lambda: EPS),
    "drawing.eps": ("unsupported", lambda: EPS + b"% twice\n"),
    "svg-named.png": ("unsupported", lambda: SVG),
    "photoshop.psd": ("unsupported", lambda: b"8BPS\0\1" + b"\0" * 60),
    "jpeg2000.jp2": ("unsupported", lambda: b"\0\0\0\x0cjP  \r\n\x87\n" + b"\0" * 60),
    "anymap.ppm": ("unsupported", lambda: b"P6\n1 1\n255\nabc"),
    # E-invoices
    "invoice.xml": (READ, lambda: CII),
    "laughs.xml": ("invalid_einvoice", lambda: LAUGHS),
    "deep.xml": (
        "invalid_einvoice",
        lambda: b'<?xml version="1.0"?><Invoice>' + b"<a>" * 100_000,
    ),
    "laughs-in-a-pdf.pdf": ("invalid_einvoice", lambda: pdf_with_xml(LAUGHS)),
    # Images
    "healthy.png": (READ, lambda: small_image("PNG")),
    "jpeg-named.pdf": (READ, lambda: small_image("JPEG")),
    "cut.jpg": ("corrupt", lambda: cut(small_image("JPEG"), 0.5)),
    "cut.png": ("corrupt", lambda: cut(small_image("PNG"), 0.5)),
    "cut.webp": ("corrupt", lambda: cut(small_image("WEBP"), 0.5)),
    "cut.tiff": ("corrupt", lambda: cut(small_image("TIFF"), 0.9)),
    "signature-only.png": ("corrupt", lambda: b"\x89PNG\r\n\x1a\n"),
    "start-only.jpg": ("corrupt", lambda: b"\xff\xd8"),
    "noise.heic": ("corrupt", lambda: HEIF_HEAD),
    "odd-kind.bmp": ("unsupported", bmp_of_odd_kind),
    "bomb.png": ("too_large", lambda: image_bytes(Image.new("1", (9000, 9000)), "PNG")),
    "bomb.gif": ("too_large", gif_canvas),
    "text-bomb.png": ("too_large", png_text_bomb),
    "frames.tiff": ("too_many_pages", tiff_frames),
}
"""By name: the reason a person would expect, and what makes the file."""
