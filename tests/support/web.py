"""A web server of this machine that gives files, sends elsewhere, or is slow, for tests."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

Served = bytes | str | list[bytes]
"""A file, the address of another, or pieces that come one every 50 ms."""


@contextmanager
def serving(pages: Mapping[str, Served]) -> Iterator[tuple[str, list[tuple[str, dict[str, str]]]]]:
    """Give the server's address and, by and by, what it was asked: paths and headers."""
    asked: list[tuple[str, dict[str, str]]] = []
    ended = threading.Event()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.append((self.path, dict(self.headers)))
            page = pages.get(self.path.partition("?")[0])
            if page is None:
                self.send_error(404)
                return
            self.send_response(302 if isinstance(page, str) else 200)
            if isinstance(page, str):
                self.send_header("Location", page)
            self.end_headers()
            if not isinstance(page, str):
                with suppress(ConnectionError):
                    self.send(page)

        def send(self, page: bytes | list[bytes]) -> None:
            for piece in [page] if isinstance(page, bytes) else page:
                self.wfile.write(piece)
                if isinstance(page, list) and ended.wait(0.05):
                    return

        def log_message(self, *_args: object) -> None:
            """Say nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}", asked
        finally:
            ended.set()
            server.shutdown()
            thread.join()
