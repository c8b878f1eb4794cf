"""How a model writes an answer: in full, or sparse, which is what is there alone under short names.

Knows nothing of models, tokens or prompts. Sparse is one flat object: a field that is not there
has no key, a key is as much of a path's end as tells it from all others, and the rows of a list
are arrays in the order of its columns. What was written so is read back into the full form, and
nobody behind an engine sees which it was.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from docextract.core import SPARSE, Tree
from docextract.engine.answers.answer_json import answer_schema, complete
from docextract.schema import Schema
from docextract.schema.sources.free_question import is_free_answer


class Column(NamedTuple):
    """A value or list of an object.

    Attributes:
        key: it has in the sparse form.
        path: to it from the object, in the full form.
        shape: in the full form.
    """

    key: str
    path: tuple[str, ...]
    shape: Tree


def is_sparse(schema: Schema, form: str) -> bool:
    """Return whether answers of a schema are written sparse: one value alone never is."""
    return form == SPARSE and not is_free_answer(schema)


def written_schema(schema: Schema, form: str) -> Tree:
    """Return the JSON Schema of an answer as it is written."""
    shape = answer_schema(schema)
    return _sparse_shape(shape) if is_sparse(schema, form) else shape


def written(answer: Tree, schema: Schema, form: str) -> Tree:
    """Return an answer as it is written, keys in the order that the schema has."""
    shape = answer_schema(schema)
    return _sparse(answer, shape) if is_sparse(schema, form) else _ordered(answer, shape)


def keys_told(schema: Schema, form: str) -> dict[str, str] | None:
    """Return the key of each field outside lists, by path; None where paths are written out."""
    if not is_sparse(schema, form):
        return None
    return {".".join(it.path): it.key for it in columns(answer_schema(schema))}


def columns(shape: Tree) -> list[Column]:
    """Return the values and lists of an object, through the objects in it.

    Args:
        shape: what ``answer_schema`` returned, or an object in it.
    """
    flat = list(_flat(shape, ()))
    paths = [path for path, _ in flat]
    return [Column(_key(path, paths), path, inner) for path, inner in flat]


def _flat(shape: Tree, path: tuple[str, ...]) -> Iterator[tuple[tuple[str, ...], Tree]]:
    for name, inner in shape["properties"].items():
        if "properties" in inner:
            yield from _flat(inner, (*path, name))
        else:
            yield (*path, name), inner


def _key(path: tuple[str, ...], paths: list[tuple[str, ...]]) -> str:
    """Return the shortest end of a path that no other path has."""
    for length in range(1, len(path)):
        end = path[-length:]
        if sum(other[-length:] == end for other in paths) == 1:
            return ".".join(end)
    return ".".join(path)


def _sparse_shape(shape: Tree) -> Tree:
    return {
        "type": "object",
        "properties": {it.key: _present(it.shape) for it in columns(shape)},
        "additionalProperties": False,
    }


def _present(shape: Tree) -> Tree:
    """Return the shape of what is there, so never null."""
    if "items" in shape:
        return {**shape, "items": _row(shape["items"])}
    if "enum" in shape:
        return {"enum": [choice for choice in shape["enum"] if choice is not None]}
    text: Tree = shape["anyOf"][0]
    return text


def _row(shape: Tree) -> Tree:
    """Return the shape of a row: as many cells as columns, or fewer where the last are empty."""
    if "properties" not in shape:
        return _present(shape)
    cells = [
        _present(it.shape) if "items" in it.shape else it.shape for it in columns(shape)
    ]  # fmt: skip
    return {"type": "array", "prefixItems": cells, "items": False, "minItems": 1}


def _ordered(value: Any, shape: Tree) -> Any:
    if value is None or isinstance(value, str):
        return value
    if "items" in shape:
        return [_ordered(row, shape["items"]) for row in value]
    return {name: _ordered(value[name], inner) for name, inner in shape["properties"].items()}


def _sparse(answer: Tree, shape: Tree) -> Tree:
    values = {it.key: _sparse_value(_at(answer, it.path), it.shape) for it in columns(shape)}
    return {key: value for key, value in values.items() if value not in (None, [])}


def _sparse_value(value: Any, shape: Tree) -> Any:
    if "items" not in shape:
        return value
    if "properties" not in shape["items"]:
        return [row for row in value or [] if row is not None]
    return [_sparse_row(row, shape["items"]) for row in value or []]


def _sparse_row(row: Tree, shape: Tree) -> list[Any]:
    cells = [_sparse_value(_at(row, it.path), it.shape) for it in columns(shape)]
    while len(cells) > 1 and cells[-1] in (None, []):
        del cells[-1]
    return cells


def _at(tree: Any, path: tuple[str, ...]) -> Any:
    for name in path:
        tree = tree[name]
    return tree


class Expanded(NamedTuple):
    """A sparse answer in the full form.

    Attributes:
        root: what it says; keys that are none of the form stay as they are.
        sources: by path of a leaf, the path at which it was written.
    """

    root: Any
    sources: Mapping[str, str] | None

    def by_path(self, written_at: Mapping[str, Any]) -> dict[str, Any]:
        """Return what is known of places where leaves were written, by their paths."""
        if self.sources is None:
            return dict(written_at)
        found = self.sources.items()
        return {path: written_at[at] for path, at in found if at in written_at}


def expanded(root: Any, schema: Schema, form: str) -> Expanded:
    """Return what was read, in the full form; what is in that form already stays.

    Args:
        root: the object that was read, perhaps cut short.
        schema: that was asked.
        form: that was asked for.
    """
    if not is_sparse(schema, form) or not isinstance(root, dict):
        return Expanded(root, None)
    sources: dict[str, str] = {}
    return Expanded(_expand(root, answer_schema(schema), ("", ""), sources), sources)


def _expand(value: Any, shape: Tree, at: tuple[str, str], sources: dict[str, str]) -> Any:
    """Return a value in the full form; ``at`` is where it stands, and where it was written."""
    if "properties" in shape:
        return _expand_object(value, shape, at, sources)
    if "items" in shape and isinstance(value, list):
        inner = shape["items"]
        places = [(f"{at[0]}[{number}]", f"{at[1]}[{number}]") for number in range(len(value))]
        return [
            _expand(row, inner, place, sources) for row, place in zip(value, places, strict=True)
        ]
    sources[at[0]] = at[1]
    return None if value == "" else value


def _expand_object(value: Any, shape: Tree, at: tuple[str, str], sources: dict[str, str]) -> Any:
    if isinstance(value, list):
        return _expand_row(value, shape, at, sources)
    if not isinstance(value, dict):
        return value
    known = {it.key: it for it in columns(shape)}
    told: Tree = {key: cell for key, cell in value.items() if key not in known}
    for key in (key for key in value if key in known):
        place = (_join(at[0], known[key].path), _join(at[1], (key,)))
        _put(told, known[key].path, _expand(value[key], known[key].shape, place, sources))
    return told


def _expand_row(
    cells: list[Any], shape: Tree, at: tuple[str, str], sources: dict[str, str]
) -> Tree:
    """Return an array as the row it stands for; what it does not come to is null."""
    told = complete({}, shape)
    for number, (it, cell) in enumerate(zip(columns(shape), cells, strict=False)):
        place = (_join(at[0], it.path), f"{at[1]}[{number}]")
        _put(told, it.path, _expand(cell, it.shape, place, sources))
    return told


def _put(tree: Tree, path: tuple[str, ...], value: Any) -> None:
    for name in path[:-1]:
        inner = tree.get(name)
        tree[name] = tree = inner if isinstance(inner, dict) else {}
    tree[path[-1]] = value


def _join(path: str, names: tuple[str, ...]) -> str:
    return ".".join((path, *names) if path else names)
