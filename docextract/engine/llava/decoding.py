"""From questions to answers: each becomes a request, each finished row is read back as values.

Knows nothing of documents or stores. What decodes is in ``scheduler``, what JSON an answer
has in ``answer_format``.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace
from itertools import accumulate

from docextract.engine.base import Answer, Question, StopReason
from docextract.engine.llava.answer_format import AnswerReader, answer_schema, complete
from docextract.engine.llava.batch import Request
from docextract.engine.llava.grammar import Grammars
from docextract.engine.llava.limits import Limits
from docextract.engine.llava.model import LoadedModel
from docextract.engine.llava.page_input import PageInput, make_page_input
from docextract.engine.llava.prompt import build_prompt
from docextract.engine.llava.row import Row
from docextract.engine.llava.scheduler import Scheduler
from docextract.schema.fields import Schema
from docextract.schema.free import is_free_answer


class Decoder:
    """Answers questions about pages with one model; keeps what serves later questions."""

    def __init__(self, loaded: LoadedModel, limits: Limits, num_slots: int | None = None) -> None:
        """Read the tokenizer.

        Args:
            loaded: the model and its processor.
            limits: of each answer.
            num_slots: answers decoded at once; by default what fits into free memory.
        """
        self._loaded = loaded
        self._limits = limits
        self._scheduler = Scheduler(loaded.model, num_slots)
        self._grammars = Grammars(loaded.processor.tokenizer, self._scheduler.model.num_tokens)

    def close(self) -> None:
        """Drop compiled grammars and what was kept of pages."""
        self._scheduler.close()
        self._grammars.close()

    def answer(self, questions: Sequence[Question]) -> list[Answer]:
        """Return one answer per question, in order, each about its first page.

        Raises:
            EngineError: a page has no image or is too long, or a schema has no grammar.
        """
        num_halvings = self._scheduler.num_halvings
        rows = self.decode(questions)
        notes = {}
        if self._scheduler.num_halvings > num_halvings:
            notes["slot_halvings"] = float(self._scheduler.num_halvings - num_halvings)
        return [
            read_answer(row, self._grammars, question.schema, notes)
            for row, question in zip(rows, questions, strict=True)
        ]

    def decode(self, questions: Sequence[Question]) -> list[Row]:
        """Return the finished row of each question, before it is read back."""
        return self._scheduler.run([self._request(question) for question in questions])

    def _request(self, question: Question) -> Request:
        def prepare() -> PageInput:
            prompt = build_prompt(question.schema, question.instructions)
            return make_page_input(self._loaded, question.pages[0], prompt)

        def start(index: int) -> Row:
            return Row(
                index, self._grammars.start(question.schema), self._limits_of(question.schema)
            )

        return Request(prepare, start)

    def _limits_of(self, schema: Schema) -> Limits:
        limits = self._limits
        is_free = is_free_answer(schema)
        return replace(limits, max_field_tokens=limits.max_free_tokens) if is_free else limits


def read_answer(row: Row, grammars: Grammars, schema: Schema, notes: dict[str, float]) -> Answer:
    """Return the values of a finished row, with a probability for every leaf it wrote.

    A leaf's probability is the joint one of the tokens that overlap it, its closing quote
    included; forced tokens are certain.
    """
    pieces = grammars.text_of(row.tokens)
    reader = AnswerReader(b"".join(pieces).decode("utf-8", errors="replace"))
    ends = list(accumulate(_num_chars(piece) for piece in pieces))
    probabilities = {
        path: _joint(ends, row.log_probs, start, end) for path, (start, end) in reader.spans.items()
    }
    usage = {
        "prompt_tokens": float(row.num_prompt_tokens),
        "reused_tokens": float(row.num_reused_tokens),
        "completion_tokens": float(len(row.tokens)),
        "forced_tokens": float(row.num_forced),
        "retries": float(row.num_retries),
        **notes,
    }
    values = complete(reader.tree, answer_schema(schema))
    return Answer(values, probabilities, {}, row.stop or StopReason.END, usage)


def _num_chars(piece: bytes) -> int:
    """Count characters that begin in a piece: every byte but UTF-8 continuation bytes."""
    return sum(byte & 0xC0 != 0x80 for byte in piece)


def _joint(ends: list[int], log_probs: list[float], start: int, end: int) -> float:
    """Return the joint probability of the tokens that overlap characters start to end."""
    begins = [0, *ends[:-1]]
    total = sum(
        log_prob
        for first, last, log_prob in zip(begins, ends, log_probs, strict=True)
        if first < end and last > start
    )
    return math.exp(total)
