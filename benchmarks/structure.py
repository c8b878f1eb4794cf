"""Measures the shape of the package: its folders, its imports and its functions.

Knows nothing of what any module does. Run: ``python benchmarks/structure.py [--check] [PACKAGE]``;
``--check`` ends with 1 where a figure is over its limit. An import counts wherever it stands, in a
function or for type checkers alone too. A chain is a path through imports, each module once;
``docextract.a.b`` is an import of that module, not of the ``__init__`` above it.
"""

from __future__ import annotations

import argparse
import ast
import statistics
import sys
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

PACKAGE = Path(__file__).parent.parent / "docextract"
Graph = Mapping[str, frozenset[str]]

MAX_TOP_ENTRIES = 20
MAX_LOOSE_FILES = 8
MAX_FOLDER_ENTRIES = 8
MAX_CHAIN = 18
MAX_MEAN_IMPORTS = 3.5
MAX_FUNCTION = {"median": 8, "90 %": 20, "longest": 50}

REPEATED = {"engine": "every engine's front door is its engine.py"}
"""Stems that name several files, and why that is the field's way."""

CROWDED = {
    "cli/commands": "a file a command, named as people type it",
    "core": "the floor has one door: a file for each thing that all rooms speak of",
    "pipeline": "a file a step of one document, and the jobs that take them in a worker",
    "engine/text": "eight rooms, the engine, the document they share and its scorer",
    "documents/pdf/layer": "a file for each thing asked of a word: where, covered, seen, proved",
    "verify/checks": "a file a family of rules, and those of the norm",
    "documents": "a room a kind of file, what all of them have, and what a worker does",
    "schema": "a file for each thing a schema says, where schemas come from, what adds up",
}
"""Folders with more entries than the limit, and why one level serves them better."""


@dataclass(frozen=True)
class Figure:
    """One measurement, and the most it may be; None where there is no limit."""

    name: str
    value: float
    limit: float | None = None
    details: tuple[str, ...] = ()

    @property
    def is_over(self) -> bool:
        """Whether it is over its limit."""
        return self.limit is not None and self.value > self.limit


def modules_of(package: Path) -> dict[str, ast.Module]:
    """Return the parsed modules of a package by dotted name."""
    found = {}
    for path in sorted(package.rglob("*.py")):
        parts = path.relative_to(package.parent).with_suffix("").parts
        name = ".".join(parts).removesuffix(".__init__")
        found[name] = ast.parse(path.read_text(encoding="utf-8"))
    return found


def import_graph(modules: Mapping[str, ast.Module]) -> Graph:
    """Return which modules of the package each module imports."""
    return {
        name: frozenset(_imports(tree, modules.keys())) - {name} for name, tree in modules.items()
    }


def _imports(tree: ast.Module, known: Iterable[str]) -> Iterator[str]:
    known = set(known)
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from known & {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            below = {f"{node.module}.{alias.name}" for alias in node.names}
            yield from known & below
            if len(known & below) < len(below):
                yield from known & {node.module}


def circles(graph: Graph) -> list[frozenset[str]]:
    """Return the groups of modules that import each other, directly or by others."""
    reach = {name: _reachable(graph, name) for name in graph}
    groups = {
        frozenset(other for other in reach[name] if name in reach[other])
        for name in graph
        if name in reach[name]
    }
    return sorted(groups, key=sorted)


def _reachable(graph: Graph, start: str) -> set[str]:
    seen: set[str] = set()
    ahead = list(graph[start])
    while ahead:
        name = ahead.pop()
        if name not in seen:
            seen.add(name)
            ahead.extend(graph[name])
    return seen


def longest_chain(graph: Graph, groups: Iterable[frozenset[str]] = ()) -> list[str]:
    """Return the modules of the longest chain of imports; those of a circle stand together."""
    group_of = {name: group for group in groups for name in group}
    chains: dict[str, list[str]] = {}

    def chain(name: str) -> list[str]:
        if name not in chains:
            inside = group_of.get(name, frozenset({name}))
            outside = sorted({other for member in inside for other in graph[member]} - inside)
            best = max((chain(other) for other in outside), key=len, default=[])
            chains.update({member: [*sorted(inside), *best] for member in inside})
        return chains[name]

    return max((chain(name) for name in sorted(graph)), key=len)


def entries_by_folder(package: Path) -> dict[str, list[str]]:
    """Return what a reader chooses from in each folder: modules and rooms, but ``__init__``."""
    found = defaultdict(list)
    for path in sorted(package.rglob("*.py")):
        own = path.parent if path.stem == "__init__" else path
        if own != package and path.stem != "__main__":
            found[_shown(own.parent, package)].append(own.stem)
    return dict(found)


def _shown(folder: Path, package: Path) -> str:
    return folder.relative_to(package).as_posix()


def repeated_stems(package: Path) -> dict[str, list[str]]:
    """Return the stems that more than one file has, with their folders."""
    found = defaultdict(list)
    for path in sorted(package.rglob("*.py")):
        if path.stem != "__init__":
            found[path.stem].append(_shown(path.parent, package))
    return {stem: folders for stem, folders in sorted(found.items()) if len(folders) > 1}


def function_lines(modules: Iterable[ast.Module]) -> list[int]:
    """Return the lengths of all functions, without their docstrings, in ascending order."""
    nodes = (node for tree in modules for node in ast.walk(tree))
    return sorted(
        _lines(node) for node in nodes if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
    )


def _lines(node: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    whole = (node.end_lineno or node.lineno) - node.lineno + 1
    first = node.body[0]
    if ast.get_docstring(node, clean=False) is None:
        return whole
    return whole - ((first.end_lineno or first.lineno) - first.lineno + 1)


def folder_figures(package: Path) -> Iterator[Figure]:
    """Yield how many entries folders have, and which stems are used twice."""
    folders = entries_by_folder(package)
    top = folders["."]
    loose = [stem for stem in top if (package / f"{stem}.py").exists()]
    yield Figure("entries at the top", len(top), MAX_TOP_ENTRIES, tuple(top))
    yield Figure("of them files", len(loose), MAX_LOOSE_FILES, tuple(loose))
    crowded = {
        folder: stems
        for folder, stems in folders.items()
        if folder != "." and len(stems) > MAX_FOLDER_ENTRIES
    }
    told = tuple(
        f"{folder}/: {len(stems)} entries{_because(CROWDED, folder)}"
        for folder, stems in sorted(crowded.items())
    )
    yield Figure("folders too full, no reason given", len(crowded.keys() - CROWDED), 0, told)
    stems = repeated_stems(package)
    told = tuple(
        f"{stem}: {', '.join(where)}{_because(REPEATED, stem)}" for stem, where in stems.items()
    )
    yield Figure("stems used twice, no reason given", len(stems.keys() - REPEATED), 0, told)


def _because(reasons: Mapping[str, str], name: str) -> str:
    return f" ({reasons[name]})" if name in reasons else ""


def import_figures(modules: Mapping[str, ast.Module]) -> Iterator[Figure]:
    """Yield how modules lean on each other."""
    graph = import_graph(modules)
    groups = circles(graph)
    chain = longest_chain(graph, groups)
    counts = [len(found) for found in graph.values()]
    told = tuple(" <-> ".join(sorted(group)) for group in groups)
    yield Figure("modules", len(modules))
    yield Figure("imports a module, mean", round(statistics.mean(counts), 2), MAX_MEAN_IMPORTS)
    yield Figure("longest chain of imports", len(chain), MAX_CHAIN, tuple(chain))
    yield Figure("circles of imports", len(groups), 0, told)


def function_figures(modules: Mapping[str, ast.Module]) -> Iterator[Figure]:
    """Yield how long functions are."""
    lines = function_lines(modules.values())
    found = {
        "median": statistics.median(lines),
        "90 %": lines[int(0.9 * (len(lines) - 1))],
        "longest": lines[-1],
    }
    for name, value in found.items():
        yield Figure(f"lines a function, {name}", value, MAX_FUNCTION[name])


def all_figures(package: Path) -> list[Figure]:
    """Return all measurements of a package."""
    modules = modules_of(package)
    return [*folder_figures(package), *import_figures(modules), *function_figures(modules)]


def report(figures: Iterable[Figure], *, is_detailed: bool) -> None:
    """Print a line a figure, and under it what it counted where that is asked for or too much."""
    for figure in figures:
        limit = "" if figure.limit is None else f"  at most {figure.limit:g}"
        mark = "  OVER" if figure.is_over else ""
        print(f"{figure.name:36} {figure.value:7g}{limit}{mark}")
        for detail in figure.details if is_detailed or figure.is_over else ():
            print(f"    {detail}")


def main() -> int:
    """Print the figures; with ``--check``, return 1 where one is over its limit."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("package", type=Path, nargs="?", default=PACKAGE)
    parser.add_argument("--check", action="store_true", help="end with 1 over a limit")
    parser.add_argument("--details", action="store_true", help="name what was counted")
    options = parser.parse_args()
    figures = all_figures(options.package)
    report(figures, is_detailed=options.details)
    return 1 if options.check and any(figure.is_over for figure in figures) else 0


if __name__ == "__main__":
    sys.exit(main())
