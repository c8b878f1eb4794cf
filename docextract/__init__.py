"""Verified fields out of folders of PDFs and images.

Knows nothing yet: everything heavy is imported when it is first used.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

from docextract.core import __version__ as __version__

if TYPE_CHECKING:
    from docextract.api.extraction import Extraction, Failure
    from docextract.api.extractor import Extractor, extract
    from docextract.core import (
        Check,
        DocextractError,
        Document,
        DocumentError,
        EngineError,
        Evidence,
        FieldRecord,
        FieldStatus,
        ModelOptions,
        PageSelection,
        ReadOptions,
        Reason,
        Record,
        RecordStatus,
    )
    from docextract.engine import EngineChoice, choose_engine, load_engine
    from docextract.engine.base import Answer, Engine, Question
    from docextract.schema.fields import Schema
    from docextract.schema.loading import load_schema

__all__ = [
    "Answer",
    "Check",
    "DocextractError",
    "Document",
    "DocumentError",
    "Engine",
    "EngineChoice",
    "EngineError",
    "Evidence",
    "Extraction",
    "Extractor",
    "Failure",
    "FieldRecord",
    "FieldStatus",
    "ModelOptions",
    "PageSelection",
    "Question",
    "ReadOptions",
    "Reason",
    "Record",
    "RecordStatus",
    "Schema",
    "choose_engine",
    "extract",
    "load_engine",
    "load_schema",
]

_HOMES = {
    "Answer": "docextract.engine.base",
    "Check": "docextract.core",
    "DocextractError": "docextract.core",
    "Document": "docextract.core",
    "DocumentError": "docextract.core",
    "Engine": "docextract.engine.base",
    "EngineChoice": "docextract.engine",
    "EngineError": "docextract.core",
    "Evidence": "docextract.core",
    "Extraction": "docextract.api.extraction",
    "Extractor": "docextract.api.extractor",
    "Failure": "docextract.api.extraction",
    "FieldRecord": "docextract.core",
    "FieldStatus": "docextract.core",
    "ModelOptions": "docextract.core",
    "PageSelection": "docextract.core",
    "Question": "docextract.engine.base",
    "ReadOptions": "docextract.core",
    "Reason": "docextract.core",
    "Record": "docextract.core",
    "RecordStatus": "docextract.core",
    "Schema": "docextract.schema.fields",
    "choose_engine": "docextract.engine",
    "extract": "docextract.api.extractor",
    "load_engine": "docextract.engine",
    "load_schema": "docextract.schema.loading",
}


def __getattr__(name: str) -> Any:
    """Import a public name when it is first asked for, so that importing us costs nothing."""
    if name not in _HOMES:
        raise AttributeError(f"module 'docextract' has no attribute {name!r}")
    return getattr(importlib.import_module(_HOMES[name]), name)
