"""Fetches a document from an http or https address, bounded in bytes and in time.

Knows nothing of documents. Nothing but the address that the caller gave is asked, and where it
redirects to; no key but the address's own goes with it.
"""

from __future__ import annotations

import logging
import time
from typing import Any, BinaryIO
from urllib.parse import urlsplit

import requests
from urllib3.exceptions import HTTPError, TimeoutError

from docextract.core import HINTS, DocumentError, Reason
from docextract.engine.server.http.transport import WatchedAdapter

_SCHEMES = ("http://", "https://")
_CONNECT_S = 10.0
_MAX_REDIRECTS = 5
_CHUNK_BYTES = 2**16
_BY_STATUS = {
    401: Reason.PERMISSION, 403: Reason.PERMISSION, 404: Reason.VANISHED, 410: Reason.VANISHED,
    408: Reason.TIMEOUT, 504: Reason.TIMEOUT, 413: Reason.TOO_LARGE,
}  # fmt: skip
_HINTS = {
    Reason.PERMISSION: "Fetch it with your own key, and give its bytes.",
    Reason.VANISHED: "Check the address.",
    Reason.TIMEOUT: "Try again, or fetch it another way and give its bytes.",
    Reason.READ_ERROR: "Check the address and the network, then try again.",
}
_log = logging.getLogger("docextract")


def fetch(url: str, into: BinaryIO, *, max_bytes: int, timeout_s: float) -> None:
    """Write what stands at an address into a file.

    Args:
        url: of http or https.
        into: takes the bytes as they are, unpacked by nobody.
        max_bytes: more is refused.
        timeout_s: for all of it, redirects too.

    Raises:
        DocumentError: it is not there, too large, or too slow.
    """
    shown = show_url(url)
    _log.info("fetching %s", shown)
    until_s = time.monotonic() + timeout_s
    try:
        with _session(url) as session, _opened(session, url, timeout_s) as reply:
            for chunk in iter(lambda: reply.raw.read1(_CHUNK_BYTES), b""):
                into.write(chunk)
                if into.tell() > max_bytes:
                    raise _failure(Reason.TOO_LARGE, shown, f"has over {max_bytes} bytes")
                # A server that sends one byte a second is never silent for long.
                if time.monotonic() > until_s:
                    raise _slow(shown, timeout_s)
    except (requests.exceptions.Timeout, TimeoutError) as error:
        raise _slow(shown, timeout_s) from error
    except (requests.exceptions.RequestException, HTTPError) as error:
        raise _failure(Reason.READ_ERROR, shown, f"cannot be fetched: {_told(error)}") from error


def show_url(url: str) -> str:
    """Return an address as records and messages may hold it: without passwords and signatures."""
    parts = urlsplit(url)
    host = parts.netloc.rpartition("@")[2]
    return f"{parts.scheme}://{host}{parts.path}" + ("?…" if parts.query else "")


class _Session(requests.Session):
    """Sends a key to the host alone that it was given for."""

    def rebuild_auth(self, prepared_request: Any, response: requests.Response) -> None:
        """Take the key off a request that leads elsewhere; nothing is looked up for it."""
        before, after = urlsplit(response.request.url or ""), urlsplit(prepared_request.url or "")
        if (before.scheme, before.netloc) != (after.scheme, after.netloc):
            prepared_request.headers.pop("Authorization", None)


def _session(url: str) -> requests.Session:
    session = _Session()
    session.max_redirects = _MAX_REDIRECTS
    if not urlsplit(url).username:
        # Else requests would send what ~/.netrc holds.
        session.auth = lambda request: request
    session.headers["Accept-Encoding"] = "identity"
    for scheme in _SCHEMES:
        session.mount(scheme, WatchedAdapter())
    return session


def _opened(session: requests.Session, url: str, timeout_s: float) -> requests.Response:
    reply = session.get(url, stream=True, timeout=(min(_CONNECT_S, timeout_s), timeout_s))
    if not reply.ok:
        reply.close()
        reason = _BY_STATUS.get(reply.status_code, Reason.READ_ERROR)
        raise _failure(reason, show_url(url), f"answered {reply.status_code} {reply.reason}")
    return reply


def _slow(url: str, timeout_s: float) -> DocumentError:
    return _failure(Reason.TIMEOUT, url, f"was not fetched within {timeout_s:g} s")


def _failure(reason: Reason, url: str, told: str) -> DocumentError:
    return DocumentError(reason, f"{url} {told}.", hint=_HINTS.get(reason, HINTS[reason]))


def _told(error: Exception) -> str:
    """Return the innermost words of an error without memory addresses."""
    return str(error).rpartition(": ")[2].strip("')\" ") or type(error).__name__
