"""Values as plain JSON with raw buffers beside it, and back as the types that were announced.

Knows nothing of sockets, jobs or documents. What is read back is not trusted: no name in it is
ever looked up but in the closed list of classes that an announced type is made of, and nothing
but their constructors is called.
"""

from __future__ import annotations

import datetime as dt
import json
import types
from collections.abc import Callable, Mapping, Sequence
from dataclasses import fields, is_dataclass
from decimal import Decimal
from enum import Enum
from functools import lru_cache
from itertools import product
from typing import Any, Union, get_args, get_origin, get_type_hints

from docextract.core import EngineError, Reason
from docextract.workers.border.leaves import (
    LEAVES,
    SPECIAL,
    Buffers,
    Plan,
    ProtocolError,
    free,
    leaf,
    member,
    unlike,
)

_MAX_KEY_DIGITS = 10


def flatten(value: Any) -> tuple[bytes, list[memoryview]]:
    """Return a value as JSON, and the buffers that it names by number.

    Raises:
        TypeError: it is made of something that has no plain form.
    """
    buffers: list[memoryview] = []

    def plain(item: Any) -> Any:
        if is_dataclass(item):
            kind = item.__class__
            return [kind.__name__, *[getattr(item, name) for name in _field_names(kind)]]
        if isinstance(item, bytes | bytearray | memoryview):
            buffers.append(memoryview(item).cast("B"))
            return len(buffers) - 1
        return _plain_leaf(item)

    text = json.dumps(value, default=plain, separators=(",", ":"), check_circular=False)
    return text.encode("ascii"), buffers


@lru_cache(maxsize=256)
def _field_names(kind: Any) -> tuple[str, ...]:
    return tuple(field.name for field in fields(kind))


def _plain_leaf(item: Any) -> Any:
    match item:
        case Mapping():
            return dict(item)
        case frozenset():
            return sorted(item)
        case Decimal():
            return str(item)
        case dt.date():
            return item.isoformat()
        case EngineError():
            return [item.reason, str(item), item.page, item.hint]
    raise TypeError(f"{type(item).__name__} has no plain form")


@lru_cache(maxsize=256)
def plan_of(kind: Any) -> Plan:
    """Return what makes values of a type out of what ``flatten`` made of them.

    The plan raises ``ProtocolError`` for anything else.

    Raises:
        TypeError: no plan is known for the type.
    """
    origin, args = get_origin(kind), get_args(kind)
    if kind is Any:
        return free
    if kind in LEAVES:
        return leaf(kind)
    if origin in (types.UnionType, Union):
        return _choice(args)
    if origin is not None:
        return _collection(origin, args)
    return _single(kind)


def _single(kind: Any) -> Plan:
    if is_dataclass(kind):
        return _tagged([kind])
    if issubclass(kind, Enum):
        return member(kind)
    if issubclass(kind, tuple) and hasattr(kind, "_fields"):
        return _named_tuple(kind)
    if issubclass(kind, EngineError):
        return _engine_error
    if kind in SPECIAL:
        return SPECIAL[kind]
    raise TypeError(f"no plan is known for {kind!r}")


def _engine_error(value: Any, buffers: Buffers) -> EngineError:
    reason, message, page, hint = plan_of(tuple[Reason, str, int | None, str])(value, buffers)
    return EngineError(reason, message, page=page, hint=hint)


def _choice(kinds: Sequence[Any]) -> Plan:
    """Return the plan of a union: classes by their names, and at most one kind besides."""
    classes = [kind for kind in kinds if is_dataclass(kind)]
    others = [kind for kind in kinds if kind not in classes and kind is not type(None)]
    if len(others) + bool(classes) > 1:
        raise TypeError(f"JSON cannot tell {kinds!r} apart")
    inner = plan_of(others[0]) if others else _tagged(classes)
    if type(None) not in kinds:
        return inner
    return lambda value, buffers: None if value is None else inner(value, buffers)


def _tagged(classes: Sequence[Any]) -> Plan:
    """Return the plan of dataclasses; each comes as its name and its fields in order."""
    by_name = {kind.__name__: (kind, _field_plans(kind)) for kind in classes}

    def read(value: Any, buffers: Buffers) -> Any:
        tag = value[0] if isinstance(value, list) and value else None
        if type(tag) is not str or tag not in by_name:
            raise unlike(" or ".join(by_name), value)
        kind, plans = by_name[tag]
        if len(value) != len(plans) + 1:
            raise ProtocolError(f"a worker sent {len(value) - 1} fields for a {tag}")
        given = zip(plans.items(), value[1:], strict=True)
        return kind(**{name: plan(item, buffers) for (name, plan), item in given})

    return read


def _field_plans(kind: Any) -> dict[str, Plan]:
    hints = get_type_hints(kind)
    return {field.name: plan_of(hints[field.name]) for field in fields(kind)}


def _named_tuple(kind: Any) -> Plan:
    hints = get_type_hints(kind)
    inner = [hints[name] for name in kind._fields]
    if all(it in LEAVES for it in inner):
        return _quick_tuple(kind, frozenset(product(*(LEAVES[it] for it in inner))))
    plans = [plan_of(it) for it in inner]

    def read(value: Any, buffers: Buffers) -> Any:
        if not isinstance(value, list) or len(value) != len(plans):
            raise unlike(kind, value)
        return kind._make([plan(it, buffers) for plan, it in zip(plans, value, strict=True)])

    return read


def _quick_tuple(kind: Any, allowed: frozenset[tuple[type, ...]]) -> Plan:
    """Return the plan of a tuple of leaves; a page has a thousand boxes."""

    def read(value: Any, buffers: Buffers) -> Any:
        del buffers
        if not isinstance(value, list) or tuple(map(type, value)) not in allowed:
            raise unlike(kind, value)
        return kind._make(value)

    return read


def _collection(origin: Any, args: tuple[Any, ...]) -> Plan:
    if issubclass(origin, Mapping):
        return _mapping(args)
    if origin is tuple and (len(args) != 2 or args[1] is not Ellipsis):
        return _fixed(args)
    return _many(tuple if origin is tuple else frozenset if origin is frozenset else list, args[0])


def _mapping(args: tuple[Any, ...]) -> Plan:
    if args[0] not in (str, int):
        raise TypeError("only text and whole numbers can be keys")
    inner = plan_of(args[1])
    if args[0] is int:
        return lambda value, buffers: {
            _number(key): inner(it, buffers) for key, it in _as_dict(value).items()
        }
    if inner is free:
        return lambda value, buffers: free(_as_dict(value), buffers)
    return lambda value, buffers: {key: inner(it, buffers) for key, it in _as_dict(value).items()}


def _number(key: str) -> int:
    if not (key.isascii() and key.isdigit() and len(key) < _MAX_KEY_DIGITS):
        raise ProtocolError("a worker sent a key that is no number")
    return int(key)


def _as_dict(value: Any) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise unlike("tree", value)
    return value


def _fixed(args: tuple[Any, ...]) -> Plan:
    plans = [plan_of(it) for it in args]

    def read(value: Any, buffers: Buffers) -> tuple[Any, ...]:
        if not isinstance(value, list) or len(value) != len(plans):
            raise unlike(f"list of {len(plans)}", value)
        return tuple(plan(it, buffers) for plan, it in zip(plans, value, strict=True))

    return read


def _many(made: Callable[[Any], Any], kind: Any) -> Plan:
    inner = plan_of(kind)

    def read(value: Any, buffers: Buffers) -> Any:
        if not isinstance(value, list):
            raise unlike("list", value)
        return made([inner(it, buffers) for it in value])

    return read
