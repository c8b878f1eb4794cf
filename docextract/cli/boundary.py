"""The edge of the process: where errors end, and its three streams, and what if one is gone.

Knows nothing of commands. An error is expected, interrupted, or a bug that leaves a log.
"""

from __future__ import annotations

import contextlib
import datetime as dt
import functools
import io
import os
import platform
import select
import sys
import tempfile
import traceback
from collections.abc import Callable, Mapping, Sequence
from itertools import pairwise
from typing import IO, ParamSpec, cast

import typer

from docextract.cli.output.formatting import show_path
from docextract.core import DocextractError, ExitCode, __version__

P = ParamSpec("P")


def boundary(command: Callable[P, ExitCode]) -> Callable[P, None]:
    """Make a command end with its exit code, whatever happens inside it."""

    @functools.wraps(command)
    def wrapped(*args: P.args, **kwargs: P.kwargs) -> None:
        is_json = kwargs.get("log_format") == "json"
        raise typer.Exit(int(_ended(functools.partial(command, *args, **kwargs), is_json)))

    return wrapped


def is_json_asked(arguments: Sequence[str], environment: Mapping[str, str]) -> bool:
    """Return whether errors are to be JSON, told before any option is read."""
    if "--log-format" in " ".join(arguments):
        pairs = [*pairwise(arguments), *(text.partition("=")[::2] for text in arguments)]
        return ("--log-format", "json") in pairs
    return environment.get("DOCEXTRACT_LOG_FORMAT") == "json"


def write_bug_log(text: str) -> str | None:
    """Write a bug's traceback and the versions for a report; return the file's path."""
    now = dt.datetime.now().astimezone().isoformat(timespec="seconds")
    about = (
        f"docextract {__version__}, Python {sys.version}\n{platform.platform()}\n{now}\n"
        f"command: {_command()}\n\n"
    )
    try:
        number, path = tempfile.mkstemp(prefix="docextract-", suffix=".log")
        with os.fdopen(number, "w", encoding="utf-8", errors="backslashreplace") as file:
            file.write(about + text)
    except OSError:
        return None
    return path


def complain(message: str, hint: str, code: ExitCode, is_json: bool = False) -> None:
    """Tell on stderr what went wrong and what to do."""
    stream = error_stream()
    if is_json:
        # Here, as the store brings SQLite with it and --help should not.
        from docextract.core import to_json

        row = {
            "time": dt.datetime.now(dt.UTC).isoformat(timespec="milliseconds"),
            "level": "error",
            "event": "error",
            "message": message,
            "hint": hint,
            "exit_code": int(code),
        }
        stream.write(to_json(row, is_ascii=True) + "\n")
    else:
        lines = "\n  ".join(show_path(line) for line in message.splitlines())
        stream.write(f"error: {lines}\n" + (f"hint: {show_path(hint)}\n" if hint else ""))
    stream.flush()


def _ended(call: Callable[[], ExitCode], is_json: bool) -> ExitCode:
    try:
        code = call()
        sys.stdout.flush()
    except DocextractError as error:
        code = error.exit_code
        complain(str(error), error.hint, code, is_json)
    except KeyboardInterrupt:
        code = ExitCode.INTERRUPTED
        complain("interrupted", "Run the same command again to go on.", code, is_json)
    except Exception as error:
        code = _unforeseen(error, is_json)
    return code


def _unforeseen(error: Exception, is_json: bool) -> ExitCode:
    if isinstance(error, BrokenPipeError) and is_reader_gone():
        silence(sys.stdout)
        return ExitCode.CLOSED_PIPE
    trace = "".join(traceback.format_exception(error))
    path = write_bug_log(trace)
    hint = f"Please report this with {path}" if path else trace
    complain(f"unexpected {type(error).__name__}: {error}", hint, ExitCode.UNEXPECTED, is_json)
    return ExitCode.UNEXPECTED


def _command() -> str:
    """Return the command without its options' values: one may be a password."""
    return " ".join(part.partition("=")[0] for part in sys.argv[1:] if part.startswith("-"))


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


def _devnull(mode: str) -> io.TextIOWrapper:
    return cast("io.TextIOWrapper", open(os.devnull, mode, encoding="utf-8"))  # noqa: PTH123
