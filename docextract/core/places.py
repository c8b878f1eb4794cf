"""What the name of an input or output says: whether it lies in storage, and how it is shown.

Knows nothing of how files or objects are found.
"""

from __future__ import annotations

import hashlib
import re
from urllib.parse import urlsplit

SCHEMES = ("s3", "gs", "az", "https")
_URI = re.compile(r"(s3|gs|az|https?)://", re.IGNORECASE)
_HASH_LENGTH = 8
_SIGNED = re.compile(r"(?i)(signature|sig|token|credential|key|secret|password)[^=&]*=")
"""Parts of a query that let somebody in; they change with every address that is given out."""


def is_uri(name: str) -> bool:
    """Return whether an input or output is named as storage is, such as ``s3://bucket/in``."""
    return _URI.match(name) is not None


def hint_for_path(path: str, hint: str) -> str:
    """Return what to do where there is no file: of an address, that it has to be fetched.

    Args:
        path: as a ``Path`` shows it, which makes one slash of two.
        hint: for all others.
    """
    is_address = is_uri(path.replace(":/", "://", 1))
    return "Storage is not looked into for this: fetch it first." if is_address else hint


def shown_uri(name: str) -> str:
    """Return a name as it may be told, logged and stored; of a path that is the path itself.

    Of an address on the web user, password, query and fragment may be secrets. A query that
    holds none still tells one document from another: it is shown as its hash.
    """
    if not is_uri(name) or not name.lower().startswith("http"):
        return _without_user(name) if is_uri(name) else name
    address, _, _ = name.partition("#")
    address, _, query = address.partition("?")
    address = _without_user(address)
    if not query or _SIGNED.search(query):
        return address
    return f"{address}?{hashlib.sha256(query.encode()).hexdigest()[:_HASH_LENGTH]}"


def uri_fault(name: str) -> tuple[str, str] | None:
    """Return what is wrong with an address and what to do; nothing of it that may be secret."""
    shown = shown_uri(name)
    if "@" in _authority(name):
        told = "Give keys by the environment; docs/storage.md names the variables."
        return f"{shown}: no user or password belongs into an address", told
    if not _authority(name):
        return f"{shown} names no bucket", "Try s3://BUCKET/FOLDER."
    if name.lower().startswith("http:") and not _is_this_machine(name):
        return f"{shown} would be read in the clear", "Give it as https://."
    return None


def _authority(name: str) -> str:
    return re.split(r"[/?#]", name.partition("://")[2], maxsplit=1)[0]


def _without_user(name: str) -> str:
    authority = _authority(name)
    return name.replace(authority, authority.rpartition("@")[2], 1) if "@" in authority else name


def _is_this_machine(name: str) -> bool:
    try:
        return urlsplit(name).hostname in ("localhost", "127.0.0.1", "::1")
    except ValueError:
        return False
