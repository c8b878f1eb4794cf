"""Turns questions into what the decoder reads: embeddings up to the last image, ids after.

Knows nothing of grammars, caches or answers. Images come before the question, so the first part
depends on the pages alone and can serve every question about them. Questions are planned and
tiles cut in a thread while the device works; the tower gets tiles of several questions at once.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from itertools import groupby, islice
from typing import TYPE_CHECKING, Any, NamedTuple

from docextract.core import EngineError, Reason
from docextract.engine.base import Question
from docextract.engine.llava.prompt.placeholders import embedded, expanded
from docextract.engine.llava.prompt.question_plan import QuestionPlan
from docextract.engine.llava.vision.encoder import Encoder, PreparedView

if TYPE_CHECKING:
    from torch import Tensor

    from docextract.engine.llava.vision.views import View

NUM_AHEAD = 16
"""Questions planned and cut before they are asked: 27 MB of tiles of A4 pages."""


@dataclass(frozen=True, slots=True)
class PageInput:
    """What stands before one answer.

    Attributes:
        page_keys: by image, equal for equal beginnings up to that image.
        embed_page: returns what follows so many images, up to the last one, [tokens, hidden]; it
            runs the vision tower, so it is called only when needed.
        text_ids: the tokens after the last image, at least one.
    """

    page_keys: tuple[str, ...]
    embed_page: Callable[[int], Any]
    text_ids: list[int]


class PageInputs:
    """Makes the inputs of a model, and remembers what was encoded lately."""

    def __init__(
        self, model: Any, encoder: Encoder, plan: Callable[[Question], QuestionPlan]
    ) -> None:
        """Take what makes an input.

        Args:
            model: a transformers model.
            encoder: of its vision side.
            plan: returns what a question shows; called in another thread.
        """
        self._embedding = model.get_input_embeddings()
        self._image_token: int = model.config.image_token_id
        self._encoder = encoder
        self._plan = plan

    def close(self) -> None:
        """Forget what was encoded."""
        self._encoder.close()

    def begin(self) -> Ahead:
        """Return a place where questions wait; the next ones are planned and cut in a thread."""
        return Ahead(self._encoder, self._cut, self._input)

    def _cut(self, question: Question) -> _Cut:
        try:
            plan = self._plan(question)
            prepared: list[PreparedView] = []
            for _, of_page in groupby(plan.views, key=lambda shown: id(shown.page)):
                views = list(of_page)
                prepared += self._encoder.prepare(views[0].page, [shown.view for shown in views])
        except (RuntimeError, ValueError, TypeError, IndexError) as error:
            # What torch makes of one page is no reason to fail the others.
            raise EngineError(Reason.ENGINE_FAILED, str(error)) from error
        return _Cut(plan, prepared)

    def _input(self, cut: _Cut, features: Callable[[], list[Tensor]]) -> PageInput:
        ids = cut.plan.ids
        ends = [at + 1 for at, token in enumerate(ids) if token == self._image_token]
        keys = [(item.key.page_hash, item.key.view) for item in cut.prepared]

        def embed_page(num_known: int) -> Tensor:
            begin = ends[num_known - 1] if num_known else 0
            shown = features()[num_known:]
            lead = ids[begin : ends[-1]]
            lead = expanded(lead, self._image_token, [len(one) for one in shown])
            return embedded(lead, self._image_token, shown, self._embedding)[0]

        page_keys = (_digest(ids[:end], keys[:num]) for num, end in enumerate(ends, 1))
        return PageInput(tuple(page_keys), embed_page, ids[ends[-1] :])


def _digest(ids: Sequence[int], keys: Sequence[tuple[bytes, View]]) -> str:
    return hashlib.blake2b(repr((ids, keys)).encode(), digest_size=16).hexdigest()


class _Cut(NamedTuple):
    """A planned question and the tiles of its views."""

    plan: QuestionPlan
    prepared: list[PreparedView]

    @property
    def num_tiles(self) -> int:
        return sum(item.view.num_tiles for item in self.prepared)


class Ahead:
    """Questions that wait for their turn: tiles cut and features encoded ahead."""

    def __init__(
        self,
        encoder: Encoder,
        cut: Callable[[Question], _Cut],
        make: Callable[[_Cut, Callable[[], list[Tensor]]], PageInput],
    ) -> None:
        self._encoder = encoder
        self._cut = cut
        self._make = make
        self._thread = ThreadPoolExecutor(1, "tiles")
        self._num_added = 0
        self._questions: dict[int, Question] = {}
        self._waiting: dict[int, None] = {}
        self._futures: dict[int, Future[_Cut]] = {}
        self._ready: dict[int, list[Tensor]] = {}
        self._told: dict[int, tuple[str, ...]] = {}

    def close(self) -> None:
        """Stop the thread and forget all questions; a second call does nothing."""
        self._thread.shutdown(cancel_futures=True)
        for index in list(self._questions):
            self.forget(index)

    def add(self, question: Question) -> int:
        """Take a question and return its index."""
        index, self._num_added = self._num_added, self._num_added + 1
        self._questions[index] = question
        self._waiting[index] = None
        self._cut_ahead()
        return index

    def prepare(self, index: int) -> PageInput:
        """Return a question's input; called again, what was forgotten is cut and encoded again.

        Raises:
            EngineError: the question cannot be asked.
        """
        self._waiting.pop(index, None)
        # Tiles of those that had their turn have served.
        self._futures = {
            i: future for i, future in self._futures.items() if i == index or i in self._waiting
        }
        self._cut_ahead()
        cut = self._future(index).result()
        self._told[index] = cut.plan.told
        return self._make(cut, partial(self._features, index))

    def told(self, index: int) -> tuple[str, ...]:
        """Return what a question shows, for people; nothing before it was planned."""
        return self._told.get(index, ())

    def forget(self, index: int) -> None:
        """Forget a question that was answered."""
        kept: tuple[dict[int, Any], ...] = (
            self._questions, self._waiting, self._futures, self._ready, self._told
        )  # fmt: skip
        for one in kept:
            one.pop(index, None)

    def _cut_ahead(self) -> None:
        for index in islice(self._waiting, NUM_AHEAD):
            self._future(index)

    def _future(self, index: int) -> Future[_Cut]:
        if index not in self._futures:
            self._futures[index] = self._thread.submit(self._cut, self._questions[index])
        return self._futures[index]

    def _features(self, index: int) -> list[Tensor]:
        """Return the features of a question's views; those of the next ones are kept ready."""
        if index not in self._ready:
            self._encode({index: self._future(index).result(), **dict(self._following(index))})
        return self._ready.pop(index)

    def _following(self, index: int) -> Iterator[tuple[int, _Cut]]:
        """Yield the questions whose tiles fit into the same pass."""
        num_tiles = self._future(index).result().num_tiles
        for other in [other for other in self._waiting if other not in self._ready]:
            future = self._future(other)
            if future.exception() is not None:
                continue
            num_tiles += future.result().num_tiles
            if num_tiles > self._encoder.max_tiles:
                return
            yield other, future.result()

    def _encode(self, cuts: Mapping[int, _Cut]) -> None:
        views = [item for cut in cuts.values() for item in cut.prepared]
        features = iter(self._encoder.encode(views))
        for index, cut in cuts.items():
            self._ready[index] = [next(features) for _ in cut.prepared]
