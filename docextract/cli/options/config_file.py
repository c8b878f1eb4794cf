"""The option ``--config``: settings from a file, below flags and environment.

Knows nothing of what the settings mean.
"""

from __future__ import annotations

import datetime as dt
import os
import re
import sys
import tomllib
from collections.abc import Collection, Iterable, Iterator, Mapping
from difflib import get_close_matches
from pathlib import Path
from typing import Annotated, Any

import typer
from typer.core import TyperCommand

from docextract.cli.options.shared_options import option
from docextract.cli.output import complain, hint_of, is_json_asked, warn
from docextract.core import OptionError
from docextract.schema.sources.trust import why_untrusted

FILE_NAME = "docextract.toml"
PREFIX = "DOCEXTRACT_"
Setting = str | int | float | bool
_MODULE = re.compile(r"\w+(\.\w+)+:\w+")
_MIN_LIKENESS = 0.8
"""Of a variable's name to an option's: below it, it is taken for another program's."""


_GIVEN = "docextract.given"
_TRUST = "trusts_here"
_YES = {"1", "true", "t", "yes", "y", "on"}
_REACHING = {
    "url": "sends pages to a server",
    "metrics": "overwrites a file",
    "answers": "takes answers from a file",
    "adapter": "loads weights",
}
"""What settings can do beyond reading documents, by the option that does it."""


class ReadingCommand(TyperCommand):
    """A command whose settings depend on its inputs, which stand behind them."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Note what the command line says before any of it is understood."""
        given, _, _ = self.make_parser(ctx).parse_args(args=list(args))
        ctx.meta[_GIVEN] = given
        return super().parse_args(ctx, args)


def find_settings(
    named: Path | None, inputs: Iterable[str] = (), *, is_trusted: bool = False
) -> tuple[Path | None, str]:
    """Return the file to read, if there is one, and why the working folder's is passed over.

    Args:
        named: the one that the user named; it is read wherever it lies.
        inputs: what the command reads; settings that lie there are strangers'.
        is_trusted: whether the working folder's is read wherever that lies.
    """
    path = Path(FILE_NAME)
    if named is not None or not path.is_file():
        return named, ""
    inputs = tuple(inputs)
    why = "" if is_trusted else why_untrusted(Path(), inputs) or why_untrusted(path, inputs)
    return (None, why) if why else (path, "")


def reach_of(settings: Mapping[str, Setting]) -> list[str]:
    """Return what settings do beyond reading documents, each with its option's name."""
    found = [f"{name} {does}" for name, does in _REACHING.items() if settings.get(name)]
    spec = str(settings.get("schema", ""))
    is_code = spec.partition(":")[0].endswith(".py") or _MODULE.fullmatch(spec) is not None
    if is_code or Path("schemas", f"{spec}.py").is_file():
        found.append("schema runs code")
    return found


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
        found = tomllib.loads(path.read_text(encoding="utf-8-sig"))
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
    is_json = is_json_asked(sys.argv, os.environ)
    given = context.meta.get(_GIVEN, {})
    inputs = [str(name) for name in given.get("inputs") or ()]
    path, why = find_settings(named, inputs, is_trusted=_is_trusted(given))
    if why:
        told = f"{Path(FILE_NAME).absolute()} is passed over: {why}"
        warn(told, f"Say --trust-here or --config {FILE_NAME} if it is yours.", is_json)
    try:
        check_variables(os.environ, {str(item.envvar) for item in _options(context)})
        if path is not None:
            reach = reach_of(_apply(context, path))
            if reach:
                warn(
                    f"{path.absolute()} says more than how to read: {', '.join(reach)}", "", is_json
                )
    except OptionError as error:
        hint = hint_of(error, str(context.info_name))
        complain(str(error), hint, error.exit_code, is_json)
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


def _is_trusted(given: Mapping[str, Any]) -> bool:
    """Whether the working folder is said to be the user's own, on the command line or outside."""
    said = os.environ.get(f"{PREFIX}TRUST_HERE", "")
    return bool(given.get(_TRUST)) or said.strip().lower() in _YES


def _apply(context: typer.Context, path: Path) -> dict[str, Setting]:
    """Put a file's settings below the rest, and return those that this command takes."""
    settings = read_settings(path, {_long_name(item) for item in _options(context)})
    # One file serves several commands; each takes what it knows.
    taken = {
        str(item.name): _long_name(item)
        for item in context.command.params
        if _is_option(item) and _long_name(item) in settings
    }
    context.default_map = {name: settings[long] for name, long in taken.items()}
    return {long: settings[long] for long in taken.values()}


def _options(context: typer.Context) -> Iterator[Any]:
    """Yield the options of all commands that read settings from a file."""
    group: Any = context.parent.command if context.parent else context.command
    for command in getattr(group, "commands", {"": group}).values():
        if any(item.name == "config" for item in command.params):
            yield from filter(_is_option, command.params)


def _is_option(item: Any) -> bool:
    # What has no variable is for the command line alone.
    is_option = item.param_type_name == "option" and item.name not in ("config", "help", _TRUST)
    return is_option and item.envvar is not None


def _long_name(item: Any) -> str:
    return next(str(text[2:]) for text in item.opts if text.startswith("--"))
