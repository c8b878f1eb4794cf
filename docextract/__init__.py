"""Verified fields out of folders of PDFs and images.

Knows nothing yet: everything heavy is imported when it is first used.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

from docextract.core import __version__ as __version__

if TYPE_CHECKING:
    from docextract.api import Extraction, extract
    from docextract.core import DocextractError, DocumentError, Record
    from docextract.engine.base import Answer, Engine, Question
    from docextract.schema import Schema
    from docextract.schema.loading import load_schema

__all__ = [
    "Answer",
    "DocextractError",
    "DocumentError",
    "Engine",
    "Extraction",
    "Question",
    "Record",
    "Schema",
    "extract",
    "load_schema",
]

_HOMES = {
    "Answer": "docextract.engine.base",
    "DocextractError": "docextract.core.errors",
    "DocumentError": "docextract.core.errors",
    "Engine": "docextract.engine.base",
    "Extraction": "docextract.api",
    "Question": "docextract.engine.base",
    "Record": "docextract.core.records",
    "Schema": "docextract.schema.fields",
    "extract": "docextract.api",
    "load_schema": "docextract.schema.loading",
}


def __getattr__(name: str) -> Any:
    """Import a public name when it is first asked for, so that importing us costs nothing."""
    if name not in _HOMES:
        raise AttributeError(f"module 'docextract' has no attribute {name!r}")
    return getattr(importlib.import_module(_HOMES[name]), name)
