"""The schema's own Pydantic rules: validated values out, or what they break.

Knows nothing of our rules between fields.
"""

from __future__ import annotations

import copy
import typing
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, TypeVar

from docextract.core import Check, Tree
from docextract.schema import Schema
from docextract.verify.checks.view import failed, passed

if TYPE_CHECKING:
    from pydantic import BaseModel
_MAX_CUTS = 50
"""More overlong texts than this are not cut one by one."""


def strict_values(values: Tree, schema: Schema) -> tuple[Tree, list[Check]]:
    """Return the values as the schema's class gives them back, and what it complains of.

    A valid tree comes back as ``model_dump(mode="json")``: decimals as text with their
    printed decimals, dates ISO 8601. Text longer than the class allows is cut and said so.
    An invalid tree comes back as it is, with a failed ``schema`` check per complaint.

    Args:
        values: typed text in the schema's shape, None where absent.
        schema: whose class validates.
    """
    from pydantic import ValidationError

    given = for_model(copy.deepcopy(values), schema.model)
    notes: list[Check] = []
    for _ in range(_MAX_CUTS):
        try:
            model = schema.model.model_validate(given)
        except ValidationError as error:
            complaints = error.errors(include_url=False, include_input=False)
            if not _cut_overlong(given, complaints, notes):
                return values, [*notes, *(_complaint(item) for item in complaints)]
        else:
            return model.model_dump(mode="json"), notes
    return values, notes


def for_model(values: Tree, model: type[BaseModel]) -> Tree:
    """Return values as ``model_validate`` takes them: by alias, defaults left to the class."""
    prepared: Tree = {}
    for name, info in model.model_fields.items():
        value = _inner(values.get(name), info.annotation)
        if not info.is_required() and _is_absent(value):
            continue
        alias = info.validation_alias or info.alias
        prepared[alias if isinstance(alias, str) else name] = value
    return prepared


def _inner(value: Any, annotation: Any) -> Any:
    model = model_in(annotation)
    if model is None:
        return value
    if isinstance(value, list):
        return [for_model(item, model) for item in value if isinstance(item, dict)]
    return for_model(value, model) if isinstance(value, dict) else value


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


Model = TypeVar("Model", bound="BaseModel")


def typed_instance(model: type[Model], values: Tree) -> Model:
    """Return ``values`` as an instance of ``model``.

    Where the class refuses them (a required field is absent, a rule is broken) the instance
    is built without validation: what fits is typed all the same, what does not is None.
    """
    from pydantic import ValidationError

    try:
        return model.model_validate(for_model(values, model))
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
        return adapter.validate_python(value)
    except ValidationError:
        return None
