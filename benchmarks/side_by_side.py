"""Measures a run over a model: documents asked about as they come, against calls of many questions.

Knows nothing of accuracy: weights are random, answers dictated. The device is played: every pass
sleeps as long as a large GPU takes for an 8B model, so that the host has the time it has there.
Run: ``python benchmarks/side_by_side.py`` (five minutes).
"""

from __future__ import annotations

import argparse
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from unittest import mock

from decode_model import DictatedDecoder, Scale, build_model, target_answers
from scale import bill, pdf

from docextract.batch import runner as run_room
from docextract.core import EngineInfo, ReadOptions, RunOptions
from docextract.engine.base import Answer, Question, Session
from docextract.engine.llava.decode.sequence import Row
from docextract.engine.llava.weights.load import LoadedModel

STEP_S = 0.020
PAGE_S = 0.065
"""Computed for an H100: 2,300 tokens of an 8B at half its peak; see docs/performance.md."""
NUM_ROWS = 5
SCALE = Scale(1, 16_000, 56, 64, 2, NUM_ROWS)
SMALL = Scale(1, 600, 56, 64, 2, 1)


class PlayedDevice:
    """Makes passes take as long as on a GPU, and counts them.

    Attributes:
        num_steps: passes over all rows.
        num_rows: rows of these passes.
    """

    def __init__(self, loaded: LoadedModel, scale: float) -> None:
        """Hook the decoder; ``scale`` is what a GPU's seconds are multiplied with."""
        self.num_steps = self.num_rows = 0
        self._scale = scale
        decoder = loaded.model.model.language_model
        decoder.register_forward_pre_hook(self._pass, with_kwargs=True)

    def _pass(self, _: Any, __: Any, options: dict[str, Any]) -> None:
        if "layout" not in options:
            time.sleep(PAGE_S * self._scale)
            return
        self.num_steps += 1
        self.num_rows += len(set(options["layout"].slots.tolist()))
        time.sleep(STEP_S * self._scale)


class InTurn(DictatedDecoder):
    """Dictates one answer after the other, whichever call they are of."""

    _num_begun = 0

    def start(self, question: Question, index: int) -> Row:
        """Return an empty answer that will be dictated."""
        row = super().start(question, self._num_begun % len(self._targets))
        self._num_begun += 1
        row.index = index
        return row


class DictatedEngine:
    """An engine of dictated answers, in sessions."""

    info = EngineInfo("dictated")
    needs_images = True
    max_pages: int | None = 1
    can_look_closer = False

    def __init__(self, decoder: InTurn) -> None:
        """Take what answers."""
        self._decoder = decoder

    def answer(self, questions: Sequence[Question]) -> list[Answer]:
        """Return one answer per question."""
        return self._decoder.answer(questions)

    def begin(self) -> Session:
        """Return a place where questions are answered."""
        return self._decoder.begin()

    def close(self) -> None:
        """Free what is kept of pages."""
        self._decoder.close()


class CallingEngine(DictatedEngine):
    """The same, but questions wait until there are enough for a call, which then ends alone."""

    def __init__(self, decoder: InTurn, call_size: int, num_documents: int) -> None:
        """Take what answers, and when it does."""
        super().__init__(decoder)
        self._call_size, self._num_documents = call_size, num_documents

    def begin(self) -> Session:
        """Return a place where calls are made."""
        return _Calls(self, self._call_size, self._num_documents)


class _Calls:
    """A session that gathers."""

    def __init__(self, engine: DictatedEngine, call_size: int, num_left: int) -> None:
        self._engine, self._call_size, self._num_left = engine, call_size, num_left
        self._waiting: dict[int, Question] = {}
        self._num_asked = 0

    @property
    def num_open(self) -> int:
        return len(self._waiting)

    @property
    def has_room(self) -> bool:
        return len(self._waiting) < self._call_size

    def ask(self, question: Question) -> int:
        self._num_asked += 1
        self._waiting[self._num_asked] = question
        return self._num_asked

    def step(self) -> dict[int, Answer]:
        if len(self._waiting) < min(self._call_size, self._num_left):
            time.sleep(0.001)
            return {}
        answers = self._engine.answer(list(self._waiting.values()))
        done = dict(zip(self._waiting, answers, strict=True))
        self._num_left -= len(done)
        self._waiting = {}
        return done

    def close(self) -> None:
        self._waiting = {}


class Silent:
    """A reporter that tells nobody."""

    def __getattr__(self, name: str) -> Any:
        """Return what takes anything."""
        return lambda *args, **options: None


@dataclass(frozen=True)
class Measured:
    """One run."""

    wall_s: float
    num_steps: int
    rows_a_step: float


def measure(call_size: int, options: argparse.Namespace) -> Measured:
    """Run over invoices; with a call size of 0 questions are asked as they come."""
    scale = SMALL if options.small else SCALE
    loaded = build_model(scale)
    device = PlayedDevice(loaded, 0.05 if options.small else 1.0)
    targets = target_answers(options.documents, scale.max_rows)
    decoder = InTurn(loaded, targets, options.slots)
    asking = DictatedEngine(decoder)
    calling = CallingEngine(decoder, call_size, options.documents)
    engine = calling if call_size else asking
    with (
        tempfile.TemporaryDirectory() as folder,
        mock.patch.object(run_room, "load_engine", lambda choice: engine),
    ):
        Path(folder, "in").mkdir()
        for number in range(options.documents):
            Path(folder, "in", f"{number:04}.pdf").write_bytes(pdf(bill(number)))
        run = RunOptions((f"{folder}/in",), "invoice", Path(folder, "out"), read=ReadOptions())
        start = time.monotonic()
        run_room.run_batch(run, Silent())
        wall_s = time.monotonic() - start
    return Measured(wall_s, device.num_steps, device.num_rows / device.num_steps)


def main() -> None:
    """Print a line for each way."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--documents", type=int, default=64)
    parser.add_argument("--slots", type=int, default=8)
    parser.add_argument("--small", action="store_true", help="a tiny model on a fast device")
    options = parser.parse_args()
    base: Measured | None = None
    for times in (1, 4, 0):
        found = measure(times * options.slots, options)
        base = base or found
        name = f"calls of {times * options.slots}" if times else "as they come"
        print(
            f"{name:14}{found.wall_s:8.1f} s{options.documents / found.wall_s:8.2f} documents/s"
            f"{found.num_steps:8} steps{found.rows_a_step:7.2f} rows a step"
            f"{base.wall_s / found.wall_s:7.2f}x",
            flush=True,
        )


if __name__ == "__main__":
    main()
