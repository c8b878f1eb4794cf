"""The schema's own Pydantic rules: validated values out, or what they break.

Knows nothing of our rules between fields.
"""

from __future__ import annotations

import copy
import typing
from collections.abc import Iterator, Sequence
from functools import lru_cache
from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar

from docextract.core import Check, Tree
from docextract.schema import Schema
from docextract.verify.checks.view import failed, passed

if TYPE_CHECKING:
    from pydantic import BaseModel
Model = TypeVar("Model", bound="BaseModel")

_MAX_CUTS = 50
"""More overlong texts than this are not cut one by one."""


def strict_values(values: Tree, schema: Schema) -> tuple[Tree, list[Check]]:
    """Return the values as the schema's class gives them back, and what it complains of.

    A valid tree comes back as ``model_dump(mode="json")``: decimals as text with their
    printed decimals, dates ISO 8601. Text longer than the class allows is cut and said so.
    An invalid tree comes back as it is, but for numbers and truths that the class wants, with a
    failed ``schema`` check per complaint.

    Args:
        values: typed text in the schema's shape, None where absent.
        schema: whose class validates.
    """
    from pydantic import ValidationError

    given = for_model(copy.deepcopy(values), schema.model)
    notes: list[Check] = []
    for _ in range(_MAX_CUTS):
        try:
            model = _validated(schema.model, given)
        except ValidationError as error:
            complaints = error.errors(include_url=False, include_input=False)
            if not _cut_overlong(given, complaints, notes):
                told = [*notes, *(_complaint(item) for item in complaints)]
                return _with_numbers(values, schema.model), told
        else:
            return model.model_dump(mode="json"), notes
    return values, notes


def _validated(model: type[Model], given: Tree) -> Model:
    """Return an instance; a class that is strict gets dates and decimals, not their text.

    Raises:
        pydantic.ValidationError: the class refuses them.
    """
    from pydantic import ValidationError

    try:
        return model.model_validate(given)
    except ValidationError as error:
        try:
            return model.model_validate(_as_typed(given, model))
        except ValidationError:
            raise error from None


def _as_typed(given: Any, annotation: Any) -> Any:
    """Return values, each as an instance of its type where its text gives one."""
    inner = model_in(annotation)
    if isinstance(given, list):
        row = inner or _item(annotation)
        return [_as_typed(item, row) for item in given]
    if inner is None or not isinstance(given, dict):
        return given if given is None or inner is not None else _scalar(annotation, given)
    by_alias = {
        info.validation_alias or info.alias or n: info for n, info in inner.model_fields.items()
    }
    return {
        name: _as_typed(value, info.annotation) if (info := by_alias.get(name)) else value
        for name, value in given.items()
    }


def _item(annotation: Any) -> Any:
    """Return what a list inside ``list[int] | None`` holds."""
    for argument in (annotation, *typing.get_args(annotation)):
        if typing.get_origin(argument) in (list, tuple, set, frozenset):
            return typing.get_args(argument)[0]
    return Any


def _with_numbers(values: Any, annotation: Any) -> Any:
    """Return values in which numbers and truths are such, where the class says so."""
    inner = model_in(annotation)
    if isinstance(values, list):
        row = inner or _item(annotation)
        return [_with_numbers(item, row) for item in values]
    if inner is not None and isinstance(values, dict):
        infos = inner.model_fields
        return {
            name: _with_numbers(value, infos[name].annotation) if name in infos else value
            for name, value in values.items()
        }
    typed = _scalar(annotation, values) if isinstance(values, str) else values
    return typed if isinstance(typed, (bool, int, float)) else values


def _scalar(annotation: Any, value: Any) -> Any:
    from pydantic import TypeAdapter, ValidationError

    chosen = _chosen(tuple(_choices(annotation)), value)
    try:
        return TypeAdapter(annotation).validate_python(chosen, strict=False)
    except ValidationError:
        return value


def _chosen(choices: Sequence[Any], value: Any) -> Any:
    """Return the choice that is written as a text, such as the number 190; else the text."""
    return next((choice for choice in choices if str(choice) == value), value)


def _choices(annotation: Any) -> Iterator[Any]:
    if typing.get_origin(annotation) is typing.Literal:
        yield from typing.get_args(annotation)
    else:
        for argument in typing.get_args(annotation):
            yield from _choices(argument)


class _Attribute(NamedTuple):
    """What a class says of one of its attributes."""

    alias: str
    is_required: bool
    model: type[BaseModel] | None
    choices: tuple[Any, ...]


@lru_cache(maxsize=256)
def _attributes(model: type[BaseModel]) -> dict[str, _Attribute]:
    """Return what a class says of its attributes, by name: annotations are walked once."""
    found = {}
    for name, info in model.model_fields.items():
        alias = info.validation_alias or info.alias
        told = (model_in(info.annotation), tuple(_choices(info.annotation)))
        found[name] = _Attribute(
            alias if isinstance(alias, str) else name, info.is_required(), *told
        )
    return found


def for_model(values: Tree, model: type[BaseModel]) -> Tree:
    """Return values as ``model_validate`` takes them: by alias, defaults left to the class."""
    prepared: Tree = {}
    for name, attribute in _attributes(model).items():
        value = _inner(values.get(name), attribute)
        if attribute.is_required or not _is_absent(value):
            prepared[attribute.alias] = value
    return prepared


def _inner(value: Any, told: _Attribute) -> Any:
    if told.model is None:
        is_list = isinstance(value, list)
        return (
            [_chosen(told.choices, it) for it in value] if is_list else _chosen(told.choices, value)
        )
    if isinstance(value, list):
        return [for_model(item, told.model) for item in value if isinstance(item, dict)]
    return for_model(value, told.model) if isinstance(value, dict) else value


def model_in(annotation: Any) -> type[BaseModel] | None:
    """Return the class inside ``list[Line] | None`` and the like."""
    import typing

    from pydantic import BaseModel

    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    found = (model_in(argument) for argument in typing.get_args(annotation))
    return next((item for item in found if item is not None), None)


def _is_absent(value: Any) -> bool:
    if isinstance(value, dict):
        return all(_is_absent(child) for child in value.values())
    return value is None or value == []


def _cut_overlong(given: Tree, complaints: Sequence[Any], notes: list[Check]) -> bool:
    """Cut texts that are too long, if that is all there is to complain of."""
    if any(item["type"] != "string_too_long" for item in complaints):
        return False
    for item in complaints:
        target: Any = given
        for step in item["loc"][:-1]:
            target = target[step]
        limit = item["ctx"]["max_length"]
        target[item["loc"][-1]] = target[item["loc"][-1]][:limit].rstrip()
        notes.append(passed("schema", _path(item["loc"]), message=f"cut to {limit} characters"))
    return True


def _complaint(item: Any) -> Check:
    path = _path(item["loc"])
    return failed("schema", *([path] if path else []), message=str(item["msg"]))


def _path(location: Sequence[int | str]) -> str:
    steps = (f"[{step}]" if isinstance(step, int) else f".{step}" for step in location)
    return "".join(steps).removeprefix(".")


def what_is_wrong(model: type[BaseModel], values: Tree) -> list[Check]:
    """Return why a class refuses values, a failed ``schema`` check each; none where it does not."""
    from pydantic import ValidationError

    try:
        _validated(model, for_model(values, model))
    except ValidationError as error:
        complaints = error.errors(include_url=False, include_input=False)
        return [_complaint(item) for item in complaints]
    return []


def typed_instance(model: type[Model], values: Tree) -> Model:
    """Return ``values`` as an instance of ``model``.

    Where the class refuses them (a required field is absent, a rule is broken) the instance
    is built without validation: what fits is typed all the same, what does not is None.
    """
    from pydantic import ValidationError

    try:
        return _validated(model, for_model(values, model))
    except ValidationError:
        fields = {
            name: _typed(info.rebuild_annotation(), values.get(name))
            for name, info in model.model_fields.items()
        }
        return model.model_construct(**fields)


def _typed(annotation: Any, value: Any) -> Any:
    from pydantic import TypeAdapter, ValidationError

    inner = model_in(annotation)
    if inner is not None and isinstance(value, list):
        return [typed_instance(inner, row) for row in value if isinstance(row, dict)]
    if inner is not None and isinstance(value, dict):
        return typed_instance(inner, value)
    adapter: TypeAdapter[Any] = TypeAdapter(typing.Optional[annotation])  # noqa: UP045
    try:
        return adapter.validate_python(_chosen(tuple(_choices(annotation)), value))
    except ValidationError:
        return None
