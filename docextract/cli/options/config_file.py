"""The option ``--config``: settings from a file, below flags and environment.

Knows nothing of what the settings mean.
"""

from __future__ import annotations

import datetime as dt
import os
import sys
import tomllib
from collections.abc import Collection, Iterable, Iterator
from difflib import get_close_matches
from pathlib import Path
from typing import Annotated, Any

import typer

from docextract.cli.options.shared_options import option
from docextract.cli.output import complain, is_json_asked
from docextract.core import OptionError

FILE_NAME = "docextract.toml"
PREFIX = "DOCEXTRACT_"
Setting = str | int | float | bool
_MIN_LIKENESS = 0.8
"""Of a variable's name to an option's: below it, it is taken for another program's."""


def find_settings(named: Path | None) -> Path | None:
    """Return the file to read: the one that was named, else the working folder's, else none."""
    if named is not None:
        return named
    path = Path(FILE_NAME)
    return path if path.is_file() else None


def read_settings(path: Path, known: Collection[str]) -> dict[str, Setting]:
    """Return the options a file sets, by their long name without dashes.

    Args:
        path: a TOML file; its keys are option names such as ``max-minutes``, its values
            what stands behind the option, or true for an option that takes nothing.
        known: all option names.

    Raises:
        OptionError: it cannot be read, is no TOML, or has an unknown key; no value of it is
            in the message, as one may be a password.
    """
    try:
        found = tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise OptionError(f"{path}: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise OptionError(f"{path} is no UTF-8 text") from error
    except tomllib.TOMLDecodeError as error:
        raise OptionError(f"{path} is no TOML: {error}") from error
    for key in found:
        if key not in known:
            raise OptionError(f"{path}: there is no option {key!r}{_guess(key, known)}")
    return {key: _setting(path, key, value) for key, value in found.items()}


def check_variables(names: Iterable[str], known: Collection[str]) -> None:
    """Check that no environment variable is a misspelt option.

    Args:
        names: of all variables.
        known: those of all options, such as ``DOCEXTRACT_MAX_MINUTES``.

    Raises:
        OptionError: one begins as those of docextract do and is nearly one of them.
    """
    options = [name.removeprefix(PREFIX) for name in known]
    for name in names:
        if not name.startswith(PREFIX) or name in known:
            continue
        near = get_close_matches(name.removeprefix(PREFIX), options, n=1, cutoff=_MIN_LIKENESS)
        if near:
            raise OptionError(f"{name} sets no option. Did you mean {PREFIX}{near[0]}?")


def _guess(key: str, known: Collection[str]) -> str:
    near = get_close_matches(key.lower().replace("_", "-"), known, n=1)
    return f". Did you mean {near[0]!r}?" if near else ""


def _setting(path: Path, key: str, value: Any) -> Setting:
    if isinstance(value, str | int | float):
        return value
    if isinstance(value, dt.time):
        # Unquoted, 06:30:00 is a time in TOML.
        return value.isoformat()
    if isinstance(value, dt.date):
        return value.isoformat()
    if isinstance(value, list) and all(isinstance(item, str) for item in value):
        return ",".join(value)
    raise OptionError(f"{path}: the value of {key!r} is no text, number, true or false")


def _load(context: typer.Context, named: Path | None) -> Path | None:
    """Put a file's settings below flags and environment; return the file, if there is one."""
    if context.resilient_parsing:
        return None
    path = find_settings(named)
    try:
        check_variables(os.environ, {str(item.envvar) for item in _options(context)})
        if path is not None:
            _apply(context, path)
    except OptionError as error:
        complain(str(error), error.hint, error.exit_code, is_json_asked(sys.argv, os.environ))
        raise typer.Exit(int(error.exit_code)) from error
    return path


Config = Annotated[
    Path | None,
    option(
        "--config",
        f"Settings as TOML, such as max-minutes = 300; ./{FILE_NAME} if not given.",
        exists=True,
        dir_okay=False,
        is_eager=True,
        callback=_load,
    ),
]


def _apply(context: typer.Context, path: Path) -> None:
    settings = read_settings(path, {_long_name(item) for item in _options(context)})
    # One file serves several commands; each takes what it knows.
    context.default_map = {
        str(item.name): settings[_long_name(item)]
        for item in context.command.params
        if _is_option(item) and _long_name(item) in settings
    }


def _options(context: typer.Context) -> Iterator[Any]:
    """Yield the options of all commands that read settings from a file."""
    group: Any = context.parent.command if context.parent else context.command
    for command in getattr(group, "commands", {"": group}).values():
        if any(item.name == "config" for item in command.params):
            yield from filter(_is_option, command.params)


def _is_option(item: Any) -> bool:
    # What has no variable is for the command line alone.
    is_option = item.param_type_name == "option" and item.name not in ("config", "help")
    return is_option and item.envvar is not None


def _long_name(item: Any) -> str:
    return next(str(text[2:]) for text in item.opts if text.startswith("--"))
