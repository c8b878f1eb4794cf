"""Notes which of our calls libraries call deprecated, in warnings and in logs.

Knows nothing of any library. To blame is the caller the warning points at; a function that takes
any arguments at all is a wrapper (a decorator, torch's call of a module) and passes the blame on
to its own caller.
"""

from __future__ import annotations

import inspect
import logging
import re
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType
from typing import Any

_KINDS = (DeprecationWarning, PendingDeprecationWarning, FutureWarning)
_TELLS = re.compile(r"deprecat|will be removed|no longer be supported", re.IGNORECASE)
_WRAPPER = inspect.CO_VARARGS | inspect.CO_VARKEYWORDS


class Blame:
    """The calls of one project that libraries want written otherwise.

    Attributes:
        found: ``file:line: what the library says``, each once.
    """

    def __init__(self, root: Path) -> None:
        """Blame only what lies below a folder."""
        self._root = root
        self.found: list[str] = []

    @contextmanager
    def noting(self, *loggers: str) -> Iterator[None]:
        """Look at every warning meanwhile, and at what these loggers say of deprecations."""
        handler = _Handler(self)
        for name in loggers:
            logging.getLogger(name).addHandler(handler)
        with warnings.catch_warnings():
            warnings.simplefilter("always")
            warnings.showwarning = self._on_warning  # type: ignore[assignment]
            yield
        for name in loggers:
            logging.getLogger(name).removeHandler(handler)

    def _on_warning(
        self, message: Warning | str, category: type[Warning], filename: str, lineno: int, *_: Any
    ) -> None:
        if issubclass(category, _KINDS):
            for frame in _outward(inspect.currentframe()):
                if (frame.f_code.co_filename, frame.f_lineno) == (filename, lineno):
                    self._blame(frame, str(message))
                    break

    def on_log(self, record: logging.LogRecord) -> None:
        """Blame whoever called the function that logs of a deprecation."""
        if not _TELLS.search(record.getMessage()):
            return
        frames = _outward(inspect.currentframe())
        speaker = next(frame for frame in frames if not _is_logging(frame))
        if speaker.f_back is not None:
            self._blame(speaker.f_back, record.getMessage())

    def _blame(self, frame: FrameType, told: str) -> None:
        culprit = next((one for one in _outward(frame) if not _is_wrapper(one)), frame)
        path = Path(culprit.f_code.co_filename)
        if path.is_relative_to(self._root):
            where = f"{path.relative_to(self._root)}:{culprit.f_lineno}"
            line = f"{where}: {' '.join(told.split())}"
            if line not in self.found:
                self.found.append(line)


class _Handler(logging.Handler):
    """Gives records to a ``Blame``."""

    def __init__(self, blame: Blame) -> None:
        super().__init__()
        self._taker = blame

    def emit(self, record: logging.LogRecord) -> None:
        """Pass a record on."""
        self._taker.on_log(record)


def _outward(frame: FrameType | None) -> Iterator[FrameType]:
    while frame is not None:
        yield frame
        frame = frame.f_back


def _is_logging(frame: FrameType) -> bool:
    name = frame.f_code.co_filename
    return name == __file__ or "logging" in name


def _is_wrapper(frame: FrameType) -> bool:
    return frame.f_code.co_flags & _WRAPPER == _WRAPPER
