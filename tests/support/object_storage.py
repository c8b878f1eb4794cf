"""Object storage on this machine: moto's server in the place of S3, with one bucket."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

KEY_ID = "AKIA" + "NOTAREALKEY00000"
SECRET = "not/a+real/" + "secret0123456789"
VARIABLES = (
    "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN", "AWS_REGION",
    "AWS_ENDPOINT_URL", "AWS_ALLOW_HTTP",
)  # fmt: skip


class Bucket:
    """One bucket of a server on this machine.

    Attributes:
        endpoint: its address.
        requests: method and path of each request that touched an object, in order.
    """

    name = "archive"

    def __init__(self, endpoint: str) -> None:
        import obstore
        from obstore.store import S3Store

        self.endpoint = endpoint
        self._api = obstore
        self._store: Any = S3Store(
            self.name,
            access_key_id=KEY_ID,
            secret_access_key=SECRET,
            region="us-east-1",
            endpoint=endpoint,
            client_options={"allow_http": True},
        )

    def put(self, key: str, data: bytes) -> None:
        self._api.put(self._store, key, data)

    def put_folder(self, prefix: str, folder: Path) -> None:
        for path in sorted(folder.rglob("*.*")):
            self.put(f"{prefix}/{path.relative_to(folder)}", path.read_bytes())

    def get(self, key: str) -> bytes:
        return bytes(self._api.get(self._store, key).bytes())

    def delete(self, key: str) -> None:
        self._api.delete(self._store, key)

    def all_keys(self) -> list[str]:
        return sorted(item["path"] for item in self._api.list(self._store).collect())


@contextmanager
def served_bucket() -> Iterator[Bucket]:
    """Yield an empty bucket of a server of its own, and let the environment name it."""
    server = pytest.importorskip("moto.server", reason="moto is not installed")
    pytest.importorskip("obstore", reason="obstore is not installed")
    import requests

    one = server.ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    one.start()
    host, port = one.get_host_and_port()
    endpoint = f"http://{host}:{port}"
    patch = pytest.MonkeyPatch()
    for name, value in zip(
        VARIABLES, (KEY_ID, SECRET, None, "us-east-1", endpoint, "true"), strict=True
    ):
        if value is None:
            patch.delenv(name, raising=False)
        else:
            patch.setenv(name, value)
    try:
        requests.post(f"{endpoint}/moto-api/reset", timeout=10)
        requests.put(f"{endpoint}/{Bucket.name}", timeout=10, headers=_signed(), data=b"")
        yield Bucket(endpoint)
    finally:
        patch.undo()
        one.stop()


def _signed() -> dict[str, str]:
    """Return what tells moto that a request is for S3; it checks no signature."""
    scope = f"{KEY_ID}/20260101/us-east-1/s3/aws4_request"
    return {
        "Authorization": f"AWS4-HMAC-SHA256 Credential={scope}, SignedHeaders=host, Signature=x"
    }


def files_below(folder: Path) -> dict[str, bytes]:
    """Return all files of a folder, hidden ones too."""
    return {
        os.fspath(path.relative_to(folder)): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }
