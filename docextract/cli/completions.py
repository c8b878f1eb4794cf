"""What a shell may offer behind an option or as an argument: engines, schemas, models and the like.

Knows nothing of commands. Called at each press of the tab key, so it imports late and little.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from docextract.core import (
    ANSWER_FORMS,
    ASKED,
    DETAILS,
    ENGINES,
    FORMATS,
    QUANTIZATIONS,
    RENDERERS,
    TEXT_USES,
)

Complete = Callable[[str], list[str]]


def one_of(words: Sequence[str]) -> Complete:
    """Return what offers some words."""

    def complete(incomplete: str) -> list[str]:
        return [word for word in words if word.startswith(incomplete)]

    return complete


def some_of(words: Sequence[str]) -> Complete:
    """Return what offers the next word of a list such as ``json,csv``."""

    def complete(incomplete: str) -> list[str]:
        before, comma, last = incomplete.rpartition(",")
        taken = before.split(",")
        free = [word for word in words if word.startswith(last) and word not in taken]
        return [f"{before}{comma}{word}" for word in free]

    return complete


def schemas(incomplete: str) -> list[str]:
    """Offer the schemas that can be named; the shell offers files where none begins so."""
    from docextract.schema.loading import find_schemas

    names = [item.name for item in find_schemas()]
    return (
        one_of(["auto", *names])(incomplete)
        if "," not in incomplete
        else some_of(names)(incomplete)
    )


def models(incomplete: str) -> list[str]:
    """Offer the models of the catalogue."""
    from docextract.engine.llava.weights.catalogue import catalogue

    return one_of([model.name for model in catalogue()])(incomplete)


def usable_models(incomplete: str) -> list[str]:
    """Offer what ``--model`` takes."""
    return [*one_of(["auto"])(incomplete), *models(incomplete)]


OFFERED: dict[str, Complete] = {
    "--answer-form": one_of(ANSWER_FORMS),
    "--ask": one_of(ASKED),
    "--detail": one_of(DETAILS),
    "--engine": one_of(ENGINES),
    "--format": some_of(FORMATS),
    "--model": usable_models,
    "--quantization": one_of(QUANTIZATIONS),
    "--renderer": one_of(RENDERERS),
    "--schema": schemas,
    "--with-text": one_of(TEXT_USES),
}
"""What is offered behind an option, whichever command has it."""
