"""What a run is asked to do and with what, as JSON, for the store, ``run.json`` and comparison.

Knows nothing of how it goes.
"""

from __future__ import annotations

import datetime as dt
import os
import platform
from dataclasses import asdict
from pathlib import Path
from typing import Any

from docextract.core import EngineInfo, RunOptions, __version__, shown_uri
from docextract.engine import EngineChoice
from docextract.schema import Schema


def plain(value: Any) -> Any:
    """Return options and summaries as plain JSON values."""
    if isinstance(value, dict):
        return {str(key): plain(child) for key, child in value.items()}
    if isinstance(value, list | tuple):
        return [plain(child) for child in value]
    if isinstance(value, Path | dt.date):
        return os.fspath(value) if isinstance(value, Path) else value.isoformat()
    return value


def about(
    options: RunOptions, schema: Schema, choice: EngineChoice, engine: EngineInfo, fingerprint: str
) -> dict[str, Any]:
    """Return what a run was asked to do and with what, as JSON; without the password."""
    asked = asdict(options)
    asked["read"].pop("password")
    asked["inputs"] = [shown_uri(name) for name in options.inputs]
    asked["upload"] = None if options.upload is None else shown_uri(options.upload)
    return {
        "schema_name": schema.name,
        "schema_id": schema.id,
        "fields": {it.name: _fields(it) for it in schema.among} or _fields(schema),
        "engine": asdict(engine),
        "engine_why": choice.why,
        "fingerprint": fingerprint,
        "options": plain(asked),
        "versions": {"docextract": __version__, "python": platform.python_version()},
    }


def _fields(schema: Schema) -> list[tuple[str, str]]:
    return [(item.path, item.kind.value) for item in schema.fields]
