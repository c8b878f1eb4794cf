"""Schemas as a dataset keeps them: every leaf with all that reaches a prompt or a grammar.

Knows nothing of items or files. A schema is code that may change after the dataset was made, so
training never imports it: what was asked then is what is taught now.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from pydantic import BaseModel

from docextract.core import Tree
from docextract.schema import Comparison, Field, Kind, Role, Schema


class KeptSchema(BaseModel):
    """Stands for the class that a dataset's schema was made of; its leaves are told apart."""


def schema_tree(schema: Schema) -> Tree:
    """Return a schema as JSON: its name, hash, JSON Schema and leaves."""
    return {
        "name": schema.name,
        "id": schema.id,
        "json_schema": schema.model.model_json_schema(),
        "fields": [_leaf_tree(item) for item in schema.fields],
    }


def schema_of(tree: Tree) -> Schema:
    """Return the schema that :func:`schema_tree` told.

    Raises:
        KeyError, TypeError, ValueError: the tree holds something else.
    """
    return Schema(str(tree["name"]), KeptSchema, tuple(_leaf(row) for row in tree["fields"]))


def with_fields(schema: Schema, paths: Iterable[str]) -> Schema:
    """Return a schema with some of its leaves, in declared order."""
    wanted = frozenset(paths)
    kept = tuple(item for item in schema.fields if item.path in wanted)
    return Schema(schema.name, schema.model, kept)


def _leaf_tree(item: Field) -> Tree:
    return {
        "path": item.path,
        "kind": item.kind.value,
        "comparison": item.comparison.value,
        "labels": list(item.labels),
        "description": item.description,
        "role": item.role and item.role.value,
        "is_key": item.is_key,
        "choices": list(item.choices),
    }


def _leaf(row: dict[str, Any]) -> Field:
    return Field(
        path=row["path"],
        kind=Kind(row["kind"]),
        comparison=Comparison(row["comparison"]),
        labels=tuple(row["labels"]),
        description=row["description"],
        role=row["role"] and Role(row["role"]),
        is_key=row["is_key"],
        choices=tuple(row["choices"]),
    )
