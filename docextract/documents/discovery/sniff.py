"""Names a file's media type by its first bytes.

Knows nothing of file names, paths or how a document is opened.
"""

from __future__ import annotations

import re

HEAD_BYTES = 8192
"""How much of a file ``sniff`` needs; XML prologues with long comments fit."""

PDF = "application/pdf"
E_INVOICE_XML = "application/xml"
OTHER_XML = "text/xml"
IMAGES = frozenset(
    {
        "image/png",
        "image/jpeg",
        "image/tiff",
        "image/webp",
        "image/bmp",
        "image/gif",
        "image/heif",
        "image/avif",
    }
)
SUPPORTED = IMAGES | {PDF, E_INVOICE_XML}

HTML = "text/html"
ZIP = "application/zip"
OLE = "application/x-ole-storage"
"""What Outlook keeps a mail in (.msg); so do the Word and Excel of old."""

MAIL = "message/rfc822"
MBOX = "application/mbox"
CONTAINERS = frozenset({ZIP, OLE, MAIL, MBOX})
"""Files that hold other files; some of the first two are something else after all."""

GIT_LFS_POINTER = "text/x-git-lfs"
_PDF_HEADER = b"%PDF-"
_PDF_WINDOW_BYTES = 1024
"""Readers accept junk of up to 1 KB before the header (ISO 32000-1, annex H.3.4.1)."""

_PDF_OBJECT = re.compile(rb"(?<!\d)\d{1,10} \d{1,5} obj\b")

_PREFIXES: tuple[tuple[bytes, str], ...] = (
    (b"\x89PNG\r\n\x1a\n", "image/png"),
    (b"\xff\xd8", "image/jpeg"),
    (b"II*\x00", "image/tiff"),
    (b"MM\x00*", "image/tiff"),
    (b"II+\x00", "image/tiff"),
    (b"MM\x00+", "image/tiff"),
    (b"GIF87a", "image/gif"),
    (b"GIF89a", "image/gif"),
    (b"%!PS", "application/postscript"),
    (b"\xc5\xd0\xd3\xc6", "application/postscript"),
    (b"PK\x03\x04", ZIP),
    (b"PK\x05\x06", ZIP),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", OLE),
    (b"{\\rtf", "application/rtf"),
    (b"\x1f\x8b", "application/gzip"),
    (b"7z\xbc\xaf\x27\x1c", "application/x-7z-compressed"),
    (b"Rar!\x1a\x07", "application/vnd.rar"),
    (b"8BPS", "image/vnd.adobe.photoshop"),
    (b"AT&TFORM", "image/vnd.djvu"),
    (b"\x00\x00\x00\x0cjP  \r\n\x87\n", "image/jp2"),
    (b"\xff\x4f\xff\x51", "image/jp2"),
    (b"v/1\x01", "image/x-exr"),
    *(
        (b"P%d%c" % (kind, end), "image/x-portable-anymap")
        for kind in range(1, 7)
        for end in b"\n "
    ),
    (b"DDS ", "image/vnd-ms.dds"),
    (b"icns", "image/icns"),
    (b"\x01\xda\x00", "image/sgi"),
    (b"\x01\xda\x01", "image/sgi"),
    (b"BLP1", "image/x-blp"),
    (b"BLP2", "image/x-blp"),
    (b"DanM", "image/x-msp"),
    (b"LinS", "image/x-msp"),
    (b"farbfeld", "image/x-farbfeld"),
    (b"SIMPLE  =", "image/fits"),
    (b"\x59\xa6\x6a\x95", "image/x-sun-raster"),
    (b"\x0a\x05\x01", "image/x-pcx"),
    (b"\xd7\xcd\xc6\x9a", "image/wmf"),
    (b"\x80\x2a\x5f\xd7", "image/x-cineon"),
    (b"\x97JB2\r\n\x1a\n", "image/x-jbig2"),
    (b"\xff\x0a", "image/jxl"),
    (b"qoif", "image/qoi"),
    (b"\x78\x9f\x3e\x22", "application/ms-tnef"),
    (b"version https://git-lfs", GIT_LFS_POINTER),
)
_OFFICE_PARTS: tuple[tuple[bytes, str], ...] = (
    (b"word/", "application/vnd.openxmlformats-officedocument.wordprocessingml.document"),
    (b"xl/", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
    (b"ppt/", "application/vnd.openxmlformats-officedocument.presentationml.presentation"),
    (b"opendocument.text", "application/vnd.oasis.opendocument.text"),
    (b"opendocument.spreadsheet", "application/vnd.oasis.opendocument.spreadsheet"),
)
_ZIP_NAME = re.compile(rb"PK\x03\x04.{26}((?:word|xl|ppt)/|mimetype.{,64})", re.DOTALL)
"""A member's name stands 30 bytes after its header begins (APPNOTE.TXT 4.3.7)."""

_MBOX_START = re.compile(rb"From \S+ .*\d{4}.*\n")
_HEADER_FIELD = re.compile(rb"([!-9;-~]+)[ \t]*:.*(?:\r?\n[ \t].*)*(?:\r?\n|\Z)")
_MAIL_FIELDS = frozenset(
    b"from to cc bcc sender reply-to subject date received return-path message-id delivered-to"
    b" mime-version content-type content-transfer-encoding".split()
)
_MIN_MAIL_FIELDS = 3
"""A note may begin with "Subject:" and "Date:"; a mail has both, a sender and more (RFC 5322)."""
_HEIF_BRANDS = frozenset({b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"mif1", b"msf1"})
_AVIF_BRANDS = frozenset({b"avif", b"avis"})
_INVOICE_ROOTS = ("CrossIndustryInvoice", "CrossIndustryDocument", "Invoice", "CreditNote")
_KNOWN_ROOTS = dict.fromkeys(_INVOICE_ROOTS, E_INVOICE_XML) | {
    "svg": "image/svg+xml",
    "html": HTML,
}
_BOMS: tuple[tuple[bytes, str], ...] = (
    (b"\xef\xbb\xbf", "utf-8-sig"),
    (b"\xff\xfe", "utf-16"),
    (b"\xfe\xff", "utf-16"),
    (b"<\x00", "utf-16-le"),
    (b"\x00<", "utf-16-be"),
)
# Nothing taken of a DOCTYPE is given back: this runs in the parent, on strangers' bytes.
_PROLOGUE = re.compile(
    r"<\?.*?\?>|<!--.*?-->|<!DOCTYPE[^>\[]*+(?:\[[^\]]*+\])?+[^>]*+>|\s++", re.DOTALL
)
_ROOT = re.compile(r"<(?:[\w.-]+:)?([\w.-]+)[\s/>]")
_ENVELOPE = "StandardBusinessDocument"
"""What networks send invoices in (UN/CEFACT SBDH); it may hold orders as well."""


def sniff(head: bytes) -> str:
    """Return the media type that a file's first ``HEAD_BYTES`` show, or ``""``.

    Formats that are known but cannot be read (ZIP, PostScript, ...) are named too, so that
    the reason for refusing them can be. XML is ``application/xml`` where its root is that
    of a CII or UBL invoice, else ``text/xml``.
    """
    for prefix, media_type in _PREFIXES:
        if head.startswith(prefix):
            return _sniff_zip(head) if media_type == ZIP else media_type
    is_pdf = _PDF_HEADER in head[: _PDF_WINDOW_BYTES + len(_PDF_HEADER)]
    return (
        _sniff_container(head)
        or _sniff_mail(head)
        or (PDF if is_pdf else "")
        or _sniff_xml(head)
        or _sniff_html(head)
        or (PDF if _is_headless_pdf(head) else "")
    )


def _is_headless_pdf(head: bytes) -> bool:
    """Whether these are the objects of a PDF whose header comes late or is damaged."""
    return _PDF_HEADER in head or _PDF_OBJECT.search(head) is not None


def _sniff_html(head: bytes) -> str:
    start = head[:_PDF_WINDOW_BYTES].lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    return HTML if start.startswith((b"<!doctype html", b"<html", b"<head", b"<body")) else ""


def _sniff_zip(head: bytes) -> str:
    names = b"\n".join(_ZIP_NAME.findall(head))
    return next((media_type for part, media_type in _OFFICE_PARTS if part in names), ZIP)


def _sniff_mail(head: bytes) -> str:
    start = head.removeprefix(b"\xef\xbb\xbf")
    if found := _MBOX_START.match(start):
        start = start[found.end() :]
    names = set()
    place = 0
    while field := _HEADER_FIELD.match(start, place):
        names.add(field[1].lower())
        place = field.end()
    if len(names & _MAIL_FIELDS) < _MIN_MAIL_FIELDS:
        return ""
    return MBOX if found else MAIL


def _sniff_container(head: bytes) -> str:
    if head[:4] == b"RIFF" and head[8:12] == b"WEBP":
        return "image/webp"
    if head[:2] == b"BM" and head[6:10] == b"\0\0\0\0" and len(head) >= 26:
        return "image/bmp"
    if head[4:8] == b"ftyp":
        brands = {head[8:12]} | {head[i : i + 4] for i in range(16, 64, 4)}
        if brands & _AVIF_BRANDS:
            return "image/avif"
        if brands & _HEIF_BRANDS:
            return "image/heif"
    return ""


def _sniff_xml(head: bytes) -> str:
    encoding = next((name for bom, name in _BOMS if head.startswith(bom)), "utf-8")
    text = head.decode(encoding, "replace").lstrip()
    if not text.startswith("<"):
        return ""
    is_declared = text.startswith("<?xml")
    while found := _PROLOGUE.match(text):
        text = text[found.end() :]
    root = _ROOT.match(text)
    if root and root[1] in _KNOWN_ROOTS:
        return _KNOWN_ROOTS[root[1]]
    if root and root[1] == _ENVELOPE and any(n in _INVOICE_ROOTS for n in _ROOT.findall(text)):
        return E_INVOICE_XML
    return OTHER_XML if is_declared else ""
