"""Finds what hangs on a mail or is shown within it, and the mails of a mailbox.

Knows nothing of what the attachments are. The text of a mail itself is no document.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import suppress
from email import message_from_bytes
from email.errors import MessageError
from email.header import decode_header, make_header
from email.message import Message as Part
from email.utils import parsedate_to_datetime
from functools import partial
from typing import BinaryIO

from docextract.core import DocumentError, Mail, Reason
from docextract.documents.containers.bounds import Bounds, too_large
from docextract.documents.containers.members import Entry

_MAX_HEADER_LENGTH = 500
_MAX_NAME_LENGTH = 80
_MAX_PARTS_DEEP = 50
_MAIL_START = re.compile(rb"(?:\A|(?<=\n\n)|(?<=\n\r\n))From \S+ .*\d{4}.*\n")
_SEALED = frozenset({"application/pkcs7-mime", "application/x-pkcs7-mime", "multipart/encrypted"})
_MISFITS = (MessageError, AttributeError, LookupError, TypeError, ValueError)
"""What the standard library raises on odd headers and parts."""

_OPEN_IT = "Open it in the mail program, and save its attachments or the mail without protection."


def mail_entries(file: BinaryIO, bounds: Bounds) -> Iterator[Entry]:
    """Yield the attachments and inline files of a mail, forwarded mails among them.

    Raises:
        DocumentError: ``too_large`` or ``corrupt``.
    """
    data = file.read(bounds.max_member_bytes + 1)
    if len(data) > bounds.max_member_bytes:
        raise too_large(f"It has over {bounds.max_member_bytes // 2**20} MiB.")
    try:
        message = message_from_bytes(data)
    except RecursionError as error:
        raise DocumentError(Reason.CORRUPT, "Its parts are nested too deeply.") from error
    mail = _mail(message)
    for number, part in enumerate(_leaves(message, 0), 1):
        if not _is_text_of_mail(part):
            yield _entry(part, number, mail)


def mbox_entries(file: BinaryIO, bounds: Bounds) -> Iterator[Entry]:
    """Yield the mails of a mailbox in its order, called ``1.eml`` and so on.

    Raises:
        DocumentError: ``too_large``.
    """
    data = file.read(bounds.max_member_bytes + 1)
    if len(data) > bounds.max_member_bytes:
        raise too_large(f"It has over {bounds.max_member_bytes // 2**20} MiB.")
    starts = list(_MAIL_START.finditer(data))
    ends = [found.start() for found in starts[1:]] + [len(data)]
    for number, (found, end) in enumerate(zip(starts, ends, strict=True), 1):
        yield Entry(f"{number}.eml", partial(_part_of, data, found.end(), end))


def _part_of(data: bytes, start: int, end: int) -> bytes:
    return data[start:end]


def _leaves(message: Part, depth: int) -> Iterator[Part]:
    """Yield the parts that hold something; a forwarded mail is one of them."""
    payload = _parts(message)
    is_closed = message.get_content_maintype() == "message" or message.get_content_type() in _SEALED
    if is_closed or not payload:
        yield message
    elif depth < _MAX_PARTS_DEEP:
        for part in payload:
            yield from _leaves(part, depth + 1)


def _parts(message: Part) -> list[Part]:
    """Return the parts of a mail that has some; asking others for them may decode their text."""
    payload = message.get_payload() if message.is_multipart() else []
    return [part for part in payload if isinstance(part, Part)]


def _is_text_of_mail(part: Part) -> bool:
    is_attached = part.get_content_disposition() == "attachment" or _name(part)
    return part.get_content_maintype() == "text" and not is_attached


def _entry(part: Part, number: int, mail: Mail) -> Entry:
    kind = part.get_content_type()
    inner = _forwarded(part)
    if inner is not None:
        return Entry(_name(part) or _mail_name(inner), partial(_as_bytes, inner), mail)
    name = _name(part) or f"part-{number}"
    if kind in _SEALED:
        return Entry(name, _refuse_sealed, mail)
    if part.is_multipart():
        return Entry(name, bytes, mail, why_not=f"{kind}, a notice of a mail program")
    is_inline = part.get_content_disposition() == "inline" or part["Content-ID"] is not None
    return Entry(name, partial(_content, part), mail, is_inline)


def _forwarded(part: Part) -> Part | None:
    is_mail = part.get_content_type() in {"message/rfc822", "message/global"}
    return next(iter(_parts(part)), None) if is_mail else None


def _content(part: Part) -> bytes:
    try:
        content = part.get_payload(decode=True)
    except _MISFITS as error:
        raise DocumentError(Reason.CORRUPT, "It is damaged inside the mail.") from error
    return content if isinstance(content, bytes) else b""


def _as_bytes(message: Part) -> bytes:
    try:
        return message.as_bytes()
    except (*_MISFITS, RecursionError) as error:
        raise DocumentError(Reason.CORRUPT, "The forwarded mail is damaged.") from error


def _refuse_sealed() -> bytes:
    raise DocumentError(Reason.ENCRYPTED, "It is sealed (S/MIME or PGP).", hint=_OPEN_IT)


def _name(part: Part) -> str:
    try:
        return _decoded(part.get_filename() or "")
    except _MISFITS:
        return ""


def _mail_name(message: Part) -> str:
    subject = re.sub(r"[/\\]", "-", _header(message, "Subject"))[:_MAX_NAME_LENGTH]
    return f"{subject or 'mail'}.eml"


def _mail(message: Part) -> Mail:
    return Mail(_header(message, "From"), _header(message, "Subject"), _date(message))


def _date(message: Part) -> str:
    text = _header(message, "Date")
    try:
        return parsedate_to_datetime(text).isoformat()
    except (IndexError, OverflowError, TypeError, ValueError):
        return text


def _header(message: Part, name: str) -> str:
    value = message[name]
    return "" if value is None else _decoded(str(value))


def _decoded(text: str) -> str:
    """Return a header as people read it, on one line."""
    with suppress(*_MISFITS):
        text = str(make_header(decode_header(text)))
    clean = text.encode("utf-8", "replace").decode()
    return " ".join(clean.split())[:_MAX_HEADER_LENGTH]
