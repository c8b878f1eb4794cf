"""Answers being decoded together: slots filled from a queue, steps over all of them, refills.

Knows nothing of schemas, JSON or how a page became embeddings.
"""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import accumulate, chain, islice
from typing import Any

from docextract.core import EngineError, Reason
from docextract.engine.llava.decode.sequence import Row
from docextract.engine.llava.forward.attention import Chunk
from docextract.engine.llava.forward.kv_cache import CacheShape, SlotCache
from docextract.engine.llava.forward.model_runner import LanguageModel, choose_tokens
from docextract.engine.llava.forward.prefix_cache import PrefixStore
from docextract.engine.llava.prompt.inputs import PageInput

_MAX_CHUNK = 16
_LENGTH_STEP = 256
_USUAL_ANSWER = 1024
"""Invoices of up to five lines answer in 660 to 930 tokens (``benchmarks/decode.py``); a slot that
needs more makes all slots grow."""
_NO_NUMBERS = "the model's scores are no numbers"
_WHAT_OVERFLOWS = "Its weights are damaged or overflow: fetch it again or try --quantization none."


@dataclass(frozen=True, slots=True)
class Request:
    """One answer wanted.

    Attributes:
        prepare: returns what stands before the answer.
        start: returns the empty answer, given its index.
    """

    prepare: Callable[[], PageInput]
    start: Callable[[int], Row]


class Batch:
    """Requests over the slots of one cache.

    Attributes:
        last_admitted: index of the request whose page was looked at last.
        num_slots: how many slots it works with, 0 before the first page was looked at.
    """

    def __init__(
        self,
        model: LanguageModel,
        prefixes: PrefixStore,
        choose_num_slots: Callable[[CacheShape, int], int],
    ) -> None:
        """Allocate nothing yet; the first page tells how long slots must be.

        Args:
            model: that decodes.
            prefixes: pages read before.
            choose_num_slots: how many slots of a given length to make.
        """
        self.last_admitted: int | None = None
        self.num_slots = 0
        self._model = model
        self._prefixes = prefixes
        self._choose_num_slots = choose_num_slots
        self._cache: SlotCache | None = None
        self._rows: dict[int, Row] = {}
        self._done: dict[int, Row | EngineError] = {}

    def step(self, requests: Mapping[int, Request], waiting: deque[int]) -> None:
        """Read waiting pages into free slots, then feed every row once; both add to what is done.

        A page that cannot be read fails alone.

        Args:
            requests: by index.
            waiting: indices of those that have no slot; the first ones are taken away.

        Raises:
            torch.OutOfMemoryError: the device has no room; what was finished is kept.
        """
        while waiting and (slot := self._free_slot()) is not None:
            index = self.last_admitted = waiting.popleft()
            try:
                self._admit(slot, requests[index].prepare(), requests[index].start(index))
            except EngineError as error:
                self._done[index] = error
        if self._rows:
            self._compact()
            self._step()

    def take_done(self) -> dict[int, Row | EngineError]:
        """Return what ended since the last time, by index: the answer, or why there is none."""
        done, self._done = self._done, {}
        return done

    def _free_slot(self) -> int | None:
        if self._cache is None:
            return 0
        free = (slot for slot in range(self._cache.num_slots) if slot not in self._rows)
        return next(free, None)

    def _admit(self, slot: int, page: PageInput, row: Row) -> None:
        """Read a page into a slot and choose the first token of its answer."""
        import torch

        num_known, prefix = self._prefixes.find(page.page_keys)
        row.num_reused_tokens = 0 if prefix is None else int(prefix[0][0].shape[1])
        lead = [page.embed_page(num_known)] if num_known < len(page.page_keys) else []
        num_page_tokens = row.num_reused_tokens + sum(map(len, lead))
        row.begin(num_page_tokens + len(page.text_ids), page.text_ids[-1])
        cache = self._cache_for(row)
        room = min(_MAX_CHUNK, cache.length - row.length - len(row.pending))
        fed = _Fed.of(row, slot, len(row.pending), room)
        if prefix is not None:
            cache.load_prefix(slot, prefix)
        embeddings = torch.cat([*lead, self._model.embed([*page.text_ids, *fed.tokens])])
        before = len(embeddings) - len(fed.tokens)
        asked = [before + offset for offset in fed.asked]
        logits = self._model.read_page(cache, slot, row.num_reused_tokens, embeddings, asked)
        if prefix is None:
            self._keep_prefix(page.page_keys[-1], slot, num_page_tokens)
        row.pending = []
        self._rows[slot] = row
        self._choose([fed], logits)

    def _keep_prefix(self, page_key: str, slot: int, num_tokens: int) -> None:
        """Keep what was read of a page; what only adds to it, a closer look, is not asked again."""
        assert self._cache is not None
        if self._prefixes.has_room_for(num_tokens * self._model.cache_shape.token_bytes):
            self._prefixes.keep(page_key, self._cache.save_prefix(slot, num_tokens))

    def _cache_for(self, row: Row) -> SlotCache:
        """Return a cache whose slots have room for the row's pending tokens and one more."""
        needed = row.length + len(row.pending) + 1
        limit = self._model.max_length
        if needed > limit:
            raise EngineError(
                Reason.TOO_LARGE,
                f"the page and its question take {needed} tokens; the model reads {limit}",
            )
        if self._cache is None:
            length = min(limit, _round_up(needed + _USUAL_ANSWER))
            self.num_slots = self._choose_num_slots(self._model.cache_shape, length)
            self._cache = SlotCache(self._model.cache_shape, self.num_slots, length)
        elif needed > self._cache.length:
            self._cache.grow(min(limit, _round_up(needed + _LENGTH_STEP)))
        return self._cache

    def _compact(self) -> None:
        """Move the last rows into gaps, so that a step runs over few slots."""
        assert self._cache is not None
        while True:
            last, free = max(self._rows), self._free_slot()
            if free is None or free > last or not self._saves_rows(last):
                return
            row = self._rows.pop(last)
            self._cache.move(last, free, row.length)
            self._rows[free] = row

    def _saves_rows(self, last: int) -> bool:
        assert self._cache is not None
        num_slots = self._cache.num_slots
        needed = self._model.num_rows_for(len(self._rows), num_slots)
        return needed < self._model.num_rows_for(last + 1, num_slots)

    def _step(self) -> None:
        """Feed every row its pending tokens and a guess; choose where none are left."""
        longest = max(self._rows.values(), key=lambda row: row.length + len(row.pending))
        cache = self._cache_for(longest)
        num_rows = self._model.num_rows_for(max(self._rows) + 1, cache.num_slots)
        fed = []
        for slot, row in sorted(self._rows.items()):
            num_pending = min(len(row.pending), _MAX_CHUNK)
            room = min(_MAX_CHUNK, cache.length - row.length) - num_pending
            fed.append(_Fed.of(row, slot, num_pending, room))
        chunks = [Chunk(item.slot, item.row.length, item.tokens, item.asked) for item in fed]
        logits = self._model.step(cache, chunks, num_rows)
        for item in fed:
            item.row.pending = item.row.pending[item.num_pending :]
        self._choose([item for item in fed if item.asked], logits)

    def _choose(self, fed: Sequence[_Fed], logits: Any) -> None:
        """Give each row its next tokens; the masks are made while the device still works."""
        import torch

        masks = torch.zeros(len(logits), -(-self._model.num_tokens // 32), dtype=torch.int32)
        rows = [item.row for item in fed for _ in item.asked]
        firsts = accumulate((len(item.asked) for item in fed), initial=0)
        for item, first in zip(fed, firsts, strict=False):
            item.row.grammar.fill_masks(masks, first, item.drafts)
        temperatures = [row.temperature for row in rows]
        seeds = [row.seed for row in rows]
        chosen = iter(choose_tokens(logits, masks, temperatures, seeds))
        for item in fed:
            own = list(islice(chosen, len(item.asked)))
            try:
                self._accept(item, own)
            except EngineError as error:
                self._finish(item, error)

    def _accept(self, fed: _Fed, chosen: Sequence[tuple[int, float]]) -> None:
        """Give a row what was chosen, for as long as the guesses were right."""
        row = fed.row
        for (token, log_prob), guess in zip(chosen, [*fed.drafts, None], strict=True):
            if not math.isfinite(log_prob):
                raise EngineError(Reason.ENGINE_FAILED, _NO_NUMBERS, hint=_WHAT_OVERFLOWS)
            row.accept(token, log_prob)
            if row.length + len(row.pending) + 1 > self._model.max_length:
                row.cut()
            if row.stop is not None:
                self._finish(fed, row)
                return
            if row.temperature or tuple(row.pending) != guess:
                return

    def _finish(self, fed: _Fed, outcome: Row | EngineError) -> None:
        self._done[fed.row.index] = outcome
        del self._rows[fed.slot]


@dataclass(frozen=True, slots=True)
class _Fed:
    """A row in one pass.

    Attributes:
        row: that is fed.
        slot: where it stands.
        num_pending: how many of its pending tokens.
        drafts: guesses that follow them; none unless all that is pending is fed.
        asked: by offset, the fed tokens after which logits are wanted: the last pending one
            and each guess's last.
    """

    row: Row
    slot: int
    num_pending: int
    drafts: Sequence[tuple[int, ...]]
    asked: Sequence[int]

    @classmethod
    def of(cls, row: Row, slot: int, num_pending: int, room: int) -> _Fed:
        """Return so many pending tokens and, if these are all, what can be guessed in a room."""
        if num_pending < len(row.pending):
            return cls(row, slot, num_pending, [], [])
        drafts = row.draft(room)
        ends = accumulate(map(len, drafts), initial=num_pending)
        return cls(row, slot, num_pending, drafts, [end - 1 for end in ends])

    @property
    def tokens(self) -> list[int]:
        """All it feeds."""
        return [*self.row.pending[: self.num_pending], *chain.from_iterable(self.drafts)]


def _round_up(length: int) -> int:
    return -(-length // _LENGTH_STEP) * _LENGTH_STEP
