"""Schemas: what is asked of a document, in any spelling, as every stage sees it.

Knows nothing of documents. Inside: ``fields`` and ``kinds``, ``types`` to annotate with,
``loading`` from any of the ``sources/``, the ``vocabulary`` of concepts, the ``equations/`` of
amounts, and what ``languages/`` call things. In flows what ``--schema`` says, out flows a schema.
May import ``core`` alone.
"""

from __future__ import annotations

from docextract.schema.fields import Field, Schema
from docextract.schema.kinds import Comparison, FieldType, Kind, Role
from docextract.schema.paths import at, get, leaves, put, put_unit, rows_of, shape_of, unit_of
from docextract.schema.vocabulary import concepts, labels

__all__ = [
    "Comparison",
    "Field",
    "FieldType",
    "Kind",
    "Role",
    "Schema",
    "at",
    "concepts",
    "get",
    "labels",
    "leaves",
    "put",
    "put_unit",
    "rows_of",
    "shape_of",
    "unit_of",
]
