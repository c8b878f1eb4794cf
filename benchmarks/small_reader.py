"""Measures the small reader on slips it never saw, by ``docextract run`` and ``docextract eval``.

Knows nothing of how the reader was made. Run: ``python benchmarks/small_reader.py --work DIR
[--model fixtures/reader] [--number 500] [--sets plain,margins]``; a set that was read is not read
again. Each line tells the fields (of six a slip, absent ones among them) that ``eval`` calls right,
and those given as printed. 03/04/2024 can be two days and the paper does not tell which: ``eval``
is asked about all other dates.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any, NamedTuple

sys.path.append(str(Path(__file__).parents[1] / "fixtures"))

from drawing.slips import FIELDS, SCHEMA, SCHEMA_WITH_ROWS, UNSEEN_FONTS, Look, Slip, draw_slips
from make_slips import write_slips

ROOT = Path(__file__).parents[1]
SETS: Mapping[str, Look] = {
    "plain": Look(),
    "margins": Look(margin=0.1),
    "fonts": Look(UNSEEN_FONTS),
    "rotation": Look(rotation=1.5),
    "jpeg": Look(jpeg=25),
    "rows": Look(),
}
"""Margins of up to 10 %, fonts never taught, up to 1.5 degrees, JPEG of quality 25, rows asked."""


class Figures(NamedTuple):
    """What became of one set.

    Attributes:
        num_right: fields that ``eval`` calls right, absent ones among them.
        num_scored: fields that it judged.
        num_printed: fields given as printed.
        num_fields: all fields.
        num_rows: rows that are wholly right.
        num_true_rows: rows printed.
    """

    num_right: int
    num_scored: int
    num_printed: int
    num_fields: int
    num_rows: int
    num_true_rows: int


def main() -> None:
    """Read what is missing, then print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--work", type=Path, required=True)
    parser.add_argument("--model", type=Path, default=ROOT / "fixtures/reader")
    parser.add_argument("--number", type=int, default=500)
    parser.add_argument("--sets", default=",".join(SETS))
    given = parser.parse_args()
    print("| slips | right (`eval`) | as printed | whole rows |\n|---|---|---|---|")
    for name in given.sets.split(","):
        folder = given.work / f"{name}-{given.number}"
        print(_line(name, _measured(name, folder, given.model, given.number)), flush=True)


def _slips(name: str, number: int) -> Iterator[Slip]:
    for slip in draw_slips(number, f"unseen {name}", SETS[name]):
        # Of the quality that is asked for, not of that or better.
        yield replace(slip, quality=SETS[name].jpeg)


def _measured(name: str, folder: Path, model: Path, number: int) -> Figures:
    slips = folder / "slips"
    has_rows = name == "rows"
    if not (slips / "printed.jsonl").is_file():
        write_slips(slips, _slips(name, number), with_rows=has_rows)
        _leave_out_unclear_dates(slips)
    schema = SCHEMA_WITH_ROWS if has_rows else SCHEMA
    if not (folder / "report.json").is_file():
        _docextract("run", slips, "--engine", "llava", "--model", model,
                    "--schema", schema, "--out", folder / "out", "-q")  # fmt: skip
        _docextract("eval", folder / "out", "--truth", slips / "decided.jsonl", "--report",
                    folder / "report.json")  # fmt: skip
    return _figures(folder)


def _leave_out_unclear_dates(slips: Path) -> None:
    prints = [row["printed"] for row in _rows(slips / "printed.jsonl")]
    kept = []
    for row, printed in zip(_rows(slips / "truth.jsonl"), prints, strict=True):
        values = row["values"]
        if is_unclear(printed["date"]):
            values = {name: value for name, value in values.items() if name != "date"}
        kept.append(json.dumps({"file": row["file"], "values": values}))
    (slips / "decided.jsonl").write_text("\n".join(kept) + "\n", encoding="utf-8")


def is_unclear(date: str | None) -> bool:
    """Whether a printed date can be of two days: 03/04/2024, and not 13/04/2024 or 04/04/2024."""
    parts = (date or "").split("/")
    return len(parts) == 3 and parts[0] != parts[1] and max(int(part) for part in parts[:2]) <= 12


def _figures(folder: Path) -> Figures:
    report = json.loads((folder / "report.json").read_text(encoding="utf-8"))
    counts = [report["fields"][name] for name in FIELDS]
    given = {Path(row["document"]["path"]).name: row for row in _rows(folder / "out/results.jsonl")}
    printed = [
        (row["printed"][name], given[row["file"]]["fields"].get(name, {}).get("raw"))
        for row in _rows(folder / "slips/printed.jsonl")
        for name in FIELDS
    ]
    rows = report["rows"].get("items", {})
    return Figures(
        sum(count["right"] + count["absent"] for count in counts),
        sum(count[verdict] for count in counts for verdict in
            ("right", "wrong", "missed", "fabricated", "absent")),
        sum(wanted == raw for wanted, raw in printed),
        len(printed),
        int(rows.get("num_whole", 0)),
        int(rows.get("num_truth", 0)),
    )  # fmt: skip


def _line(name: str, found: Figures) -> str:
    rows = f"{found.num_rows} of {found.num_true_rows}" if found.num_true_rows else ""
    return (
        f"| {name} | {found.num_right / found.num_scored:.1%} of {found.num_scored} "
        f"| {found.num_printed / found.num_fields:.1%} of {found.num_fields} | {rows} |"
    )


def _rows(path: Path) -> Iterator[dict[str, Any]]:
    return map(json.loads, path.read_text(encoding="utf-8").splitlines())


def _docextract(*arguments: object) -> None:
    command = [sys.executable, "-m", "docextract", *map(str, arguments)]
    # Tables of eval are many, and all of them are in its report.
    done = subprocess.run(command, check=False, stdout=subprocess.DEVNULL)
    if done.returncode:
        sys.exit(done.returncode)


if __name__ == "__main__":
    main()
