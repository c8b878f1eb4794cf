"""Finds what hangs on a mail that Outlook has saved (.msg).

Knows nothing of what the attachments are. Its format is MS-OXMSG; ``python-oxmsg`` reads it.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from functools import partial
from typing import TYPE_CHECKING, Any, BinaryIO

from docextract.core import DocumentError, Mail, Reason
from docextract.documents.containers.bounds import UNPACK_IT
from docextract.documents.containers.members import Entry

if TYPE_CHECKING:
    from oxmsg.properties import Properties
    from oxmsg.storage import Storage

_TOP, _EMBEDDED, _ATTACHMENT = 32, 24, 8
"""Bytes before the first property of a storage (MS-OXMSG 2.4)."""

_SUBJECT, _SENT_AT = 0x0037, 0x0039
_SENDER_NAME, _SENDER_ADDRESS, _SMTP_ADDRESS = 0x0C1A, 0x0C1F, 0x5D01
_FILE_NAME, _SHORT_NAME, _DATA = 0x3707, 0x3704, 0x3701
_CONTENT_ID = 0x3712
_MESSAGE_OBJECT = "__substg1.0_3701000D"
_MARK = "__properties_version1.0"
_MISFITS = (
    OSError,
    ValueError,
    TypeError,
    LookupError,
    AssertionError,
    AttributeError,
    RecursionError,
    struct.error,
)
"""What the readers raise on damaged files."""

_PRINT_IT = "Print it to PDF: soffice --headless --convert-to pdf FILE"


def outlook_entries(file: BinaryIO) -> Iterator[Entry]:
    """Yield the attachments of a saved mail, mails among them.

    Raises:
        DocumentError: ``unsupported``: it is another kind of file, or the package that reads
            it is not installed; ``corrupt``.
    """
    try:
        from olefile import OleFileIO
        from oxmsg.storage import Storage
    except ImportError as error:
        hint = 'pip install "docextract[msg]", or save the mail as .eml.'
        message = "Outlook's .msg files need python-oxmsg."
        raise DocumentError(Reason.UNSUPPORTED, message, hint=hint) from error
    try:
        with OleFileIO(file) as ole:
            if not ole.exists(_MARK):
                kind = "It is an Office file of old, no mail."
                raise DocumentError(Reason.UNSUPPORTED, kind, hint=_PRINT_IT)
            storage = Storage.from_ole(ole)
        yield from _entries(storage, _TOP)
    except _MISFITS as error:
        raise DocumentError(Reason.CORRUPT, "The mail is damaged.", hint=UNPACK_IT) from error


def _entries(storage: Storage, offset: int, prefix: str = "") -> Iterator[Entry]:
    """Yield what hangs on a mail, and on the mails that hang on it."""
    mail = _mail(_properties(storage, offset))
    for number, item in enumerate(storage.iter_attachment_storages(), 1):
        properties = _properties(item, _ATTACHMENT)
        inner = next((sub for sub in item.storages if sub.name == _MESSAGE_OBJECT), None)
        if inner is not None:
            yield from _entries(inner, _EMBEDDED, f"{prefix}mail-{number}/")
            continue
        name = _text(properties, _FILE_NAME) or _text(properties, _SHORT_NAME)
        is_inline = bool(_text(properties, _CONTENT_ID))
        read = partial(_content, properties)
        yield Entry(f"{prefix}{name or f'part-{number}'}", read, mail, is_inline)


def _properties(storage: Any, offset: int) -> Properties:
    from oxmsg.properties import Properties

    return Properties(storage, properties_header_offset=offset)


def _content(properties: Properties) -> bytes:
    try:
        return properties.binary_prop_value(_DATA) or b""
    except _MISFITS as error:
        raise DocumentError(Reason.CORRUPT, "It is damaged inside the mail.") from error


def _text(properties: Properties, number: int) -> str:
    return (properties.str_prop_value(number) or "").strip("\0 ")


def _mail(properties: Properties) -> Mail:
    name = _text(properties, _SENDER_NAME)
    address = _text(properties, _SMTP_ADDRESS) or _text(properties, _SENDER_ADDRESS)
    sender = f"{name} <{address}>" if name and address else name or address
    sent_at = properties.date_prop_value(_SENT_AT)
    date = "" if sent_at is None else sent_at.isoformat()
    return Mail(sender, _text(properties, _SUBJECT), date)
