"""What an address in storage means: a bucket, and an object, a folder or a pattern in it.

Knows nothing of how storage is spoken to.
"""

from __future__ import annotations

import posixpath
from dataclasses import dataclass

from docextract.core import check_uri, shown_uri

_MAGIC = "*"
"""The one sign of patterns: ``?`` and ``[`` are common in keys."""


@dataclass(frozen=True, slots=True)
class Address:
    """A place in storage.

    Attributes:
        root: the bucket or container, such as ``s3://bucket``; of a document on the web all of
            its address, which may hold secrets.
        key: what is named in it, without a slash at its ends; empty for all of it.
    """

    root: str
    key: str = ""

    @classmethod
    def parse(cls, name: str) -> Address:
        """Return what an address means; keys are taken as they stand, nothing is decoded.

        Raises:
            OptionError: it is none.
        """
        scheme, _, rest = check_uri(name).partition("://")
        if scheme.lower() in ("http", "https"):
            return cls(name)
        bucket, _, key = rest.partition("/")
        return cls(f"{scheme.lower()}://{bucket}", key.strip("/"))

    @property
    def is_page(self) -> bool:
        """Whether it is one document on the web, where nothing can be listed."""
        return self.root[:4].lower() == "http"

    @property
    def is_pattern(self) -> bool:
        """Whether it holds ``*`` or ``**``."""
        return _MAGIC in self.key

    @property
    def folder(self) -> str:
        """The key below which everything it names lies."""
        parts = self.key.split("/")
        first = next((i for i, part in enumerate(parts) if _MAGIC in part), len(parts))
        return "/".join(parts[:first])

    def shown(self, key: str) -> str:
        """Return the address of an object of the same bucket, without secrets."""
        return shown_uri(self.root) if self.is_page else f"{self.root}/{key}"

    def relative(self, key: str) -> str:
        """Return where an object lies below the folder."""
        if self.is_page:
            return posixpath.basename(shown_uri(self.root).partition("?")[0])
        return posixpath.basename(key) if key == self.folder else key[len(self.folder) :].strip("/")
