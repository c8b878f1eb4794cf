"""Options shared by commands, and texts turned into the values options hold.

Knows nothing of what is done with them.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, Any

import typer


class LogFormat(StrEnum):
    """How messages on stderr are written."""

    TEXT = "text"
    JSON = "json"


class FailOn(StrEnum):
    """What else makes a run end with an error."""

    REVIEW = "review"


def option(name: str, help_text: str, *more_names: str, **settings: Any) -> Any:
    """Return a Typer option that ``DOCEXTRACT_<NAME>`` sets too."""
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
