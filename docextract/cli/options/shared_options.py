"""Options shared by commands, and texts turned into the values options hold.

Knows nothing of what is done with them.
"""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

import typer

from docextract.cli.completions import OFFERED
from docextract.core import OptionError, is_uri


class LogFormat(StrEnum):
    """How messages on stderr are written."""

    TEXT = "text"
    JSON = "json"


class FailOn(StrEnum):
    """What else makes a run end with an error."""

    REVIEW = "review"


def option(name: str, help_text: str, *more_names: str, **settings: Any) -> Any:
    """Return a Typer option that ``DOCEXTRACT_<NAME>`` sets too."""
    if name in OFFERED:
        settings.setdefault("autocompletion", OFFERED[name])
    variable = f"DOCEXTRACT_{name.lstrip('-').partition('/')[0].replace('-', '_').upper()}"
    return typer.Option(
        *more_names, name, help=help_text, envvar=variable, show_envvar=False, **settings
    )


TrustHere = Annotated[
    bool,
    option(
        "--trust-here",
        "Take docextract.toml and schemas/ of this folder even if it is (in) an input or others "
        "can write to it.",
    ),
]


def parse_formats(text: str) -> tuple[str, ...]:
    """Return the formats in a list such as ``json,csv``, each once."""
    names = (name.strip() for name in text.split(","))
    return tuple(dict.fromkeys(name for name in names if name))


_FILES = frozenset((".csv", ".json", ".jsonl", ".parquet", ".sqlite", ".tsv", ".txt", ".xlsx"))


def folder_of(name: str, text: str) -> Path:
    """Return the folder that an option names.

    Raises:
        OptionError: it is called as a file would be, or lies in storage.
    """
    if is_uri(text):
        raise OptionError(
            f"{name} is a folder of this machine: it holds the database of the run",
            "Keep it here; docextract export OUT --to ADDRESS puts the exports into storage.",
        )
    path = Path(text)
    if path.suffix.lower() not in _FILES or path.is_dir():
        return path
    # Only now, as . and / are folders without a name.
    folder, kind = path.with_suffix(""), path.suffix[1:].lower()
    alone = f" Alone: docextract export {folder} --format csv --to - > {text}."
    raise OptionError(
        f"{name}: {text} is called as a file, and a folder is written",
        f"Write {name} {folder}, and find the files in it."
        + (alone if kind == "csv" else f" What they are is said by --format {kind}."),
    )
