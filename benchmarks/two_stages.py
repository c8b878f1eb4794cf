"""Measures what a first stage is worth: labels x stages x method, as LLaVA's recipe claims.

It takes the small reader, draws its projector anew, teaches it slips and has others read.
Run: ``python benchmarks/two_stages.py --work DIR [--seeds 3] [--labels 0,50,200,1000]
[--methods lora,full] [--plot docs/two-stages.svg]``; killed anywhere, the same command goes on, and
``--seeds 0`` prints what is there. Each arm has the same steps: half of them go to the projector
where there are two stages. The first stage copies text of slips without labels and is trained once
a seed.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

import torch
from stage_cells import (
    BATCH_SIZE,
    RATES_ALONE,
    READER,
    aligned,
    forgetful,
    share_read,
    slip_data,
    slips_of,
    tuned,
)
from stage_curve import curve_svg

from docextract.engine.llava.weights.identity import identify
from docextract.training.train_settings import Method

_NUM_HELD_OUT = 200
_METHODS = (Method.LORA, Method.FULL)


class Cell(NamedTuple):
    """One training that is read.

    Attributes:
        seed: of slips, weights and order.
        labels: labelled slips.
        arm: ``none``, ``align``, ``tune`` or ``both``.
        method: of the second stage; empty where there is none.
    """

    seed: int
    labels: int
    arm: str
    method: str = ""


def main() -> None:
    """Train and read what is missing, then print the table."""
    given = _parser().parse_args()
    given.texts = given.texts or given.steps // 2 * BATCH_SIZE
    torch.set_num_threads(1)
    given.work.mkdir(parents=True, exist_ok=True)
    settings = {"steps": given.steps, "texts": given.texts, "reader": identify(READER).revision}
    done = Done(given.work / "cells.jsonl", settings)
    labels = [int(number) for number in given.labels.split(",")]
    for cell in cells(given.seeds, labels, given.methods.split(",")):
        if cell not in done.shares:
            work = given.work / "-".join(str(it)[:8] for it in (*settings.values(), cell.seed))
            done.add(cell, _measured(cell, work, given.steps, given.texts))
            sys.stderr.write(f"{cell}: {done.shares[cell]:.1%}\n")
    print("\n".join(table(done.shares)))
    if given.plot:
        given.plot.write_text(curve_svg(curves(done.shares)), encoding="utf-8")


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--work", type=Path, required=True)
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--labels", default="0,50,200,1000")
    parser.add_argument("--methods", default=",".join(_METHODS))
    parser.add_argument("--steps", type=int, default=800, help="of each arm, 12 questions each")
    parser.add_argument("--texts", type=int, help="slips without labels; by the steps")
    parser.add_argument("--plot", type=Path)
    return parser


def cells(num_seeds: int, labels: Sequence[int], methods: Sequence[str]) -> Iterator[Cell]:
    """Yield all cells; without labels there is no second stage."""
    for seed in range(num_seeds):
        yield Cell(seed, 0, "none")
        yield Cell(seed, 0, "align")
        for number in filter(None, labels):
            for arm in ("both", "tune"):
                yield from (Cell(seed, number, arm, method) for method in methods)


class Done:
    """The cells that were read, kept line by line.

    Args:
        path: of the file.
        settings: what all cells share, the reader's weights among them; lines of others are passed
            over.

    Attributes:
        shares: of fields as printed, by cell.
    """

    def __init__(self, path: Path, settings: Mapping[str, int | str]) -> None:
        self._path, self._settings = path, settings
        self.shares: dict[Cell, float] = {}
        lines = path.read_text(encoding="utf-8").splitlines() if path.is_file() else []
        for row in map(json.loads, lines):
            share = row.pop("share")
            if {name: row.pop(name) for name in settings} == settings:
                self.shares[Cell(**row)] = share

    def add(self, cell: Cell, share: float) -> None:
        """Keep a cell."""
        self.shares[cell] = share
        row = {**cell._asdict(), **self._settings, "share": round(share, 4)}
        with self._path.open("a", encoding="utf-8") as file:
            file.write(f"{json.dumps(row)}\n")


def _measured(cell: Cell, work: Path, steps: int, num_texts: int) -> float:
    work.mkdir(parents=True, exist_ok=True)
    held_out = slips_of(_NUM_HELD_OUT, f"held-out:{cell.seed}")
    base, adapter = forgetful(READER, work / "forgetful", cell.seed), None
    if cell.arm in ("align", "both"):
        texts = slips_of(num_texts, f"text:{cell.seed}")
        data = slip_data(work / "text", texts, with_labels=False)
        base = aligned(base, data, work / "align", steps // 2, cell.seed)
    if cell.labels:
        data = slip_data(work / f"data-{cell.labels}", slips_of(cell.labels, f"label:{cell.seed}"))
        method, is_both = Method(cell.method), cell.arm == "both"
        num_steps = steps - steps // 2 if is_both else steps
        rates = (None, None) if is_both else RATES_ALONE[method]
        folder = work / f"{cell.arm}-{cell.labels}-{cell.method}"
        base, adapter = tuned(base, data, folder, num_steps, cell.seed, method, rates)
    return share_read(base, held_out, adapter)


def table(shares: Mapping[Cell, float]) -> Iterator[str]:
    """Yield the lines of the table: means over seeds, least and most where there are several."""
    columns = [(arm, method.value) for arm in ("tune", "both") for method in _METHODS]
    yield "| labels | align only | " + " | ".join(f"{a} ({m})" for a, m in columns) + " |"
    yield "|---|" + "---|" * (1 + len(columns))
    for number in sorted({cell.labels for cell in shares}):
        row = [_shown(shares, 0, "align", "")]
        row += [_shown(shares, number, arm, method) for arm, method in columns]
        yield f"| {number} | " + " | ".join(row) + " |"
    yield f"\nBefore any training: {_shown(shares, 0, 'none', '')}"


def _shown(shares: Mapping[Cell, float], labels: int, arm: str, method: str) -> str:
    found = [share for cell, share in shares.items() if cell[1:] == (labels, arm, method)]
    if not found:
        return "-"
    spread = f" ({min(found):.1%} to {max(found):.1%})" if len(found) > 1 else ""
    return f"{sum(found) / len(found):.1%}{spread}"


def curves(shares: Mapping[Cell, float]) -> dict[str, dict[int, float]]:
    """Return by name of an arm the mean share by number of labels."""
    found: dict[str, dict[int, list[float]]] = {}
    for cell, share in shares.items():
        name = f"{cell.arm} {cell.method}".strip()
        found.setdefault(name, {}).setdefault(cell.labels, []).append(share)
    return {
        name: {labels: sum(all_of) / len(all_of) for labels, all_of in sorted(points.items())}
        for name, points in found.items()
    }


if __name__ == "__main__":
    main()
