"""Serves the page to this machine alone: loopback, a token, and nothing a page of others can reach.

Knows nothing of records. What is refused: another Host (DNS rebinding), another Origin (requests
forged by other pages), no token (other users of the machine).
"""

from __future__ import annotations

import json
import secrets
import sys
import threading
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from importlib import resources
from typing import Any
from urllib.parse import unquote

from docextract.core import MISFITS, DocextractError, DocumentError, UnclearValueError, to_json
from docextract.review.page.answers import Answers

_LOOPBACK = "127.0.0.1"
_MAX_BODY_BYTES = 64 * 2**10
_IDLE_S = 60
_ASSETS = {
    "/": ("page.html", "text/html; charset=utf-8"),
    "/page.css": ("page.css", "text/css; charset=utf-8"),
    "/page.js": ("page.js", "text/javascript; charset=utf-8"),
}
_HEADERS = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src blob: data:;"
        " connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none';"
        " require-trusted-types-for 'script'; trusted-types 'none'"
    ),
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
}


@dataclass(frozen=True, slots=True)
class Guard:
    """What a request must carry.

    Attributes:
        port: that is served.
        token: known to who started the review alone.
    """

    port: int
    token: str

    def refusal(self, headers: Any, *, needs_token: bool) -> str:
        """Return why a request is refused; nothing where it is not."""
        hosts = {f"{name}:{self.port}" for name in (_LOOPBACK, "localhost")}
        if headers.get("Host") not in hosts:
            return "this page is served to its own machine alone"
        origin = headers.get("Origin")
        if origin is not None and origin not in {f"http://{host}" for host in hosts}:
            return "another page asked"
        if headers.get("Sec-Fetch-Site", "none") not in ("none", "same-origin"):
            return "another page asked"
        given = headers.get("X-Token", "").encode("utf-8", "surrogateescape")
        if needs_token and not secrets.compare_digest(given, self.token.encode()):
            return "the token is missing or another; open the address that the command printed"
        return ""


class ReviewServer:
    """The page and what it asks; use it as a context manager.

    Args:
        answers: to what the page asks.
        port: to serve on; 0 for a free one.

    Attributes:
        url: what to open; whoever has it can read and label the documents.
    """

    def __init__(self, answers: Answers, port: int = 0) -> None:
        self._answers = answers
        token = secrets.token_urlsafe(24)
        self._server = _Server((_LOOPBACK, port), _Handler)
        number = self._server.server_address[1]
        guard = Guard(number, token)
        self._server.RequestHandlerClass = partial(_Handler, answers, guard)
        self.url = f"http://{_LOOPBACK}:{number}/#{token}"

    def serve(self) -> None:
        """Serve until ``close``; the queue is filled meanwhile."""
        for work in (self._answers.look_through, self._answers.pictures.warm_up):
            threading.Thread(target=work, daemon=True).start()
        self._server.serve_forever(poll_interval=0.2)

    def close(self) -> None:
        """Stop serving."""
        self._server.shutdown()
        self._server.server_close()


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Tell of a bug; that a browser goes away is none, wherever it meets its thread."""
        if not isinstance(sys.exception(), ConnectionError | TimeoutError):
            super().handle_error(request, client_address)


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server_version = "docextract"
    sys_version = ""
    timeout = _IDLE_S

    def __init__(self, answers: Answers, guard: Guard, *args: Any) -> None:
        self._answers = answers
        self._guard = guard
        super().__init__(*args)

    def log_message(self, format: str, *args: Any) -> None:
        """Say nothing: addresses hold the hashes of documents."""

    def do_GET(self) -> None:
        """Answer the page itself, or what it asks."""
        if self.path in _ASSETS:
            self._guarded(self._asset, needs_token=False)
        else:
            self._guarded(self._look, needs_token=True)

    def do_POST(self) -> None:
        """Keep what a person did."""
        self._guarded(self._act, needs_token=True)

    def _guarded(self, answer: Callable[[], None], *, needs_token: bool) -> None:
        refusal = self._guard.refusal(self.headers, needs_token=needs_token)
        if refusal:
            self.close_connection = True
            self._json({"error": refusal}, HTTPStatus.FORBIDDEN)
            return
        try:
            answer()
        except UnclearValueError as error:
            tree = {"error": str(error), "hint": error.hint, "choices": list(error.choices)}
            self._json(tree, HTTPStatus.CONFLICT)
        except DocextractError as error:
            gone = isinstance(error, DocumentError)
            code = HTTPStatus.NOT_FOUND if gone else HTTPStatus.CONFLICT
            self._json({"error": str(error), "hint": error.hint}, code)
        except MISFITS:
            self._json({"error": "this is no question of the page"}, HTTPStatus.BAD_REQUEST)

    def _asset(self) -> None:
        name, media_type = _ASSETS[self.path]
        data = resources.files("docextract.review.page").joinpath(name).read_bytes()
        self._send(HTTPStatus.OK, data, media_type)

    def _look(self) -> None:
        match [unquote(part) for part in self.path.split("/")[1:]]:
            case ["api", "queue"]:
                self._json(self._answers.queue())
            case ["api", "sheet", sha256]:
                self._json(self._answers.sheet(sha256))
            case ["api", "words", sha256, number]:
                self._json(self._answers.words(sha256, int(number)))
            case ["api", "picture", sha256, number]:
                found = self._answers.picture(sha256, int(number))
                self._send(HTTPStatus.OK, found.data, "image/webp")
            case _:
                self._json({"error": "there is no such thing"}, HTTPStatus.NOT_FOUND)

    def _act(self) -> None:
        length = int(self.headers.get("Content-Length") or -1)
        is_json = self.headers.get("Content-Type", "") == "application/json"
        if not (0 <= length <= _MAX_BODY_BYTES and is_json):
            self.close_connection = True
            raise ValueError
        asked = json.loads(self.rfile.read(length))
        if self.path == "/api/say":
            self._json(self._answers.say(asked))
        elif self.path == "/api/undo":
            self._json(self._answers.undo(asked))
        else:
            self._json({"error": "there is no such thing"}, HTTPStatus.NOT_FOUND)

    def _json(self, tree: Any, code: HTTPStatus = HTTPStatus.OK) -> None:
        self._send(code, to_json(tree).encode(), "application/json")

    def _send(self, code: HTTPStatus, data: bytes, media_type: str) -> None:
        self.send_response(code)
        for name, value in _HEADERS.items():
            self.send_header(name, value)
        self.send_header("Content-Type", media_type)
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)
