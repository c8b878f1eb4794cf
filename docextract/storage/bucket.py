"""Speaks to one bucket: lists, fetches, puts; the only module that imports obstore.

Knows nothing of documents. What obstore says in its errors may hold addresses and keys, so
nothing of its words is passed on: only which kind of trouble it is.
"""

from __future__ import annotations

import datetime as dt
import os
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import Any

from docextract.core import DocumentError, MissingDependencyError, Reason, RemoteError, shown_uri

_CHUNK_BYTES = 1 << 20
_LISTED_AT_ONCE = 1000
"""As many as S3 gives in one request."""

_RETRIES = {"max_retries": 4, "retry_timeout": dt.timedelta(seconds=60)}
_CLIENT = {"connect_timeout": "10s", "timeout": "300s"}
_PREFIXES = {"s3": "AWS", "gs": "GOOGLE", "az": "AZURE"}
_KEYS_HINT = "Give keys by the environment; docs/storage.md names the variables."
_HTTP_HINT = "Set AWS_ALLOW_HTTP=true (or AZURE_, GOOGLE_) for an endpoint without TLS."


@dataclass(frozen=True, slots=True)
class Listed:
    """One object as it was listed.

    Attributes:
        key: in its bucket; empty for a document on the web.
        version: what changes when it is replaced: its ETag, else when it was last written.
        num_bytes: its size.
        etag: to be asked for when it is fetched; None where there is none.
    """

    key: str
    version: str
    num_bytes: int
    etag: str | None = None


class Bucket:
    """A bucket or container, or a document on the web.

    Args:
        root: such as ``s3://bucket``, or all of an address on the web.

    Raises:
        MissingDependencyError: obstore is not installed.
        RemoteError: what the environment says of it makes no sense.
    """

    def __init__(self, root: str) -> None:
        self._shown = shown_uri(root)
        self._api = _obstore()
        with self._whole():
            self._store = self._opened(root)

    def _opened(self, root: str) -> Any:
        scheme = root.partition("://")[0].lower()
        stores: Any = import_module("obstore.store")
        options = _CLIENT | {"allow_http": scheme == "http" or _is_http_allowed(scheme)}
        opened = stores.HTTPStore.from_url if scheme[:4] == "http" else stores.from_url
        return opened(root, client_options=options, retry_config=_RETRIES)

    def listed(self, folder: str) -> Iterator[Listed]:
        """Yield every object below a folder, sorted by key as far as the storage sorts.

        Raises:
            RemoteError: it does not answer, is not there, or may not be listed.
        """
        with self._whole():
            for some in self._api.list(
                self._store, prefix=folder or None, chunk_size=_LISTED_AT_ONCE
            ):
                yield from map(_listed, some)

    def head(self, key: str) -> Listed | None:
        """Return one object, or None where there is none of that key.

        Raises:
            RemoteError: the storage does not answer or lets nobody in.
        """
        with self._whole():
            try:
                return _listed(self._meta(key))
            except FileNotFoundError:
                return None

    def _meta(self, key: str) -> Any:
        refusals = self._api.exceptions
        try:
            return self._api.head(self._store, key)
        except (refusals.PermissionDeniedError, refusals.UnauthenticatedError):
            # What an address on the web was signed for is to get, and that alone.
            return self._api.get(self._store, key, options={"range": (0, 1)}).meta

    def fetch(self, item: Listed, path: Path, is_over: Callable[[], bool] = lambda: False) -> None:
        """Write an object into a new file, if it is still the one that was listed.

        Args:
            item: as it was listed.
            path: of the file.
            is_over: asked now and then whether nobody waits for it any more.

        Raises:
            DocumentError: ``changed``, ``vanished``, ``permission``, ``read_error`` or
                ``interrupted``.
            OSError: the disk is full.
        """
        with self._one():
            asked = {"if_match": item.etag} if item.etag else None
            got = self._api.get(self._store, item.key, options=asked)
            chunks = got.stream(min_chunk_size=_CHUNK_BYTES)
            found = _listed(got.meta)
        if (found.version, found.num_bytes) != (item.version, item.num_bytes):
            raise _changed()
        with path.open("xb") as file:
            while True:
                with self._one():
                    chunk = next(chunks, None)
                if chunk is None:
                    break
                file.write(chunk)
                if is_over():
                    raise DocumentError(Reason.INTERRUPTED, "The run ended while it was fetched.")
            if file.tell() != item.num_bytes:
                raise _changed()

    def put(self, key: str, path: Path, *, is_new: bool) -> bool:
        """Put a file there as a whole; return False where it must be new and is not.

        Raises:
            RemoteError: the storage does not answer or does not take it.
        """
        with self._whole():
            try:
                mode = {"mode": "create", "use_multipart": False} if is_new else {}
                self._api.put(self._store, key, path, **mode)
            except self._api.exceptions.AlreadyExistsError:
                return False
            return True

    @contextmanager
    def _whole(self) -> Iterator[None]:
        """Turn trouble with the storage into an error that ends a run."""
        try:
            yield
        except (self._api.exceptions.BaseError, OSError, ValueError) as error:
            _, told, hint = _trouble(error)
            raise RemoteError(f"{self._shown}: {told}", hint) from None

    @contextmanager
    def _one(self) -> Iterator[None]:
        """Turn trouble with one object into an error of its document."""
        try:
            yield
        except (self._api.exceptions.BaseError, OSError) as error:
            reason, told, hint = _trouble(error)
            told = told[0].upper() + told[1:]
            raise DocumentError(reason, f"{told}.", hint=hint) from None


def _is_http_allowed(scheme: str) -> bool:
    # Where options are given, obstore does not look at the variable itself.
    variable = f"{_PREFIXES.get(scheme, '')}_ALLOW_HTTP"
    return os.environ.get(variable, "").lower() in ("true", "1")


def _obstore() -> Any:
    try:
        obstore = import_module("obstore")
        import_module("obstore.exceptions")
    except ImportError as error:
        raise MissingDependencyError(
            "storage needs the package obstore", 'Install it: pip install "docextract[storage]"'
        ) from error
    return obstore


def _listed(found: Any) -> Listed:
    # Azure lists ETags without the marks that it sends them in.
    tag = (found["e_tag"] or "").strip('"')
    # A weak one never matches where a document is asked for by it (RFC 9110, 13.1.1).
    asked = f'"{tag}"' if tag and not tag.startswith("W/") else None
    return Listed(found["path"], tag or found["last_modified"].isoformat(), found["size"], asked)


def _changed() -> DocumentError:
    return DocumentError(Reason.CHANGED, "The object was replaced after it was listed.")


_BY_CLASS = {
    "NotFoundError": (Reason.VANISHED, "there is no such object", None),
    "FileNotFoundError": (Reason.VANISHED, "there is no such object", None),
    "PreconditionError": (Reason.CHANGED, "the object was replaced after it was listed", None),
    "PermissionDeniedError": (Reason.PERMISSION, "the storage refuses access", _KEYS_HINT),
    "UnauthenticatedError": (Reason.PERMISSION, "the storage refuses the keys", _KEYS_HINT),
}
_NO_KEYS = r"Missing|[Cc]redential|token request|TokenRequest|[Aa]ccount must"
_BY_WORDS = (
    (_NO_KEYS, Reason.PERMISSION, "there are no keys for it", _KEYS_HINT),
    (r"status code: 40[13]", Reason.PERMISSION, "the storage refuses access", _KEYS_HINT),
    (r"status code: 404", Reason.VANISHED, "there is no such place", "Check the name."),
    (r"builder error|scheme", Reason.READ_ERROR, "its endpoint is not encrypted", _HTTP_HINT),
    (r"kind: Connect", Reason.READ_ERROR, "it does not answer: no connection", None),
    (r"kind: Timeout|timed out", Reason.READ_ERROR, "it did not answer in time", None),
)
_STATUS = re.compile(r"status code: (\d{3})")


def _trouble(error: Exception) -> tuple[Reason, str, str | None]:
    """Return why storage failed, in our words alone, and what to do."""
    by_class = _BY_CLASS.get(type(error).__name__)
    if by_class is not None:
        return by_class
    text = str(error)
    for words, reason, told, hint in _BY_WORDS:
        if re.search(words, text):
            return reason, told, hint
    status = _STATUS.search(text)
    told = f"it answers with an error (HTTP {status[1]})" if status else "it fails"
    return Reason.READ_ERROR, told, None
