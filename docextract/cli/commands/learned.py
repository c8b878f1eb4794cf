"""``docextract learned``: what confirmed documents taught, to look at, share and forget.

Knows nothing of how memory works.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from docextract.cli.options import IsJson, option
from docextract.cli.output import boundary, show_count, show_path, tell
from docextract.core import ExitCode, OptionError

if TYPE_CHECKING:
    from docextract.learning.memory import LayoutMemory, Memory

Where = Annotated[
    Path, typer.Argument(metavar="OUT|FILE", help="Output folder of a run, or a file of memories.")
]
Export = Annotated[Path | None, option("--export", "Write it to this file.", dir_okay=False)]
Merge = Annotated[
    Path | None, option("--merge", "Add the memories of this file.", exists=True, dir_okay=False)
]
Forget = Annotated[
    str | None, option("--forget", "Forget a layout: its name, or the beginning of its id.")
]
Hints = Annotated[
    Path | None,
    option(
        "--hints", "Take hints written by hand for suppliers from this TOML file.", dir_okay=False
    ),
]
IsAnew = Annotated[bool, option("--again", "Learn from all that was confirmed in OUT again.")]


@boundary
def learned(
    where: Where,
    export: Export = None,
    merge: Merge = None,
    forget: Forget = None,
    hints: Hints = None,
    is_anew: IsAnew = False,
    is_json: IsJson = False,
) -> ExitCode:
    """List what is remembered of layouts; export, merge or forget it.

    The next document of a layout is read with what is remembered of it as evidence.
    """
    from docextract.learning.memory import FILE_NAME, load_memory, save_memory

    path = where / ".docextract" / FILE_NAME if where.is_dir() else where
    if is_anew:
        from docextract.review.desk.desk import Desk
        from docextract.review.teaching import teach

        teach(Desk.open(where), tell, is_anew=True)
    before = load_memory(path)
    memory = _changed(before, merge, forget, hints)
    if memory != before:
        save_memory(path, memory)
    if export is not None:
        save_memory(export, memory)
    if is_json:
        typer.echo(memory.to_json())
        return ExitCode.OK
    used = _used(where) if where.is_dir() else Counter()
    for layout in memory.layouts:
        typer.echo("\n".join((*_lines(layout), *_told(layout, used))))
    if not memory.layouts:
        typer.echo("nothing is learned yet")
    return ExitCode.OK


def _changed(memory: Memory, merge: Path | None, forget: str | None, hints: Path | None) -> Memory:
    from docextract.learning.by_hand import load_hints
    from docextract.learning.memory import load_memory

    if merge is not None:
        memory = memory.merged(load_memory(merge))
    if forget is not None:
        fewer = memory.without(forget)
        if fewer == memory:
            raise OptionError(f"no layout is called {forget}", "docextract learned lists them.")
        memory = fewer
    return memory if hints is None else memory.with_hints(load_hints(hints))


def _used(out: Path) -> Counter[tuple[str, str]]:
    """Return how many documents were read with what was remembered of a layout, and when."""
    from docextract.store import Store

    with Store.read_only(out) as store:
        found = (stored.tree.get("memory") for stored in store.documents())
        return Counter((it["layout"], it["version"]) for it in found if it)


def _told(layout: LayoutMemory, used: Counter[tuple[str, str]]) -> Iterator[str]:
    """Yield a line of documents that were read with it; those of before are read as it was then."""
    number = sum(count for (name, _), count in used.items() if name == layout.id)
    old = number - used[layout.id, layout.version]
    if number:
        told = f", {old:,} of them before it was last taught" if old else ""
        yield f"  read with it: {show_count(number, 'document')}{told}"


def _lines(layout: LayoutMemory) -> Iterator[str]:
    """Yield a layout as lines: its name, then each field's best clue."""
    told = show_count(len(layout.documents), "confirmed document")
    told = told if layout.documents else "written by hand"
    yield "  ".join(
        map(show_path, (layout.id, layout.name or "no name", f"{layout.schema}, {told}"))
    )
    for name, clues in layout.clues.items():
        path, best = show_path(name), max(clues, key=lambda clue: clue.weight)
        by = f"is {best.constant}" if best.constant else f"by {best.label or 'its place'}"
        if best.is_by_hand:
            yield f"  {path}  {show_path(by)}"
            continue
        wrong = f", {best.num_wrong} wrong" if best.num_wrong else ""
        yield f"  {path}  {show_path(by)}  {best.num_right} right{wrong}"
