"""The option ``--config``: settings from a file, below flags and environment.

Knows nothing of what the settings mean.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any

import typer

from docextract.cli.boundary import complain, is_json_asked
from docextract.cli.options import option
from docextract.errors import OptionError
from docextract.settings import FILE_NAME, check_variables, find_settings, read_settings


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
