"""The boundary of the process, where every error ends as a message and an exit code.

Knows nothing of commands. An error is expected, interrupted, or a bug that leaves a log.
"""

from __future__ import annotations

import datetime as dt
import functools
import os
import platform
import sys
import tempfile
import traceback
from collections.abc import Callable, Mapping, Sequence
from itertools import pairwise
from typing import ParamSpec

import typer

from docextract.cli.output.formatting import show_path
from docextract.cli.output.streams import error_stream, is_reader_gone, silence
from docextract.core import (
    DocextractError,
    ExitCode,
    UsageError,
    __version__,
    check_working_folder,
)

P = ParamSpec("P")


def boundary(command: Callable[P, ExitCode]) -> Callable[P, None]:
    """Make a command end with its exit code, whatever happens inside it."""
    name = command.__module__.rpartition(".")[2]

    @functools.wraps(command)
    def wrapped(*args: P.args, **kwargs: P.kwargs) -> None:
        is_json = kwargs.get("log_format") == "json"
        raise typer.Exit(int(_ended(functools.partial(command, *args, **kwargs), name, is_json)))

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


def hint_of(error: DocextractError, command: str) -> str:
    """Return what to do: what the error says, or where a command's options are told of."""
    is_plain = error.hint == UsageError.hint
    return f"See docextract {command} --help." if is_plain else error.hint


def complain(message: str, hint: str, code: ExitCode, is_json: bool = False) -> None:
    """Tell on stderr what went wrong and what to do."""
    more = {"hint": hint, "exit_code": int(code)}
    _tell("error", message, hint, more if is_json else None)


def warn(message: str, hint: str, is_json: bool = False) -> None:
    """Tell on stderr what a person should know, though all goes on."""
    _tell("warning", message, hint, {"hint": hint} if is_json else None)


def settled(found: tuple[str, str]) -> str:
    """Return what was settled on, once it is told what was passed over for it.

    Args:
        found: both, such as ``trusted_spec`` returns them; the second is empty where nothing was.
    """
    choice, passed_over = found
    if passed_over:
        warn(passed_over, "")
    return choice


def _tell(level: str, message: str, hint: str, more: dict[str, object] | None) -> None:
    """Write a message, as JSON where there is more to say in it."""
    stream = error_stream()
    if more is not None:
        # Here, as the store brings SQLite with it and --help should not.
        from docextract.core import to_json

        row = {
            "time": dt.datetime.now(dt.UTC).isoformat(timespec="milliseconds"),
            "level": level,
            "event": level,
            "message": message,
        }
        stream.write(to_json(row | more, is_ascii=True) + "\n")
    else:
        lines = "\n  ".join(show_path(line) for line in message.splitlines())
        stream.write(f"{level}: {lines}\n" + (f"hint: {show_path(hint)}\n" if hint else ""))
    stream.flush()


def _ended(call: Callable[[], ExitCode], name: str, is_json: bool) -> ExitCode:
    try:
        check_working_folder()
        code = call()
        sys.stdout.flush()
    except DocextractError as error:
        code = error.exit_code
        complain(str(error), hint_of(error, name), code, is_json)
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
