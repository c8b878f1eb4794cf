"""A schema as bytes that another process of ours makes the same schema of.

Knows nothing of workers. A class of an installed module goes by its name; one that was written in
a script, a notebook, a function or a schema file goes by value, which is what cloudpickle adds.
"""

from __future__ import annotations

import pickle
import sys
from importlib.machinery import PathFinder

from docextract.schema.fields import Schema


def pack_schema(schema: Schema) -> bytes | None:
    """Return a schema as bytes; None where its class holds what cannot leave this process."""
    import cloudpickle

    modules = {one.model.__module__ for one in (schema, *schema.among)}
    homes = [sys.modules[name] for name in modules if name in sys.modules]
    by_value = [home for home in homes if PathFinder.find_spec(home.__name__.split(".")[0]) is None]
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
