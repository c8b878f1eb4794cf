"""Lets commands share options: a parameter that is built of several options, declared once.

Knows nothing of what the options are.
"""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar, get_args

Result = TypeVar("Result")


@dataclass(frozen=True, slots=True)
class OptionGroup:
    """Marks a parameter that is made of options: ``Annotated[T, OptionGroup(build)]``.

    Attributes:
        build: makes the value; its own parameters are the options, and may be groups too.
    """

    build: Callable[..., Any]


def with_option_groups(command: Callable[..., Result]) -> Callable[..., Result]:
    """Return a command in which each group's options stand in the place of the group.

    Typer sees one flat list of options, the command one object per group. What a ``build``
    raises, the command raises.

    Raises:
        ValueError: two groups have an option of the same name.
    """
    parameters = inspect.signature(command, eval_str=True).parameters
    builds = {
        name: with_option_groups(group.build)
        for name, parameter in parameters.items()
        for group in get_args(parameter.annotation)
        if isinstance(group, OptionGroup)
    }
    names = {name: [*inspect.signature(build).parameters] for name, build in builds.items()}

    @functools.wraps(command)
    def wrapped(**values: Any) -> Result:
        groups = {
            name: build(**{option: values.pop(option) for option in names[name]})
            for name, build in builds.items()
        }
        return command(**values, **groups)

    flat = [
        # Keyword-only, as a group's required options may follow optional ones.
        each.replace(kind=inspect.Parameter.KEYWORD_ONLY)
        for name, parameter in parameters.items()
        for each in _in_place_of(parameter, builds.get(name))
    ]
    wrapped.__annotations__ = {each.name: each.annotation for each in flat}
    vars(wrapped)["__signature__"] = inspect.Signature(flat)
    return wrapped


def _in_place_of(
    parameter: inspect.Parameter, build: Callable[..., Any] | None
) -> list[inspect.Parameter]:
    if build is None:
        return [parameter]
    return [*inspect.signature(build).parameters.values()]
