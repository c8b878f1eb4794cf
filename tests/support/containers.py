"""Mails, zips and Outlook's saved mails, made here; well and ill."""

from __future__ import annotations

import io
import struct
import zipfile
from email.message import EmailMessage
from pathlib import Path
from typing import Any

from PIL import Image

from docextract.core import Tree
from docextract.documents.containers.bounds import Bounds
from docextract.documents.containers.looking_inside import look_inside
from docextract.documents.containers.members import Left, Member
from docextract.documents.discovery.discover import Discovery
from support.pdfs import invoice_lines, text_pdf

SENT = "Mon, 02 Nov 2026 10:00:00 +0100"


def pdf(number: str = "R-1") -> bytes:
    return text_pdf(invoice_lines(number, 100.0))


def png(width: int, height: int) -> bytes:
    data = io.BytesIO()
    Image.new("RGB", (width, height), "white").save(data, "PNG")
    return data.getvalue()


def mail(subject: str = "Rechnung", **files: bytes) -> EmailMessage:
    """A mail with attachments; underscores in their names stand for dots."""
    message = EmailMessage()
    message["Subject"] = subject
    message["From"] = "Jörg Bäcker <joerg@baecker.example>"
    message["To"] = "post@firma.example"
    message["Date"] = SENT
    message.set_content("Anbei die Rechnung.")
    for name, data in files.items():
        attach(message, name.replace("_", "."), data)
    return message


def attach(message: EmailMessage, name: str, data: bytes) -> None:
    message.add_attachment(data, maintype="application", subtype="octet-stream", filename=name)


def zipped(*members: tuple[str, bytes]) -> bytes:
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members:
            archive.writestr(name, content)
    return data.getvalue()


def overlapping(content: bytes) -> bytes:
    """A zip whose two members are the same bytes: the directory names one header twice."""
    data = zipped(("a.pdf", content), ("b.pdf", b"x"))
    directory = data.index(b"PK\x01\x02")
    second = data.index(b"PK\x01\x02", directory + 4)
    return data[: second + 42] + struct.pack("<I", 0) + data[second + 46 :]


def locked(data: bytes) -> bytes:
    """The same zip with all its members marked as encrypted."""
    changed = bytearray(data)
    for signature, place in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        start = changed.find(signature)
        while start >= 0:
            changed[start + place] |= 1
            start = changed.find(signature, start + 4)
    return bytes(changed)


def told(path: Path, bounds: Bounds | None = None) -> dict[str, str]:
    """What is told of each file in a container: ``found``, a reason or why it is passed over."""
    (container,) = Discovery([str(path)])
    items = look_inside(container.document, bounds or Bounds())
    return {item.path: _word(item) for item in items}


def _word(item: Member | Left) -> str:
    if isinstance(item, Left):
        return item.why
    return item.error.reason if item.error else "found"


_SECTOR, _MINI = 512, 64
_FREE, _END, _FAT = 0xFFFFFFFF, 0xFFFFFFFE, 0xFFFFFFFD
_CUTOFF = 4096


class Compound:
    """Writes a compound file ([MS-CFB], version 3): storages are dicts, streams are bytes."""

    def __init__(self, tree: Tree) -> None:
        self._sectors: list[bytes] = []
        self._fat: list[int] = []
        self._mini = b""
        self._mini_fat: list[int] = []
        self._entries: list[list[Any]] = [["Root Entry", 5, _FREE, _FREE, 0]]
        self._entries[0][2] = self._add(tree)

    def _add(self, tree: Tree) -> int:
        """Add the children of a storage, as a chain to the right; return the first."""
        first = before = _FREE
        # Names are ordered by their length, then by their letters (2.6.4).
        for name in sorted(tree, key=lambda name: (len(name), name.upper())):
            number = len(self._entries)
            content = tree[name]
            if isinstance(content, dict):
                self._entries.append([name, 1, _FREE, 0, 0])
                self._entries[number][2] = self._add(content)
            else:
                start = self._store(content)
                self._entries.append([name, 2, _FREE, start, len(content)])
            self._entries[number].append(_FREE)
            if before == _FREE:
                first = number
            else:
                self._entries[before][5] = number
            before = number
        return first

    def _store(self, content: bytes) -> int:
        if len(content) >= _CUTOFF:
            return self._chain(content)
        start = len(self._mini_fat)
        count = -(-len(content) // _MINI)
        self._mini += content.ljust(count * _MINI, b"\0")
        self._mini_fat += [*range(start + 1, start + count), _END][:count]
        return start if count else _END

    def _chain(self, content: bytes) -> int:
        start, count = len(self._sectors), -(-len(content) // _SECTOR)
        padded = content.ljust(count * _SECTOR, b"\0")
        self._sectors += [padded[i : i + _SECTOR] for i in range(0, len(padded), _SECTOR)]
        self._fat += [*range(start + 1, start + count), _END][:count]
        return start if count else _END

    def data(self) -> bytes:
        self._entries[0][3] = self._chain(self._mini)
        self._entries[0][4] = len(self._mini)
        mini_fat = struct.pack(f"<{len(self._mini_fat)}I", *self._mini_fat)
        padded = mini_fat.ljust(-(-len(mini_fat) // _SECTOR) * _SECTOR, b"\xff")
        num_mini, mini_start = len(padded) // _SECTOR, self._chain(padded)
        directory = b"".join(map(_entry, self._entries))
        directory = directory.ljust(-(-len(directory) // _SECTOR) * _SECTOR, b"\0")
        directory_start = self._chain(directory)
        num_fat = 1
        while (len(self._fat) + num_fat) * 4 > num_fat * _SECTOR:
            num_fat += 1
        fat_start = len(self._sectors)
        fat = [*self._fat, *[_FAT] * num_fat]
        fat += [_FREE] * (num_fat * _SECTOR // 4 - len(fat))
        self._sectors.append(struct.pack(f"<{len(fat)}I", *fat))
        difat = [*range(fat_start, fat_start + num_fat)]
        difat += [_FREE] * (109 - num_fat)
        header = struct.pack(
            "<8s16sHHHHH6x9I", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", b"", 0x3E, 3, 0xFFFE,
            9, 6, 0, num_fat, directory_start, 0, _CUTOFF, mini_start, num_mini, _END, 0,
        )  # fmt: skip
        return header + struct.pack("<109I", *difat) + b"".join(self._sectors)


def _entry(entry: list[Any]) -> bytes:
    name, kind, child, start, size = entry[:5]
    right = entry[5] if len(entry) > 5 else _FREE
    text = f"{name}\0".encode("utf-16-le")
    return struct.pack(
        "<64sHBBIII16sIQQIQ", text, len(text), kind, 1, _FREE, right, child, b"", 0, 0, 0, start,
        size,
    )  # fmt: skip


def outlook(subject: str, *attachments: tuple[str, bytes | Tree], top: bool = True) -> Tree:
    """The tree of a saved mail; an attachment may be a mail in turn."""
    texts = {0x0037: subject, 0x0C1A: "Jörg Bäcker", 0x0C1F: "joerg@baecker.example"}
    tree: Tree = _properties(texts, b"\0" * (32 if top else 24))
    for number, (name, content) in enumerate(attachments):
        place = f"__attach_version1.0_#{number:08X}"
        if isinstance(content, dict):
            tree[place] = _properties({0x3707: name}, b"\0" * 8)
            tree[place]["__substg1.0_3701000D"] = content
        else:
            tree[place] = _properties({0x3707: name}, b"\0" * 8, {0x3701: content})
    return tree


def _properties(texts: dict[int, str], header: bytes, binaries: dict[int, bytes] | None = None):
    tree, rows = {}, b""
    typed = [(number, 0x001F, text.encode("utf-16-le")) for number, text in texts.items()]
    typed += [(number, 0x0102, data) for number, data in (binaries or {}).items()]
    for number, kind, data in typed:
        tree[f"__substg1.0_{number:04X}{kind:04X}"] = data
        rows += struct.pack("<HHIII", kind, number, 6, len(data) + 2 * (kind == 0x001F), 0)
    tree["__properties_version1.0"] = header + rows
    return tree
