"""A model hub on a loopback port: the four requests that the hub's client makes, no more."""

from __future__ import annotations

import contextlib
import hashlib
import http.server
import json
import threading
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import unquote, urlsplit

COMMIT = "0123456789abcdef0123456789abcdef01234567"


class Hub:
    """Serves the files of one folder as one repository, and remembers what was asked.

    Attributes:
        url: for HF_ENDPOINT.
        asked: method and path of each request.
    """

    def __init__(self, url: str, repository: str, folder: Path) -> None:
        self.url = url
        self.repository = repository
        self.folder = folder
        self.asked: list[str] = []

    def reply(self, path: str) -> tuple[int, dict[str, str], bytes]:
        """Return status, headers and body."""
        api = f"/api/models/{self.repository}"
        if path in (api, f"{api}/revision/main", f"{api}/revision/{COMMIT}"):
            return self._json({"id": self.repository, "sha": COMMIT, "siblings": self._files()})
        if path == f"{api}/tree/{COMMIT}":
            rows = [{"type": "file", "path": row["rfilename"], "size": row["size"],
                     "oid": row["blobId"]} for row in self._files()]  # fmt: skip
            return self._json(rows)
        prefix = f"/{self.repository}/resolve/{COMMIT}/"
        if path.startswith(prefix) and (self.folder / path.removeprefix(prefix)).is_file():
            body = (self.folder / path.removeprefix(prefix)).read_bytes()
            etag = hashlib.sha1(body, usedforsecurity=False).hexdigest()
            return 200, {"ETag": f'"{etag}"', "X-Repo-Commit": COMMIT}, body
        code = "RevisionNotFound" if path.startswith(api) else "RepoNotFound"
        return 404, {"X-Error-Code": code}, b"{}"

    def _files(self) -> list[dict[str, object]]:
        return [
            {
                "rfilename": path.name,
                "size": path.stat().st_size,
                "blobId": hashlib.sha1(path.read_bytes(), usedforsecurity=False).hexdigest(),
            }
            for path in sorted(self.folder.iterdir())
        ]

    @staticmethod
    def _json(tree: object) -> tuple[int, dict[str, str], bytes]:
        return 200, {"Content-Type": "application/json"}, json.dumps(tree).encode()


@contextlib.contextmanager
def serve(repository: str, folder: Path) -> Iterator[Hub]:
    """Serve ``folder`` as ``repository`` while the block runs."""

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            path = unquote(urlsplit(self.path).path)
            hub.asked.append(f"{self.command} {path}")
            status, headers, body = hub.reply(path)
            self.send_response(status)
            for name, value in {**headers, "Content-Length": str(len(body))}.items():
                self.send_header(name, value)
            self.end_headers()
            if self.command == "GET":
                self.wfile.write(body)

        do_HEAD = do_GET

        def log_message(self, *_: object) -> None:
            """Keep quiet."""

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    hub = Hub(f"http://127.0.0.1:{server.server_port}", repository, folder)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield hub
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
