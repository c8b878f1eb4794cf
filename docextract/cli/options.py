"""Options shared by commands, and texts turned into the values options hold.

Knows nothing of what is done with them.
"""

from __future__ import annotations

import datetime as dt
from enum import StrEnum
from typing import Any

import typer

from docextract.errors import OptionError


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


def parse_formats(text: str) -> tuple[str, ...]:
    """Return the formats in a list such as ``json,csv``, each once."""
    names = (name.strip() for name in text.split(","))
    return tuple(dict.fromkeys(name for name in names if name))


def parse_deadline(text: str | None, now: dt.datetime) -> dt.datetime | None:
    """Return a deadline in local time, without a zone.

    Args:
        text: ``HH:MM`` for the next such time, or an ISO 8601 date and time, which may
            have passed: a job begun too late then does nothing.
        now: local time without a zone.

    Raises:
        OptionError: it is neither.
    """
    if text is None:
        return None
    try:
        return _next(dt.time.fromisoformat(text), now)
    except ValueError:
        return _moment(text)


def _next(time: dt.time, now: dt.datetime) -> dt.datetime:
    today = dt.datetime.combine(now.date(), time.replace(tzinfo=None))
    return today if today > now else today + dt.timedelta(days=1)


def _moment(text: str) -> dt.datetime:
    try:
        moment = dt.datetime.fromisoformat(text)
    except ValueError:
        raise OptionError(
            f"--deadline: {text!r} is no time", "Try 06:30 or 2026-01-31T06:30."
        ) from None
    return moment if moment.tzinfo is None else moment.astimezone().replace(tzinfo=None)
