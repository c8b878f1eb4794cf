"""Reads a page of its own by text layer and by OCR, and tries what a worker should not do.

Knows nothing of files; the page is drawn here, so a failure is never a document's fault.
"""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from docextract.core import ReadOptions
from docextract.documents.pdf.pdf_file import PdfFile

_TEXT = "Invoice 2024-0187"

_OBJECTS = (
    "<< /Type /Catalog /Pages 2 0 R >>",
    "<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
    "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 420 298] /Contents 4 0 R"
    " /Resources << /Font << /F1 5 0 R >> >> >>",
    "<< /Length 49 >>\nstream\nBT /F1 24 Tf 60 150 Td (" + _TEXT + ") Tj ET\nendstream",
    "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>",
)


@dataclass(frozen=True, slots=True)
class Probe:
    """What one way of reading made of the page.

    Attributes:
        way: ``text layer`` or ``ocr``.
        text: what it read.
        expected: what is printed.
        seconds: how long that took, packages and weights loaded.
    """

    way: str
    text: str
    expected: str
    seconds: float


def probe_job() -> Iterator[Probe]:
    """Yield what the text layer says, then what OCR reads.

    Raises:
        DocumentError: PDFium cannot open or draw the page.
        MissingDependencyError: OCR or its weights are not installed.
    """
    start_s = time.perf_counter()
    with closing(PdfFile(_page(), ReadOptions())) as file:
        page = file.page(1)
        text = " ".join(item.word.text for item in page.layer.words)
        yield Probe("text layer", text, _TEXT, time.perf_counter() - start_s)
        pixels = page.render().pixels
        page.close()
    from docextract.documents.ocr.recognition import ocr_engine

    start_s = time.perf_counter()
    text = " ".join(word.text for word in ocr_engine().read(pixels).words)
    yield Probe("ocr", text, _TEXT, time.perf_counter() - start_s)


@dataclass(frozen=True, slots=True)
class Guard:
    """One thing that a worker should not be able to do.

    Attributes:
        against: what it is.
        holds: whether this system keeps a worker from it.
    """

    against: str
    holds: bool


def guard_job(parent_pid: int, folder: Path) -> Iterator[Guard]:
    """Try what a worker should not be able to do, and yield what came of each.

    Args:
        parent_pid: the process that must not be looked into.
        folder: where only others may write.
    """
    attempts: dict[str, Callable[[], object]] = {
        "opening sockets": lambda: socket.socket().close(),
        "starting programs": lambda: subprocess.run([sys.executable, "-V"], check=False),
        "writing files": lambda: tempfile.TemporaryFile(dir=folder).close(),
        "looking into this process": Path(f"/proc/{parent_pid}/environ").read_bytes,
        "signalling this process": lambda: os.kill(parent_pid, 0),
    }
    for against, attempt in attempts.items():
        try:
            attempt()
        except OSError:
            yield Guard(against, True)
        else:
            yield Guard(against, False)


def _page() -> bytes:
    body, offsets = "%PDF-1.4\n", []
    for number, content in enumerate(_OBJECTS, 1):
        offsets.append(len(body))
        body += f"{number} 0 obj\n{content}\nendobj\n"
    table = "".join(f"{offset:010d} 00000 n \n" for offset in offsets)
    size = len(_OBJECTS) + 1
    return (
        f"{body}xref\n0 {size}\n0000000000 65535 f \n{table}trailer\n"
        f"<< /Size {size} /Root 1 0 R >>\nstartxref\n{len(body)}\n%%EOF\n"
    ).encode("ascii")
