"""Turns planned questions into what the decoder reads: embeddings up to the last image, ids after.

Knows nothing of grammars, caches or answers. Images come before the question, so the first part
depends on the pages alone and can serve every question about them. Tiles are cut in a thread
while the device works, and the tower is fed with tiles of several questions at once.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from itertools import groupby
from typing import TYPE_CHECKING, Any

from docextract.engine.llava.encoding import Encoder, PreparedView
from docextract.engine.llava.placeholders import embedded, expanded
from docextract.engine.llava.question_plan import QuestionPlan

if TYPE_CHECKING:
    from torch import Tensor

_NUM_AHEAD = 16
"""Questions whose tiles are cut before they are asked: 27 MB of A4 pages."""


@dataclass(frozen=True, slots=True)
class PageInput:
    """What stands before one answer.

    Attributes:
        page_key: equal for equal first parts.
        embed_page: returns the first part, [tokens, hidden], up to the last image token; it
            runs the vision tower, so it is called only when needed.
        text_ids: the tokens after it, at least one.
    """

    page_key: str
    embed_page: Callable[[], Any]
    text_ids: list[int]


class PageInputs:
    """Makes the inputs of a model, and remembers what was encoded lately."""

    def __init__(self, model: Any, encoder: Encoder) -> None:
        """Take a transformers model and the encoder of its vision side."""
        self._embedding = model.get_input_embeddings()
        self._image_token: int = model.config.image_token_id
        self._encoder = encoder

    def close(self) -> None:
        """Forget what was encoded."""
        self._encoder.close()

    @contextmanager
    def prepared(self, plans: Sequence[QuestionPlan]) -> Iterator[list[Callable[[], PageInput]]]:
        """Yield what returns each plan's input; tiles of the next ones are cut meanwhile.

        Each may be called more than once: what was forgotten is cut and encoded again.
        """
        with ThreadPoolExecutor(1, "tiles") as thread:
            ahead = _Ahead(self._encoder, plans, thread)
            try:
                yield [partial(self._input, plan, i, ahead) for i, plan in enumerate(plans)]
            finally:
                thread.shutdown(cancel_futures=True)

    def _input(self, plan: QuestionPlan, index: int, ahead: _Ahead) -> PageInput:
        end = len(plan.ids) - plan.ids[::-1].index(self._image_token)
        keys = [(item.key.page_hash, item.key.view) for item in ahead.begin(index)]
        digest = hashlib.blake2b(repr((plan.ids[:end], keys)).encode(), digest_size=16)

        def embed_page() -> Tensor:
            features = ahead.features(index)
            ids = expanded(plan.ids[:end], self._image_token, [len(one) for one in features])
            return embedded(ids, self._image_token, features, self._embedding)[0]

        return PageInput(digest.hexdigest(), embed_page, plan.ids[end:])


class _Ahead:
    """The questions in the order they are asked: tiles cut and features encoded ahead."""

    def __init__(
        self, encoder: Encoder, plans: Sequence[QuestionPlan], thread: ThreadPoolExecutor
    ) -> None:
        self._encoder = encoder
        self._plans = plans
        self._thread = thread
        self._cut: dict[int, Future[list[PreparedView]]] = {}
        self._ready: dict[int, list[Tensor]] = {}
        self._num_seen = 0

    def begin(self, index: int) -> list[PreparedView]:
        """Return a question's tiles, once they are cut; drop those of earlier questions."""
        self._cut = {i: future for i, future in self._cut.items() if i >= index}
        for i in range(index, min(index + _NUM_AHEAD, len(self._plans))):
            self._begin_to_cut(i)
        return self._cut[index].result()

    def features(self, index: int) -> list[Tensor]:
        """Return the features of a question's views; those of the next ones are kept ready."""
        if index not in self._ready:
            self._encode([index, *self._following(index)])
        return self._ready.pop(index)

    def _begin_to_cut(self, index: int) -> None:
        if index not in self._cut:
            self._cut[index] = self._thread.submit(_cut, self._encoder, self._plans[index])

    def _following(self, index: int) -> Iterator[int]:
        """Yield the questions whose tiles fit into the same pass."""
        num_tiles = self._num_tiles(index)
        for other in range(max(index + 1, self._num_seen), len(self._plans)):
            num_tiles += self._num_tiles(other)
            if num_tiles > self._encoder.max_tiles:
                return
            yield other

    def _num_tiles(self, index: int) -> int:
        return sum(shown.view.num_tiles for shown in self._plans[index].views)

    def _encode(self, indices: Sequence[int]) -> None:
        for index in indices:
            self._begin_to_cut(index)
        prepared = [self._cut[index].result() for index in indices]
        features = iter(self._encoder.encode([item for items in prepared for item in items]))
        for index, items in zip(indices, prepared, strict=True):
            self._ready[index] = [next(features) for _ in items]
        self._num_seen = max(self._num_seen, indices[-1] + 1)


def _cut(encoder: Encoder, plan: QuestionPlan) -> list[PreparedView]:
    prepared: list[PreparedView] = []
    for _, of_page in groupby(plan.views, key=lambda shown: id(shown.page)):
        views = list(of_page)
        prepared += encoder.prepare(views[0].page, [shown.view for shown in views])
    return prepared
