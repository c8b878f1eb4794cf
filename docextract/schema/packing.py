"""A schema as bytes that another process of ours makes the same schema of.

Knows nothing of workers. A class of an installed module goes by its name; one that was written in
a script, a notebook, a function or a schema file goes by value, which is what cloudpickle adds.
"""

from __future__ import annotations

import pickle
import sys
import threading
from importlib.machinery import PathFinder
from types import ModuleType

from docextract.schema.fields import Schema

_ONE_AT_A_TIME = threading.Lock()
"""What cloudpickle is told of a module holds for all threads."""


def pack_schema(schema: Schema) -> bytes | None:
    """Return a schema as bytes; None where its class holds what cannot leave this process."""
    modules = {one.model.__module__ for one in (schema, *schema.among)}
    homes = [sys.modules[name] for name in modules if name in sys.modules]
    by_value = [home for home in homes if PathFinder.find_spec(home.__name__.split(".")[0]) is None]
    with _ONE_AT_A_TIME:
        return _packed(schema, by_value)


def _packed(schema: Schema, by_value: list[ModuleType]) -> bytes | None:
    import cloudpickle

    try:
        for home in by_value:
            cloudpickle.register_pickle_by_value(home)
        return bytes(cloudpickle.dumps(schema))
    except (TypeError, ValueError, AttributeError, pickle.PicklingError, RecursionError):
        return None
    finally:
        for home in by_value:
            cloudpickle.unregister_pickle_by_value(home)


def unpack_schema(packed: bytes) -> Schema:
    """Return the schema of bytes that came from ``pack_schema``, and from nowhere else."""
    schema: Schema = pickle.loads(packed)
    return schema
