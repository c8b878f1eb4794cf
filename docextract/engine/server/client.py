"""Speaks HTTP with an OpenAI-compatible server, and says what its refusals mean.

Knows nothing of schemas, pages or answers. Requests that may succeed later are repeated by
urllib3, which heeds what the server says about when.
"""

from __future__ import annotations

import ipaddress
import os
from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

from docextract.errors import DeviceError, EngineError, OptionError, Reason, SetupError

KEY_VARIABLE = "DOCEXTRACT_API_KEY"
"""Never an option: command lines are seen by all users of a machine."""

_NUM_RETRIES = 6
_NUM_CONNECTS = 2
_BACKOFF_S = 1.0
"""Before the second retry twice as long, then doubled each time: a minute in all."""
_TOO_BUSY = (408, 429, 502, 503, 504)
"""Not 500: some servers say so of one question, whenever it is asked."""
_CONNECT_S, _ANSWER_S = 10.0, 600.0
_MAX_TOLD = 300


class Client:
    """One server's address and connections; may be used by several threads.

    Attributes:
        url: of the server, up to and including ``/v1``, without user and password.
    """

    def __init__(self, url: str, num_connections: int) -> None:
        """Open nothing yet.

        Args:
            url: such as ``http://localhost:8000/v1``.
            num_connections: used side by side.

        Raises:
            OptionError: that is no address, or the key cannot be sent.
        """
        import requests
        from requests.adapters import HTTPAdapter

        self.url = _checked_url(url)
        self._session = requests.Session()
        # A proxy of the environment has no business with this machine's own server.
        self._session.trust_env = not is_local(self.url)
        adapter = HTTPAdapter(pool_maxsize=num_connections, max_retries=_retry())
        for scheme in ("http://", "https://"):
            self._session.mount(scheme, adapter)
        # Given even where there is no key: else requests would send what ~/.netrc holds.
        self._session.auth = _signing(os.environ.get(KEY_VARIABLE, "").strip())

    def models(self) -> list[str]:
        """Return the names of the models that are served; none where the server does not tell.

        Raises:
            SetupError: the server is not there, or wants a key.
        """
        try:
            found = self._request("GET", "models", None).get("data")
        except EngineError:
            return []
        names = [item.get("id") for item in found or [] if isinstance(item, dict)]
        return [name for name in names if isinstance(name, str)]

    def complete(self, body: dict[str, Any]) -> dict[str, Any]:
        """Return the reply to one chat completion.

        Raises:
            EngineError: the server refused this request, failed on it, or took too long.
            SetupError: the server is not there any more, stays too busy, or wants a key.
        """
        return self._request("POST", "chat/completions", body)

    def close(self) -> None:
        """Close all connections."""
        self._session.close()

    def _request(self, method: str, path: str, body: dict[str, Any] | None) -> dict[str, Any]:
        import requests

        try:
            reply = self._session.request(
                method,
                f"{self.url}/{path}",
                json=body,
                timeout=(_CONNECT_S, _ANSWER_S),
                allow_redirects=False,
            )
        except requests.exceptions.ReadTimeout as error:
            message = f"the server gave no answer within {_ANSWER_S:.0f} s"
            raise EngineError(Reason.TIMEOUT, message) from error
        except requests.exceptions.RequestException as error:
            raise DeviceError(
                f"no server answers at {self.url}: {_cause(error)}",
                "Start it, or correct --url. The same command goes on where this run ended.",
            ) from error
        if reply.status_code in (401, 403):
            raise SetupError(
                f"{self.url} wants another key ({reply.status_code})",
                f"Put it into the environment variable {KEY_VARIABLE}.",
            )
        if reply.status_code in _TOO_BUSY:
            raise DeviceError(
                f"{self.url} still answers {reply.status_code} after {_NUM_RETRIES} retries",
                "Ask again when it is less busy; the same command goes on where this run ended.",
            )
        if not reply.ok or reply.is_redirect:
            raise EngineError(*_refusal(reply))
        return _json_of(reply)


def _signing(key: str) -> Callable[[Any], Any]:
    # Checked here, as requests would show the key in its complaint.
    if not key.isascii() or not key.isprintable():
        raise OptionError(f"{KEY_VARIABLE} holds what no key can", "Look for line breaks in it.")

    def sign(request: Any) -> Any:
        if key:
            request.headers["Authorization"] = f"Bearer {key}"
        return request

    return sign


def _retry() -> Any:
    from urllib3.exceptions import ReadTimeoutError
    from urllib3.util import Retry

    class Patient(Retry):
        """Asks again, but not what took the longest time allowed."""

        def increment(
            self,
            method: str | None = None,
            url: str | None = None,
            response: Any = None,
            error: Exception | None = None,
            *more: Any,
            **options: Any,
        ) -> Patient:
            if isinstance(error, ReadTimeoutError):
                raise error
            return super().increment(method, url, response, error, *more, **options)

    return Patient(
        total=_NUM_RETRIES,
        connect=_NUM_CONNECTS,
        backoff_factor=_BACKOFF_S,
        status_forcelist=_TOO_BUSY,
        allowed_methods=None,
        raise_on_status=False,
    )


def is_local(url: str) -> bool:
    """Return whether an address is on this machine, so that pages do not leave it."""
    host = urlsplit(url).hostname or ""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _checked_url(url: str) -> str:
    wrong = OptionError(
        f"--url {url} is no address of a server", "Such as http://localhost:8000/v1."
    )
    try:
        parts = urlsplit(url.rstrip("/"))
        _ = parts.port
    except ValueError as error:
        raise wrong from error
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise wrong
    if parts.username or parts.password:
        raise OptionError(
            "--url holds a user or a password", f"Put a key into the variable {KEY_VARIABLE}."
        )
    path = parts.path if parts.path not in ("", "/") else "/v1"
    return f"{parts.scheme}://{parts.netloc}{path}"


def _json_of(reply: Any) -> dict[str, Any]:
    try:
        found = reply.json()
    except ValueError as error:
        raise EngineError(Reason.INVALID_ANSWER, "the server's reply is no JSON") from error
    if not isinstance(found, dict):
        raise EngineError(Reason.INVALID_ANSWER, "the server's reply is no JSON object")
    return found


def _refusal(reply: Any) -> tuple[Reason, str]:
    told = " ".join(reply.text.split())[:_MAX_TOLD]
    is_size = reply.status_code == 413 or "context length" in told or "maximum context" in told
    reason = Reason.TOO_LARGE if is_size else Reason.ENGINE_FAILED
    return reason, f"the server answered {reply.status_code}: {told}"


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
