"""The three streams of the process, and what happens where one of them is gone.

Knows nothing of commands or of what is printed.
"""

from __future__ import annotations

import contextlib
import io
import os
import select
import sys
from typing import IO, cast

from docextract.cli.output.formatting import show_path


def prepare_streams() -> None:
    """Make sure that all three exist and that odd characters cannot stop a print.

    A process started without stdin, stdout or stderr would open its next file under that
    number, and whoever prints there would write into a database.
    """
    for number in range(3):
        try:
            os.fstat(number)
        except OSError:
            os.open(os.devnull, os.O_RDWR)
    sys.stdin = sys.stdin or _devnull("r")
    sys.stdout = sys.stdout or _devnull("w")
    sys.stderr = sys.stderr or _devnull("w")
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="backslashreplace")


def flush_stdout() -> bool:
    """Write out what is buffered; return whether its reader was still there."""
    try:
        sys.stdout.flush()
    except BrokenPipeError:
        silence(sys.stdout)
        return False
    return True


def is_reader_gone() -> bool:
    """Whether stdout is a pipe that nobody reads any more."""
    with contextlib.suppress(OSError):
        poll = select.poll()
        poll.register(sys.stdout.fileno(), 0)
        return any(event & (select.POLLERR | select.POLLHUP) for _, event in poll.poll(0))
    return False


def silence(stream: IO[str]) -> None:
    """Send what a stream still holds, and all that follows, to nowhere."""
    with contextlib.suppress(OSError):
        number = stream.fileno()
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, number)
        os.close(nowhere)


class ErrorStream(io.TextIOBase):
    """stderr that cannot stop a run: where nobody takes its text, the text is dropped."""

    def __init__(self) -> None:
        # A live display puts itself in the place of sys.stderr and writes to this.
        self._stream = sys.stderr

    def write(self, text: str) -> int:
        """Write text, or drop it."""
        try:
            return self._stream.write(text)
        except OSError:
            silence(self._stream)
            return len(text)

    def flush(self) -> None:
        """Pass on what is buffered, or drop it."""
        try:
            self._stream.flush()
        except OSError:
            silence(self._stream)

    def close(self) -> None:
        """Leave stderr as it is: Python closes what it collects, and stderr is not ours to flush.

        By then it may be closed itself, which Python reports from 3.13 on.
        """

    def isatty(self) -> bool:
        """Whether a person watches."""
        return self._stream.isatty()

    def fileno(self) -> int:
        """Return the file descriptor of stderr."""
        return self._stream.fileno()


def error_stream() -> IO[str]:
    """Return stderr, made safe to write to."""
    return cast("IO[str]", ErrorStream())


def tell(line: str) -> None:
    """Write a line for people to stderr; nothing in it acts on a terminal."""
    error_stream().write(f"{show_path(line)}\n")


def _devnull(mode: str) -> io.TextIOWrapper:
    return cast("io.TextIOWrapper", open(os.devnull, mode, encoding="utf-8"))  # noqa: PTH123
