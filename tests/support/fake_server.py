"""An OpenAI-compatible server of this machine that answers as it is told, for tests."""

from __future__ import annotations

import base64
import io
import json
import ssl
import threading
from collections.abc import Callable
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from PIL import Image

from docextract.engine.server.requests.capabilities import PROBE

Told = tuple[int, dict[str, Any] | str]


def nothing(shape: dict[str, Any]) -> Any:
    """Return the emptiest value of a JSON Schema, or the only one it allows."""
    if shape.get("type") == "object":
        return {name: nothing(inner) for name, inner in shape["properties"].items()}
    if shape.get("type") == "array":
        return []
    return shape["enum"][0] if len(shape.get("enum", [])) == 1 else None


def completion(
    content: str | None, finish_reason: str = "stop", logprobs: list[dict[str, Any]] | None = None
) -> Told:
    """Return a chat completion."""
    choice = {
        "message": {"role": "assistant", "content": content},
        "finish_reason": finish_reason,
        "logprobs": None if logprobs is None else {"content": logprobs},
    }
    return 200, {"choices": [choice], "usage": {"prompt_tokens": 7, "completion_tokens": 3}}


def by_character(
    content: str, odds: Callable[[int], float] = lambda at: 0.0
) -> list[dict[str, Any]]:
    """Return a token for each character."""
    return [{"token": char, "logprob": odds(at)} for at, char in enumerate(content)]


class FakeServer:
    """What it is asked, and how it replies.

    Attributes:
        reply: returns the reply to a completion that is no probe; an obedient null answer at first.
        probe: the same for a probe.
        models: names it serves; None where it does not tell.
        is_constrained: whether it keeps to schemas, False to ignore them.
        has_odds: whether it tells log-probabilities.
        refuses: keys of a body that it answers with 400.
        bodies: completions it was asked for, probes included.
        headers: of the last request.
        is_gone: whether nobody answers any more.
    """

    def __init__(self) -> None:
        self.reply: Callable[[dict[str, Any]], Told] = self._obey
        self.probe: Callable[[dict[str, Any]], Told] = self._obey
        self.models: list[str] | None = ["tiny"]
        self.is_constrained = True
        self.has_odds = True
        self.refuses: tuple[str, ...] = ()
        self.bodies: list[dict[str, Any]] = []
        self.headers: dict[str, str] = {}
        self.url = ""
        self.is_gone = False

    @property
    def asked(self) -> list[dict[str, Any]]:
        """All completions but probes."""
        return [body for body in self.bodies if not is_probe(body)]

    def answer(self, body: dict[str, Any]) -> Told:
        self.bodies.append(body)
        for key in self.refuses:
            if key in body:
                return 400, f"{key} is not supported"
        return self.probe(body) if is_probe(body) else self.reply(body)

    def _obey(self, body: dict[str, Any]) -> Told:
        images_of(body)
        shape = body.get("response_format", {}).get("json_schema", {}).get("schema")
        content = "A white square."
        if shape and self.is_constrained:
            content = json.dumps(nothing(shape), separators=(",", ":"))
        has_odds = self.has_odds and body.get("logprobs")
        return completion(content, logprobs=by_character(content) if has_odds else None)


def is_probe(body: dict[str, Any]) -> bool:
    """Return whether a completion only asks what the server heeds."""
    return text_of(body) == PROBE


def images_of(body: dict[str, Any]) -> list[Image.Image]:
    """Return the images of a completion, which must be whole."""
    images = []
    for part in body["messages"][0]["content"]:
        if part["type"] == "image_url":
            data = part["image_url"]["url"].partition("base64,")[2]
            images.append(Image.open(io.BytesIO(base64.b64decode(data))).convert("RGB"))
    return images


def text_of(body: dict[str, Any]) -> str:
    """Return the text of a completion."""
    parts = body["messages"][0]["content"]
    return "\n".join(part["text"] for part in parts if part["type"] == "text")


@contextmanager
def serving(certificate: Path | None = None):
    """Yield a server that listens on this machine, with TLS if it has a certificate."""
    fake = FakeServer()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            models = None if fake.models is None else {"data": [{"id": m} for m in fake.models]}
            self._send(404, "no such page") if models is None else self._send(200, models)

        def do_POST(self) -> None:
            fake.headers = dict(self.headers)
            length = int(self.headers["Content-Length"])
            told = fake.answer(json.loads(self.rfile.read(length)))
            if fake.is_gone:
                self.close_connection = True
                server.socket.close()
            else:
                self._send(*told)

        def _send(self, code: int, said: dict[str, Any] | str) -> None:
            data = (said if isinstance(said, str) else json.dumps(said)).encode()
            self.send_response(code)
            if code in (301, 302, 307):
                self.send_header("Location", str(said))
            self.send_header("Content-Length", str(len(data)))
            self.end_headers()
            self.wfile.write(data)

        def log_message(self, *args: Any) -> None:
            """Say nothing."""

    class Quiet(ThreadingHTTPServer):
        def handle_error(self, *args: Any) -> None:
            """Say nothing of clients that left."""

    server = Quiet(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    if certificate is not None:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate)
        server.socket = context.wrap_socket(server.socket, server_side=True)
    thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    fake.url = f"http{'s' if certificate else ''}://127.0.0.1:{server.server_address[1]}/v1"
    try:
        yield fake
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
