"""Remembers the features of views seen lately, within so many bytes.

Knows nothing of models; tensors in, the same tensors out.
"""

from __future__ import annotations

import hashlib
from collections import OrderedDict
from collections.abc import Sequence
from threading import Lock
from typing import TYPE_CHECKING, NamedTuple

from docextract.core import Page
from docextract.engine.llava.vision.views import View

if TYPE_CHECKING:
    from torch import Tensor


class ViewKey(NamedTuple):
    """What a view shows: the hash of its page's pixels, and the plan."""

    page_hash: bytes
    view: View


def view_keys(page: Page, views: Sequence[View]) -> list[ViewKey]:
    """Return the keys of a page's views; equal pixels and plans have equal keys."""
    digest = hashlib.blake2b(str(page.size).encode(), digest_size=16)
    digest.update(page.image or b"")
    return [ViewKey(digest.digest(), view) for view in views]


class FeatureCache:
    """The features used last, oldest forgotten first. Safe to share between threads."""

    def __init__(self, max_bytes: int) -> None:
        """Hold at most ``max_bytes``; 0 remembers nothing."""
        self._max_bytes = max_bytes
        self._num_bytes = 0
        self._features: OrderedDict[ViewKey, Tensor] = OrderedDict()
        self._lock = Lock()

    @property
    def num_bytes(self) -> int:
        """Memory the remembered features take."""
        return self._num_bytes

    def get(self, key: ViewKey) -> Tensor | None:
        """Return what is remembered of a view, which then counts as used last."""
        with self._lock:
            if key in self._features:
                self._features.move_to_end(key)
            return self._features.get(key)

    def put(self, key: ViewKey, features: Tensor) -> None:
        """Remember a view's features; larger ones than the whole cache are let go."""
        if features.nbytes > self._max_bytes:
            return
        with self._lock:
            self._forget(key)
            self._features[key] = features
            self._num_bytes += features.nbytes
            while self._num_bytes > self._max_bytes:
                self._forget(next(iter(self._features)))

    def clear(self) -> None:
        """Forget everything."""
        with self._lock:
            self._features.clear()
            self._num_bytes = 0

    def _forget(self, key: ViewKey) -> None:
        features = self._features.pop(key, None)
        if features is not None:
            self._num_bytes -= features.nbytes
