"""One HTTP request and its reply, bounded in time and in bytes.

Knows nothing of models, nor of what a status means. What libraries call a timeout is a bound on
silence: a server that sends one byte a second would never meet it.
"""

from __future__ import annotations

import os
import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from threading import Timer
from typing import Any, NamedTuple

import requests
from requests.adapters import HTTPAdapter
from urllib3 import HTTPConnectionPool, HTTPSConnectionPool, ProxyManager
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.exceptions import ProtocolError
from urllib3.response import HTTPResponse

from docextract.core import DeviceError, EngineError, Reason
from docextract.engine.server.http.allowance import Allowance

_CA_VARIABLES = ("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE")
_CONNECT_S = 10.0
_CHUNK_BYTES = 2**16
_MAX_REFUSAL_BYTES = 2**16
"""What a refusal says beyond is not read."""


class ConnectionLost(Exception):
    """No connection came about, or it ended before the reply did.

    Attributes:
        was_there: whether somebody was there at first.
    """

    def __init__(self, message: str, *, was_there: bool = False) -> None:
        super().__init__(message)
        self.was_there = was_there


class Reply(NamedTuple):
    """What came back.

    Attributes:
        status: of HTTP.
        data: the body, unpacked; of a refusal its beginning.
        retry_after: when to ask again, as the server wrote it.
    """

    status: int
    data: bytes
    retry_after: str | None = None


class Transport:
    """Connections to one server; may be used by several threads.

    Args:
        sign: puts a key onto a request.
        num_connections: used side by side.
        uses_proxies: whether those of the environment are used.
    """

    def __init__(
        self, sign: Callable[[Any], Any], num_connections: int, *, uses_proxies: bool
    ) -> None:
        self._session = requests.Session()
        self._session.trust_env = uses_proxies
        if not uses_proxies:
            # Which requests would look up only together with proxies.
            self._session.verify = next(filter(None, map(os.environ.get, _CA_VARIABLES)), True)
        self._session.headers["Accept-Encoding"] = "gzip"
        adapter = WatchedAdapter(pool_maxsize=num_connections)
        for scheme in ("http://", "https://"):
            self._session.mount(scheme, adapter)
        # Given even where there is no key: else requests would send what ~/.netrc holds.
        self._session.auth = sign

    def send(self, method: str, url: str, body: Any, allowance: Allowance, max_bytes: int) -> Reply:
        """Return the reply to one request.

        Raises:
            ConnectionLost: there is none, or half of it.
            EngineError: it took too long, or is too large.
            DeviceError: its certificate is not trusted, or it does not speak TLS at all.
        """
        left_s = allowance.left_s
        try:
            if left_s <= 0:
                raise ConnectionLost("no time is left")
            timeout = (min(_CONNECT_S, left_s), left_s)
            with self._session.request(
                method, url, json=body, timeout=timeout, allow_redirects=False, stream=True
            ) as reply:
                data = _read(reply, allowance, max_bytes)
                found = Reply(reply.status_code, data, reply.headers.get("Retry-After"))
        except requests.exceptions.ContentDecodingError as error:
            raise _damaged() from error
        except requests.exceptions.SSLError as error:
            raise _no_trust(url) from error
        except (requests.exceptions.RequestException, ConnectionLost) as error:
            _check_time(allowance, error)
            raise ConnectionLost(_cause(error), was_there=_was_there(error)) from error
        # A connection that was cut off looks like the end of a reply of unknown length.
        _check_time(allowance, None)
        return found

    def close(self) -> None:
        """Close all connections."""
        self._session.close()


def _read(reply: requests.Response, allowance: Allowance, max_bytes: int) -> bytes:
    data = bytearray()
    with _after(allowance.left_s, reply.raw.shutdown):
        for chunk in reply.iter_content(_CHUNK_BYTES):
            data += chunk
            if not reply.ok and len(data) >= _MAX_REFUSAL_BYTES:
                break
            if len(data) > max_bytes:
                raise _too_large(max_bytes)
    return bytes(data)


def _check_time(allowance: Allowance, error: Exception | None) -> None:
    if allowance.left_s <= 0:
        raise EngineError(
            Reason.ENGINE_UNAVAILABLE,
            f"the server gave no whole answer within {allowance.answer_s:g} s",
            hint="See the server's log for what keeps it; a higher --timeout waits longer.",
        ) from error


def _no_trust(url: str) -> DeviceError:
    return DeviceError(
        f"{url} answers, but not by a certificate that is trusted here",
        "Give its authority's certificate in REQUESTS_CA_BUNDLE=FILE, or http:// if it has none.",
    )


def _too_large(max_bytes: int) -> EngineError:
    return EngineError(
        Reason.INVALID_ANSWER,
        f"the server's reply has more than {max_bytes / 2**20:.1f} MiB",
        hint="Check --url, and what the server or a proxy before it sends; then --retry-failed.",
    )


def _damaged() -> EngineError:
    return EngineError(
        Reason.INVALID_ANSWER,
        "the server's reply cannot be unpacked",
        hint="Check what the server or a proxy before it does to replies; then --retry-failed.",
    )


@contextmanager
def _after(seconds: float | None, act: Callable[[], object]) -> Iterator[None]:
    """Act if what is done meanwhile takes longer."""

    def end() -> None:
        with suppress(OSError, RuntimeError, ValueError):
            act()

    timer = Timer(max(seconds or 0.0, 0.0), end)
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        timer.cancel()


@contextmanager
def _headers_within(connection: HTTPConnection) -> Iterator[None]:
    """Bound the time that the whole head of a reply may take: that of one silence."""
    sock, limit = connection.sock, connection.timeout
    if sock is None or not isinstance(limit, int | float):
        yield
        return
    with _after(limit, lambda: sock.shutdown(socket.SHUT_RDWR)):
        yield


class _Plain(HTTPConnection):
    def getresponse(self) -> HTTPResponse:  # type: ignore[override]
        with _headers_within(self):
            return super().getresponse()


class _Secure(HTTPSConnection):
    def getresponse(self) -> HTTPResponse:  # type: ignore[override]
        with _headers_within(self):
            return super().getresponse()


class _PlainPool(HTTPConnectionPool):
    ConnectionCls = _Plain


class _SecurePool(HTTPSConnectionPool):
    ConnectionCls = _Secure


class WatchedAdapter(HTTPAdapter):
    """Makes connections on which slow heads of replies end too."""

    def init_poolmanager(self, *args: Any, **options: Any) -> None:
        """Make the pools of connections."""
        super().init_poolmanager(*args, **options)
        _watch(self.poolmanager)

    def proxy_manager_for(self, proxy: Any, **options: Any) -> Any:
        """Return the pools of connections through a proxy."""
        manager = super().proxy_manager_for(proxy, **options)
        # That of SOCKS has connections of its own kind.
        if type(manager) is ProxyManager:
            _watch(manager)
        return manager


def _watch(manager: Any) -> None:
    manager.pool_classes_by_scheme = {"http": _PlainPool, "https": _SecurePool}


def _was_there(error: BaseException) -> bool:
    is_cut = isinstance(error, requests.exceptions.ChunkedEncodingError)
    return is_cut or any(isinstance(inner, ProtocolError) for inner in error.args)


def _cause(error: BaseException) -> str:
    """Return the innermost reason without memory addresses, which differ from run to run."""
    inner: Any = error
    while isinstance(getattr(inner, "reason", None), BaseException) or (
        inner.args and isinstance(inner.args[0], BaseException)
    ):
        reason = getattr(inner, "reason", None)
        inner = reason if isinstance(reason, BaseException) else inner.args[0]
    told = str(inner)
    return told.rpartition(": ")[2] or type(inner).__name__
