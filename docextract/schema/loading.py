"""Turns what ``--schema`` says into a schema: name, file, module, JSON Schema or DSL.

Knows nothing of documents. A schema is code, so by its name alone it is never taken from a folder
that is read from, or that others can write to.
"""

from __future__ import annotations

import ast
import contextlib
import hashlib
import importlib
import importlib.util
import inspect
import json
import sys
import threading
import warnings
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING

from docextract.core import (
    SchemaInvalidError,
    SchemaNotFoundError,
    UsageError,
    describe_misfit,
    hint_for_path,
)
from docextract.schema.fields import Schema
from docextract.schema.sources.several import check_kinds, set_name, several
from docextract.schema.sources.trust import why_untrusted

if TYPE_CHECKING:
    from pydantic import BaseModel


_ONE_AT_A_TIME = threading.RLock()
"""What a schema file runs, and Python's parser, are not made for two threads at once."""
_NAME_IT = "If it is yours, name the file: {}; docextract run takes --trust-here as well."
_OTHER_FILES = (".yaml", ".yml", ".toml", ".xsd", ".xml", ".csv", ".txt")


@dataclass(frozen=True, slots=True)
class FoundSchema:
    """A schema file that can be asked for by name."""

    name: str
    path: Path
    origin: str
    description: str


def schema_folders() -> list[tuple[str, Path]]:
    """Return where names are looked for, first match wins: yours, then the built-in ones."""
    package = Path(__file__).parent.parent
    built_in = package / "_schemas"
    editable = package.parent / "schemas"
    return [
        ("yours", Path("schemas").resolve()),
        ("built-in", built_in if built_in.is_dir() else editable),
    ]


def find_schemas() -> list[FoundSchema]:
    """Return every schema that can be named, without importing any; yours hide built-ins."""
    found: dict[str, FoundSchema] = {}
    for origin, folder in schema_folders():
        for path in sorted(folder.glob("*.py")):
            if not path.name.startswith("_"):
                item = FoundSchema(path.stem, path, origin, _first_line(path))
                found.setdefault(path.stem, item)
    return sorted(found.values(), key=lambda item: item.name)


def _first_line(path: Path) -> str:
    try:
        docstring = ast.get_docstring(ast.parse(path.read_text(encoding="utf-8-sig")))
    except (SyntaxError, ValueError, OSError) as error:
        return f"(not readable: {error})"
    return (docstring or "").partition("\n")[0]


def trusted_spec(
    spec: str, inputs: Iterable[str] = (), *, is_trusted: bool = False
) -> tuple[str, str]:
    """Return what a spec means if no stranger's code is to run, and what was passed over.

    Args:
        spec: as ``load_schema`` takes it; what names a file or a module is the user's own word.
        inputs: what is read, as ``why_untrusted`` takes them.
        is_trusted: whether the working folder's schemas are taken wherever that lies.

    Raises:
        SchemaNotFoundError: the only schema of that name may be a stranger's.
    """
    names = _several(spec)
    if names:
        found = [trusted_spec(name, inputs, is_trusted=is_trusted) for name in names]
        return ",".join(name for name, _ in found), "; ".join(told for _, told in found if told)
    (_, yours), (_, built_in) = schema_folders()
    path, other = (folder / f"{spec.strip()}.py" for folder in (yours, built_in))
    if path.parent != yours or path == other or not path.is_file():
        return spec, ""
    why = "" if is_trusted else _why_untrusted(path, inputs)
    if not why:
        # By its file, so that nobody asks again; from here, as folders may have commas.
        return str(Path(yours.name, path.name)), ""
    told = f"{path} is code and is not run: {why}"
    if not other.is_file():
        raise SchemaNotFoundError(told, _NAME_IT.format(path))
    return str(other), f"{told}; the built-in {spec.strip()} is taken. {_NAME_IT.format(path)}"


def _why_untrusted(path: Path, inputs: Iterable[str] = ()) -> str:
    places = (Path.cwd(), path.parent, path)
    return next(filter(None, (why_untrusted(place, inputs) for place in places)), "")


def load_schema(spec: str) -> Schema:
    """Return the schema ``spec`` names.

    Args:
        spec: a name (``invoice``), ``path.py[:Class]``, ``package.module:Class``, a JSON
            Schema file (``.json``), a one-line DSL (``"vendor, total: money"``), or several names
            of schemas, or ``auto``, of which each document takes the one of its kind.

    Raises:
        SchemaNotFoundError: nothing of that name; the message says what was searched.
        SchemaInvalidError: it was found but does not import, parse or hold a field.
    """
    with _ONE_AT_A_TIME:
        return _loaded(spec.strip())


def _loaded(spec: str) -> Schema:
    names = _several(spec)
    if names:
        return _one_of([_loaded(name) for name in names])
    head, colon, class_name = spec.rpartition(":")
    if colon and head.endswith(".py") and class_name.isidentifier():
        return _from_file(Path(head), class_name)
    if spec.endswith(".py"):
        return _from_file(Path(spec), None)
    if spec.endswith(".json"):
        return _from_json(Path(spec))
    if spec.lower().endswith(_OTHER_FILES) and "=" not in spec:
        raise _no_spelling(spec)
    if colon and "." in head and all(p.isidentifier() for p in [*head.split("."), class_name]):
        return _from_module(head, class_name)
    named = next((item for item in find_schemas() if item.name == spec), None)
    if named is not None:
        # Whoever knows what is read, or may vouch for it, has asked before.
        settled, passed_over = trusted_spec(spec)
        if passed_over:
            warnings.warn(passed_over, stacklevel=2)
        return _from_file(named.path if settled == spec else Path(settled), None)
    if _looks_like_dsl(spec):
        return _from_dsl(spec)
    raise _not_found(spec)


def files_of(spec: str) -> list[tuple[Path | None, str]]:
    """Return ``file_of`` for each schema that ``spec`` names; most name one."""
    return [file_of(name) for name in _several(spec) or (spec,)]


def file_of(spec: str) -> tuple[Path | None, str]:
    """Return the file that ``spec`` names, None where it is none, and what else it says.

    Both together, the second behind the first, are a spec of the same schema.
    """
    spec = spec.strip()
    head, colon, class_name = spec.rpartition(":")
    if colon and head.endswith(".py") and class_name.isidentifier():
        return Path(head), f":{class_name}"
    if spec.endswith((".py", ".json")):
        return Path(spec), ""
    named = next((item for item in find_schemas() if item.name == spec), None)
    return (None, spec) if named is None else (named.path, "")


def _several(spec: str) -> tuple[str, ...]:
    return several(spec, [item.name for item in find_schemas()])


def _one_of(schemas: list[Schema]) -> Schema:
    """Return several schemas as one that has no fields of its own."""
    from pydantic import create_model

    names = [schema.name for schema in schemas]
    check_kinds(names)
    return Schema(set_name(names), create_model("Document"), (), tuple(schemas))


def _looks_like_dsl(spec: str) -> bool:
    return any(mark in spec for mark in ",:; =|")


def _no_spelling(spec: str) -> SchemaInvalidError:
    kind = spec.rpartition(".")[2].upper()
    return SchemaInvalidError(
        f"{spec}: {kind} is no spelling of a schema",
        "A JSON Schema works as a .json file, a Pydantic class in a .py file, and a line such as "
        '"vendor, total: money".',
    )


def _from_dsl(spec: str) -> Schema:
    from docextract.schema.sources.dsl import parse_dsl

    return Schema.from_model(parse_dsl(spec), _short_name("fields", spec))


def _from_json(path: Path) -> Schema:
    from docextract.schema.sources.json_schema import model_from_json_schema

    try:
        tree = json.loads(_read(path))
    except (RecursionError, ValueError) as error:
        raise SchemaInvalidError(f"{path}: {describe_misfit(error)}") from error
    return Schema.from_model(model_from_json_schema(tree, path.stem), path.stem)


def _from_file(path: Path, class_name: str | None) -> Schema:
    _read(path)
    module_name = _short_name(f"docextract_schema_{path.stem}", str(path.resolve()))
    loader = importlib.util.spec_from_file_location(module_name, path)
    if loader is None or loader.loader is None:
        raise SchemaInvalidError(f"{path} cannot be imported as Python")
    module = importlib.util.module_from_spec(loader)
    # Pydantic resolves postponed annotations through sys.modules.
    sys.modules[module_name] = module
    try:
        with _importing(str(path)):
            loader.loader.exec_module(module)
    except SchemaInvalidError:
        del sys.modules[module_name]
        raise
    with _told_where(str(path)):
        return Schema.from_model(_pick_class(module, path.stem, class_name, str(path)), path.stem)


@contextlib.contextmanager
def _told_where(where: str) -> Iterator[None]:
    """Put where a class stands in front of what is wrong with it."""
    try:
        yield
    except SchemaInvalidError as error:
        raise SchemaInvalidError(f"{where}: {error}", error.hint) from error


def _from_module(name: str, class_name: str) -> Schema:
    if str(Path.cwd()) not in sys.path:
        # As with ``python -m``: the user's own package lies where the command is given.
        sys.path.append(str(Path.cwd()))
    with _importing(f"module {name}"):
        try:
            module = importlib.import_module(name)
        except ImportError as error:
            raise SchemaNotFoundError(f"module {name} does not import: {error}") from error
    with _told_where(f"{name}:{class_name}"):
        return Schema.from_model(_pick_class(module, class_name, class_name, name))


@contextlib.contextmanager
def _importing(what: str) -> Iterator[None]:
    """Make whatever a user's own code ends with an error of the schema."""
    try:
        # stdout is for data: what a schema file prints goes where messages go.
        with contextlib.redirect_stdout(sys.stderr):
            yield
    except UsageError:
        raise
    except (Exception, SystemExit) as error:  # it may raise anything, or call sys.exit
        told = str(error) if str(error) else type(error).__name__
        raise SchemaInvalidError(f"{what} does not import: {told}") from error


def _pick_class(
    module: ModuleType, stem: str, class_name: str | None, where: str
) -> type[BaseModel]:
    own = list(_models_of(module))
    names = [model.__name__ for model in own]
    wanted = class_name or stem.replace("_", "")
    for model in own:
        if model.__name__ == wanted or (
            not class_name and model.__name__.lower() == wanted.lower()
        ):
            return model
    roots = [model for model in own if not _is_used_by(model, own)]
    if not class_name and len(roots) == 1:
        return roots[0]
    listed = ", ".join(names) or "none"
    asked = f"no class {class_name}" if class_name else f"no single top class (say {where}:Class)"
    raise SchemaNotFoundError(f"{where} has {asked}; its Pydantic classes: {listed}")


def _models_of(module: ModuleType) -> Iterator[type[BaseModel]]:
    from pydantic import BaseModel

    for item in vars(module).values():
        if (
            inspect.isclass(item)
            and issubclass(item, BaseModel)
            and item.__module__ == module.__name__
        ):
            yield item


def _is_used_by(model: type[BaseModel], others: list[type[BaseModel]]) -> bool:
    return any(
        model.__name__ in str(info.annotation)
        for other in others
        if other is not model
        for info in other.model_fields.values()
    )


def _read(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8-sig")
    except FileNotFoundError as error:
        hint = hint_for_path(str(path), SchemaNotFoundError.hint)
        raise SchemaNotFoundError(f"there is no schema file {path}", hint) from error
    except (OSError, ValueError) as error:
        raise SchemaInvalidError(f"{path} cannot be read: {error}") from error


def _not_found(spec: str) -> SchemaNotFoundError:
    known = [item.name for item in find_schemas()]
    searched = ", ".join(str(folder) for _, folder in schema_folders())
    near = get_close_matches(spec, known, n=1)
    guess = f"Did you mean {near[0]}? " if near else ""
    return SchemaNotFoundError(
        f"no schema named {spec!r} (searched {searched})",
        f"{guess}Known: {', '.join(known)}. A file, module:Class or field list works too.",
    )


def _short_name(prefix: str, text: str) -> str:
    return f"{prefix}_{hashlib.sha256(text.encode()).hexdigest()[:8]}"
