"""Finds the good files that a fuzzer begins with: the project's own fixtures, and what holds them.

Knows nothing of how they are changed, or of who reads them.
"""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterator
from email.message import EmailMessage
from pathlib import Path

import pypdfium2

FIXTURES = Path(__file__).parents[1] / "fixtures"
_IMAGES = {".png", ".jpg", ".webp", ".tif"}
_MAX_PDF_BYTES = 200_000


def seeds(kind: str) -> list[bytes]:
    """Return the good files of a kind: ``pdf``, ``packet``, ``image``, ``xml`` or ``container``."""
    match kind:
        case "image":
            return [path.read_bytes() for path in _whole(_IMAGES)]
        case "xml":
            return [xml for path in _whole({".pdf"}) for xml in _attached(path)]
        case "packet":
            return [_joined(some) for some in _threes(_small_pdfs()[:30])]
        case "container":
            return list(_containers())
    return [path.read_bytes() for path in _small_pdfs()]


def _whole(suffixes: set[str]) -> list[Path]:
    found = (path for path in sorted(FIXTURES.rglob("*")) if path.suffix in suffixes)
    return [path for path in found if path.parent.name != "broken"]


def _small_pdfs() -> list[Path]:
    return [path for path in _whole({".pdf"}) if path.stat().st_size < _MAX_PDF_BYTES]


def _attached(path: Path) -> Iterator[bytes]:
    with pypdfium2.PdfDocument(path) as pdf:
        for number in range(pdf.count_attachments()):
            yield bytes(pdf.get_attachment(number).get_data())


def _threes(paths: list[Path]) -> list[list[Path]]:
    return [paths[place : place + 3] for place in range(0, len(paths), 3)]


def _joined(paths: list[Path]) -> bytes:
    made = io.BytesIO()
    with pypdfium2.PdfDocument.new() as packet:
        for path in paths:
            with pypdfium2.PdfDocument(path) as pdf:
                packet.import_pages(pdf)
        packet.save(made)
    return made.getvalue()


def _containers() -> Iterator[bytes]:
    """Yield zips, mails, a mailbox, and each in another."""
    for some in _threes(_small_pdfs()[:12]):
        files = [(path.name, path.read_bytes()) for path in some]
        mail, packed = _mail(files), _zipped(files)
        yield from (mail, packed, _zipped([("mail.eml", mail), files[0]]))
        yield from (_mail([("a.zip", packed), files[0]]), _mailbox([mail, _mail(files[:1])]))


def _zipped(files: list[tuple[str, bytes]]) -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in files:
            archive.writestr(f"folder/{name}", data)
    return made.getvalue()


def _mail(files: list[tuple[str, bytes]]) -> bytes:
    message = EmailMessage()
    message["Subject"] = "Rechnung für März"
    message["From"] = "Jörg Bäcker <joerg@baecker.example>"
    message["Date"] = "Mon, 02 Nov 2026 10:00:00 +0100"
    message.set_content("Anbei die Rechnung.")
    for name, data in files:
        message.add_attachment(data, maintype="application", subtype="pdf", filename=name)
    return message.as_bytes()


def _mailbox(mails: list[bytes]) -> bytes:
    lines = (b"From a@b.example Mon Nov  2 10:00:00 2026\n" + mail + b"\n" for mail in mails)
    return b"".join(lines)
