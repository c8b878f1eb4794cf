"""Measures that what one layout taught leaves the documents of others as they are.

Knows nothing of how memory works. Run: ``python benchmarks/learning_others.py FOLDER_OF_DATASETS
--words FOLDER --only adbuy_fcc,sroie,...``. The first document of every group is confirmed; every
document is then read with what all groups but its own taught, and compared with its reading
without memory: each value as printed, and its status.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from accuracy_cases import text_engine
from learning import Count, Group, groups_of, lesson_of, read

from docextract.core import Page, Tree
from docextract.learning.layout import marks_of
from docextract.learning.lessons import learn
from docextract.learning.memory import LayoutMemory, Memory


@dataclass
class Found:
    """What became of the documents.

    Attributes:
        num_read: documents that were read.
        num_taken: those whose words are those of another group's layout.
        num_equal: those of them whose whole record is the same, but for how long it took.
        changed: documents with other values or statuses, and which differ.
        before: figures of those taken for another group's, without memory.
        after: the same with it.
    """

    num_read: int = 0
    num_taken: int = 0
    num_equal: int = 0
    changed: list[str] = field(default_factory=list)
    before: Count = field(default_factory=Count)
    after: Count = field(default_factory=Count)


def taught(groups: Sequence[Group]) -> Iterator[LayoutMemory]:
    """Yield what the first document of each group teaches."""
    for group in groups:
        first = read(group, 0, Memory(), text_engine())
        yield learn(Memory(), lesson_of(group, 0, *first)).layouts[0]


def compare(groups: Sequence[Group]) -> Found:
    """Read every document with what the other groups taught."""
    found, layouts = Found(), list(taught(groups))
    for group in groups:
        engine = text_engine()
        # Some vendors stand in several datasets, as a scan or in another format.
        names = [other.name != group.name for other in groups]
        others = Memory(tuple(it for it, is_other in zip(layouts, names, strict=True) if is_other))
        for index, parts in enumerate(group.parts):
            found.num_read += 1
            marks = marks_of([part for part in parts if isinstance(part, Page)])
            if others.known_of(group.schema.name, marks) is None:
                continue
            found.num_taken += 1
            tree, score = read(group, index, Memory(), engine)
            new, new_score = read(group, index, others, engine)
            found.before.add(score)
            found.after.add(new_score)
            found.num_equal += _untimed(tree) == _untimed(new)
            if changed := list(_changes(tree, new)):
                found.changed.append(f"{group.labels[index].file}: {', '.join(changed)}")
    return found


def _untimed(tree: Tree) -> Tree:
    return {name: value for name, value in tree.items() if name != "timings_ms"}


def _changes(tree: Tree, other: Tree) -> Iterator[str]:
    """Yield the fields whose value as printed or status differs."""
    for path in tree["fields"].keys() | other["fields"].keys():
        before, after = (it["fields"].get(path, {}) for it in (tree, other))
        if any(before.get(name) != after.get(name) for name in ("raw", "status")):
            told = (f"{it.get('raw')} ({it.get('status')})" for it in (before, after))
            yield f"{path} {' -> '.join(told)}"


def main() -> None:
    """Compare, and print what differs."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--words", type=Path, required=True, help="kept by accuracy.py --words")
    parser.add_argument("--only", required=True, help="datasets, parted by commas")
    options = parser.parse_args()
    folders = (options.folder / name for name in options.only.split(","))
    found = compare([group for folder in folders for group in groups_of(folder, options.words)])
    print(f"{found.num_read} documents, {found.num_taken} with words of another group's layout")
    print(f"{found.num_equal} of these have equal records")
    for name, count in (("without", found.before), ("with", found.after)):
        print(f"{name}: {count.errors} errors, verified {count.verified_right}/{count.verified}")
    print("\n".join(found.changed) or "all records have the same values and statuses")


if __name__ == "__main__":
    main()
