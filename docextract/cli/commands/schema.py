"""``docextract schema list|show|check|words``: which schemas there are and what they hold.

Knows nothing of how a schema is found or read.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from docextract.cli import completions
from docextract.cli.options import option
from docextract.cli.output import boundary, print_table, show_count, show_path
from docextract.core import ExitCode

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from docextract.schema import Field, Schema

_NUM_LABELS_SHOWN = 3

app = typer.Typer(
    help="List, show and check schemas.", no_args_is_help=True, pretty_exceptions_enable=False
)


@app.command("list")
@boundary
def list_schemas(
    is_json: Annotated[bool, option("--json", "One JSON array.")] = False,
) -> ExitCode:
    """List the schemas that can be named; those in ./schemas come first."""
    from docextract.core import to_json
    from docextract.schema.loading import find_schemas

    found = [
        {
            "name": item.name,
            "origin": item.origin,
            "path": str(item.path),
            "description": item.description,
        }
        for item in find_schemas()
    ]
    if is_json:
        typer.echo(to_json(found, indent=2))
    else:
        _print_table(["name", "origin", "description", "path"], found)
    return ExitCode.OK


@app.command("show")
@boundary
def show(
    spec: Annotated[
        str,
        typer.Argument(
            metavar="SCHEMA",
            help="As for run --schema, e.g. invoice.",
            autocompletion=completions.schemas,
        ),
    ],
    path: Annotated[
        str, typer.Argument(metavar="[FIELD]", help="All words that announce it, e.g. totals.net.")
    ] = "",
    is_json: Annotated[bool, option("--json", "The JSON Schema.")] = False,
) -> ExitCode:
    """Show the fields of a schema (path, kind, key, labels, description) and its checks.

    With FIELD: all words on a page that announce that field, likeliest first.
    """
    from docextract.core import to_json
    from docextract.schema.loading import load_schema

    schema = load_schema(spec)
    if path:
        for phrase in _field_of(schema, path).labels:
            typer.echo(phrase)
    elif is_json:
        by_name = {it.name: it.model.model_json_schema() for it in schema.among}
        typer.echo(to_json(by_name or schema.model.model_json_schema(), indent=2))
    else:
        for own in schema.among or (schema,):
            _show(own, is_one_of=bool(schema.among))
    return ExitCode.OK


def _show(schema: Schema, *, is_one_of: bool) -> None:
    from docextract.verify.checks import rules_for

    if is_one_of:
        typer.echo(f"\n{show_path(schema.name)}")
    _print_table(["path", "kind", "key", "labels", "description"], _fields(schema))
    rules = [{"check": rule.id, "what must hold": rule.holds} for rule in rules_for(schema)]
    if rules:
        _print_table(["check", "what must hold"], rules)


@app.command("check")
@boundary
def check(
    spec: Annotated[
        str,
        typer.Argument(
            metavar="SCHEMA",
            help="As for run --schema, e.g. my/order.py.",
            autocompletion=completions.schemas,
        ),
    ],
) -> ExitCode:
    """Load a schema and say whether it can be used; exit 2 if not."""
    from docextract.schema.loading import load_schema

    schema = load_schema(spec)
    for own in schema.among or (schema,):
        fields = show_count(len(own.fields), "field")
        lists = show_count(len(own.list_paths), "list")
        typer.echo(f"{show_path(own.name)}: {fields}, {lists}, id {own.id}")
    return ExitCode.OK


@app.command("words")
@boundary
def words(
    concept: Annotated[
        str, typer.Argument(metavar="[CONCEPT]", help="All words of one, e.g. gross.")
    ] = "",
    out: Annotated[
        Path | None,
        option("--from", "Words that people's values stood by in this output folder, and are new."),
    ] = None,
) -> ExitCode:
    """List what documents say: each concept, the field names that mean it, and its words.

    With --from: labels of confirmed values that the schema does not know, to be put into it.
    """
    from docextract.schema import concepts

    if out is not None:
        _print_table(["field", "label", "layouts", "documents"], _new_words(out))
        return ExitCode.OK
    known = concepts()
    if concept:
        for phrase in known[_nearest(concept, known)].labels.phrases:
            typer.echo(phrase)
        return ExitCode.OK
    rows = [
        {
            "concept": name,
            "field names": ", ".join(item.aliases.split()),
            "words": _some(item.labels.phrases),
        }
        for name, item in known.items()
    ]
    _print_table(["concept", "field names", "words"], rows)
    return ExitCode.OK


def _new_words(out: Path) -> list[dict[str, str]]:
    from docextract.learning.memory import FILE_NAME, load_memory
    from docextract.review.desk.desk import Desk
    from docextract.review.labels.new_words import new_words
    from docextract.store import FOLDER

    found = new_words(load_memory(out / FOLDER / FILE_NAME), Desk.open(out).schema)
    return [
        {
            "field": word.path,
            "label": word.label,
            "layouts": str(word.num_layouts),
            "documents": str(word.num_documents),
        }
        for word in found
    ]


def _field_of(schema: Schema, path: str) -> Field:
    by_path = {item.path: item for item in schema.fields}
    return by_path[_nearest(path, by_path)]


def _nearest(name: str, known: Collection[str]) -> str:
    """Return a name that is known.

    Raises:
        UsageError: it is not; the message names the nearest.
    """
    from difflib import get_close_matches

    from docextract.core import UsageError

    if name in known:
        return name
    near = get_close_matches(name, known, n=1)
    guess = f"Did you mean {near[0]}?" if near else f"Known: {', '.join(known)}."
    raise UsageError(f"there is no {name!r}", guess)


def _some(phrases: Sequence[str]) -> str:
    """Return the first phrases, and how many more there are."""
    more = len(phrases) - _NUM_LABELS_SHOWN
    first = ", ".join(phrases[:_NUM_LABELS_SHOWN])
    return f"{first} (+{more})" if more > 0 else first


def _fields(schema: Schema) -> list[dict[str, str]]:
    return [
        {
            "path": item.path,
            "kind": item.kind.value,
            "key": "key" if item.is_key else "",
            "labels": ", ".join(item.labels[:_NUM_LABELS_SHOWN]),
            "description": item.description or ", ".join(item.choices),
        }
        for item in schema.fields
    ]


def _print_table(columns: list[str], rows: list[dict[str, str]]) -> None:
    cells = ([row[name] for name in columns] for row in rows)
    print_table(columns, cells, unbroken=(0, 1))
