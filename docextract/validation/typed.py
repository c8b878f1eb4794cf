"""Builds an instance of a schema's class from a record's values, as typed as they allow.

Knows nothing of records; values in, an instance out.
"""

from __future__ import annotations

import typing
from typing import TYPE_CHECKING, Any, TypeVar

from docextract.records import Tree
from docextract.validation.strict import for_model, model_in

if TYPE_CHECKING:
    from pydantic import BaseModel

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
