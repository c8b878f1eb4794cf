"""Says which field of a schema a name in somebody's labels means.

Knows nothing of labels or documents: names go in, paths come out.
"""

from __future__ import annotations

import json
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

from docextract.core import MISFITS, UsageError, describe_misfit
from docextract.schema import Schema

_ANY = "*"
_EXAMPLE = 'Write lines such as vendor = "seller.name" and "items[].sum" = "lines[].net".'


@dataclass(frozen=True)
class NameMapping:
    """Names to paths, by the name of the schema that labels were made for.

    Attributes:
        sections: by schema name, ``*`` for any; an empty path means not to be scored.
    """

    sections: Mapping[str, Mapping[str, str]]

    @classmethod
    def load(cls, path: Path | None = None) -> Self:
        """Return the mapping that comes along, extended and overridden by a file.

        Args:
            path: TOML, or JSON by its suffix. Names at its top hold for every schema, those
                in a table for the schema of that name.

        Raises:
            UsageError: the file cannot be read, or holds anything but names and paths.
        """
        sections = _sections(tomllib.loads(_built_in()), Path("mapping.toml"))
        for name, rows in (_sections(_parsed(path), path) if path else {}).items():
            sections[name] = sections.get(name, {}) | rows
        return cls(sections)

    def field_path(self, name: str, made_for: str, schema: Schema) -> str | None:
        """Return what a name means in a schema.

        Args:
            name: such as ``vendor_name`` or ``line_items[].line_total``.
            made_for: the schema the labels were made for; may be empty.
            schema: the schema that is scored.

        Returns:
            A leaf's path such as ``lines[].net``; empty where the name is not to be scored;
            None where it is unknown.
        """
        for section in (_ANY, made_for, schema.name):
            path = self.sections.get(section, {}).get(name)
            if path == "" or (path is not None and schema.field_at(path)):
                return path
        return name if schema.field_at(name) else None

    def list_path(self, name: str, made_for: str, schema: Schema) -> str | None:
        """Return the list that a name such as ``line_items`` means, or None."""
        if name in schema.list_paths:
            return name
        inside = f"{name}[]"
        for section in (_ANY, made_for, schema.name):
            for key, path in self.sections.get(section, {}).items():
                target = "[]".join(path.split("[]")[: inside.count("[]")])
                if key.startswith(inside) and target in schema.list_paths:
                    return target
        return None


def _built_in() -> str:
    return Path(__file__).with_name("mapping.toml").read_text(encoding="utf-8")


def _parsed(path: Path) -> Any:
    try:
        text = path.read_text(encoding="utf-8-sig")
        return json.loads(text) if path.suffix == ".json" else tomllib.loads(text)
    except OSError as error:
        raise UsageError(f"--mapping {path}: {error.strerror}", _EXAMPLE) from error
    except MISFITS as error:
        raise UsageError(f"--mapping {path}: {describe_misfit(error)}", _EXAMPLE) from error


def _sections(tree: Any, path: Path) -> dict[str, dict[str, str]]:
    sections: dict[str, dict[str, str]] = {}
    if not isinstance(tree, dict):
        raise UsageError(f"--mapping {path} holds no names", _EXAMPLE)
    for name, item in tree.items():
        if isinstance(item, dict):
            sections.setdefault(name, {}).update(item)
        else:
            sections.setdefault(_ANY, {})[name] = item
    for name, target in (pair for rows in sections.values() for pair in rows.items()):
        is_path = isinstance(target, str)
        if not is_path or (target and target.count("[]") != name.count("[]")):
            raise UsageError(f"{path}: {name} leads to no path of as many lists", _EXAMPLE)
    return sections
