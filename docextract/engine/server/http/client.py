"""An OpenAI-compatible server's address and key, and the two things it is asked for.

Knows nothing of schemas, pages or answers, nor of how bytes travel.
"""

from __future__ import annotations

import ipaddress
import os
from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

from docextract.core import EngineError, OptionError, Patience
from docextract.engine.server.http.allowance import Allowance
from docextract.engine.server.http.retrying import ask_patiently
from docextract.engine.server.http.transport import Transport
from docextract.engine.server.http.verdict import KEY_VARIABLE, Verdict, refused, verdict_of

_LIST_BYTES = 2**24
"""Hosted services list thousands of models."""


class Client:
    """One server's address and connections; may be used by several threads.

    Attributes:
        url: of the server, up to and including ``/v1``, without user and password.
    """

    def __init__(self, url: str, num_connections: int, patience: Patience | None = None) -> None:
        """Open nothing yet.

        Args:
            url: such as ``http://localhost:8000/v1``.
            num_connections: used side by side.
            patience: how long one request may take.

        Raises:
            OptionError: that is no address, or the key cannot be sent.
        """
        self.url = _checked_url(url)
        self._patience = patience or Patience()
        self._key = os.environ.get(KEY_VARIABLE, "").strip()
        sign = _signing(self._key)
        # A proxy of the environment has no business with this machine's own server.
        self._transport = Transport(sign, num_connections, uses_proxies=not is_local(self.url))

    def allowance(self) -> Allowance:
        """Return the time that one question may take, from now on."""
        return Allowance(self._patience)

    def models(self, allowance: Allowance) -> list[str]:
        """Return the names of the models that are served; none where the server does not tell.

        Raises:
            SetupError: the server is not there, or wants a key.
        """
        try:
            found = self._request("GET", "models", None, allowance, _LIST_BYTES).get("data")
        except EngineError:
            return []
        rows = found if isinstance(found, list) else []
        names = [item.get("id") for item in rows if isinstance(item, dict)]
        return [name for name in names if isinstance(name, str)]

    def complete(
        self, body: dict[str, Any], allowance: Allowance, max_bytes: int
    ) -> dict[str, Any]:
        """Return the reply to one chat completion.

        Raises:
            EngineError: the server refused this request, failed on it, or took too long; or its
                reply is too large, or none.
            SetupError: the server is not there any more, stays too busy, or wants a key.
        """
        return self._request("POST", "chat/completions", body, allowance, max_bytes)

    def close(self) -> None:
        """Close all connections."""
        self._transport.close()

    def _request(
        self, method: str, path: str, body: Any, allowance: Allowance, max_bytes: int
    ) -> dict[str, Any]:
        url = f"{self.url}/{path}"
        verdict = ask_patiently(
            lambda: self._without_key(
                verdict_of(self._transport.send(method, url, body, allowance, max_bytes))
            ),
            self.url,
            allowance,
        )
        if verdict.tree is None:
            raise refused(self.url, verdict)
        return verdict.tree

    def _without_key(self, verdict: Verdict) -> Verdict:
        """Return what a refusal says without the key, which some servers say again."""
        if not self._key:
            return verdict
        return verdict._replace(told=verdict.told.replace(self._key, "(the key)"))


def _signing(key: str) -> Callable[[Any], Any]:
    # Checked here, as requests would show the key in its complaint.
    if not key.isascii() or not key.isprintable():
        hint = "Look for line breaks and letters with accents in it."
        raise OptionError(f"{KEY_VARIABLE} holds what no key can", hint)

    def sign(request: Any) -> Any:
        if key:
            request.headers["Authorization"] = f"Bearer {key}"
        return request

    return sign


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
    if parts.query or parts.fragment:
        # Left out of the message: people put keys there.
        raise OptionError(
            f"--url goes on behind its path: {parts.scheme}://{parts.netloc}{parts.path}",
            f"Leave out what follows; a key goes into the variable {KEY_VARIABLE}.",
        )
    path = parts.path if parts.path not in ("", "/") else "/v1"
    return f"{parts.scheme}://{parts.netloc}{path}"
