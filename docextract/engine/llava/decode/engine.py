"""From questions to answers: each becomes a request, each finished row is read back as values.

Knows nothing of documents or stores. What decodes is in ``scheduler``, what JSON an answer
has in ``answer_format``.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import replace
from functools import partial
from itertools import chain
from typing import NamedTuple

from docextract.core import FULL, EngineError, Reason
from docextract.engine.answers.answer_form import expanded
from docextract.engine.answers.answer_json import answer_schema, complete, read_pieces
from docextract.engine.answers.answer_size import max_tokens_of
from docextract.engine.base import Answer, Question, StopReason
from docextract.engine.llava.decode.answer_limits import Limits
from docextract.engine.llava.decode.batch import Request
from docextract.engine.llava.decode.grammar import Grammars
from docextract.engine.llava.decode.prompt_lookup import Printed
from docextract.engine.llava.decode.scheduler import Decoding, Scheduler
from docextract.engine.llava.decode.sequence import Row
from docextract.engine.llava.forward.captured_step import CapturedSteps
from docextract.engine.llava.prompt.chat_template import Chat
from docextract.engine.llava.prompt.inputs import NUM_AHEAD, Ahead, PageInputs
from docextract.engine.llava.prompt.page_plan import Detail
from docextract.engine.llava.prompt.question_plan import (
    QuestionPlan,
    QuestionPlanner,
    Viewing,
    num_pages_that_fit,
)
from docextract.engine.llava.vision.encoder import Encoder
from docextract.engine.llava.weights.load import LoadedModel
from docextract.engine.prompt import text_lines
from docextract.schema import Schema
from docextract.schema.sources.free_question import is_free_answer


class Session:
    """Questions answered side by side; more may be asked between steps.

    Args:
        decoder: begins answers and reads them back.
        decoding: where they are decoded.
        ahead: where pages become inputs.
    """

    def __init__(self, decoder: Decoder, decoding: Decoding, ahead: Ahead) -> None:
        self._decoder = decoder
        self._decoding = decoding
        self._ahead = ahead
        self._open: dict[int, _Open] = {}

    @property
    def num_open(self) -> int:
        """How many questions have no answer yet."""
        return len(self._open)

    @property
    def has_room(self) -> bool:
        """Whether one more question would be prepared while others are answered."""
        return self._decoding.num_waiting < NUM_AHEAD

    def ask(self, question: Question) -> int:
        """Take a question and return its number; a closer look goes first, its page is at hand."""
        number = self._ahead.add(question)
        start = partial(self._decoder.start, question)
        request = Request(partial(self._ahead.prepare, number), start)
        self._decoding.add(request, is_next=question.is_closer)
        self._open[number] = _Open(question.schema, self._decoder.num_halvings)
        return number

    def step(self) -> dict[int, Answer]:
        """Feed all rows once, and return the answers that ended, by number."""
        with _engine_boundary():
            done = self._decoding.step()
            return {number: self._answer(number, row) for number, row in done.items()}

    def decode(self) -> dict[int, Row | EngineError]:
        """Do the same, but do not read the rows back."""
        done = self._decoding.step()
        for number in done:
            self._end(number)
        return done

    def close(self) -> None:
        """Leave what is open; a second call does nothing."""
        self._open.clear()
        self._ahead.close()

    def _answer(self, number: int, row: Row | EngineError) -> Answer:
        told = self._ahead.told(number)
        schema, num_halvings = self._end(number)
        num_new = self._decoder.num_halvings - num_halvings
        notes = {"slot_halvings": float(num_new)} if num_new else {}
        return self._decoder.read_back(schema, row, notes, told)

    def _end(self, number: int) -> _Open:
        self._ahead.forget(number)
        return self._open.pop(number)


class _Open(NamedTuple):
    """A question that was asked, and how often memory had run out by then."""

    schema: Schema
    num_halvings: int


@contextmanager
def _engine_boundary() -> Iterator[None]:
    """Turn what torch and transformers raise into an error on the record."""
    import torch

    try:
        yield
    except EngineError:
        raise
    except torch.OutOfMemoryError as error:
        raise EngineError(Reason.OUT_OF_MEMORY, str(error)) from error
    except RuntimeError as error:
        raise _device_error(error) from error
    except (ValueError, TypeError, IndexError) as error:
        raise EngineError(Reason.ENGINE_FAILED, str(error)) from error


def _device_error(error: RuntimeError) -> EngineError:
    """Return what a failed pass means: a GPU that is lost answers nobody any more."""
    if "CUDA" not in str(error):
        return EngineError(Reason.ENGINE_FAILED, str(error))
    hint = "Look at nvidia-smi and the system's log; the next run asks again by itself."
    return EngineError(Reason.ENGINE_UNAVAILABLE, str(error), hint=hint)


class Decoder:
    """Answers questions about pages with one model; keeps what serves later questions.

    Attributes:
        encoder: the model's vision side.
        inputs: what makes questions readable.
    """

    def __init__(
        self,
        loaded: LoadedModel,
        limits: Limits,
        num_slots: int | None = None,
        *,
        detail: Detail = Detail.AUTO,
        with_text: str = "auto",
        answer_form: str = FULL,
        captured: CapturedSteps | None = None,
    ) -> None:
        """Read the tokenizer.

        Args:
            loaded: the model and its processor.
            limits: of each answer.
            num_slots: answers decoded at once; by default what fits into free memory.
            detail: how closely pages are looked at.
            with_text: ``auto``, ``yes`` or ``no``: whether pages' words are told.
            answer_form: how answers are written.
            captured: takes recordings of steps; None runs each step by Python.
        """
        self._limits = limits
        self._scheduler = Scheduler(loaded.model, num_slots, captured)
        chat = Chat(loaded.processor, loaded.model.config.image_token_id)
        self._grammars = Grammars(
            loaded.processor.tokenizer, self._scheduler.model.num_tokens, chat.lead, answer_form
        )
        self.encoder = Encoder(loaded)
        self._viewing = Viewing(self.encoder.layout, detail, with_text, answer_form)
        self._planner = QuestionPlanner(chat, self._viewing)
        self.inputs = PageInputs(loaded.model, self.encoder, self.plan)

    @property
    def max_pages(self) -> int:
        """How many A4 pages can be asked about together."""
        return num_pages_that_fit(self._viewing, self._context, self._limits.max_new_tokens)

    @property
    def num_forwards(self) -> int:
        """Passes through the decoder so far."""
        return self._scheduler.model.num_forwards

    @property
    def num_halvings(self) -> int:
        """How often memory ran out, so that fewer are answered at once."""
        return self._scheduler.num_halvings

    @property
    def _context(self) -> int:
        return self._scheduler.model.max_length

    def close(self) -> None:
        """Drop compiled grammars and what was kept of pages."""
        self._scheduler.close()
        self._grammars.close()
        self.inputs.close()

    def begin(self, most: int | None = None) -> Session:
        """Return a place where questions are answered.

        Args:
            most: how many there will be, where that is known.
        """
        decoding = self._scheduler.begin(most)
        return Session(self, decoding, self.inputs.begin())

    def answer(self, questions: Sequence[Question]) -> list[Answer]:
        """Return one answer per question, in order; one that failed holds its error.

        A question fails alone where it has no image or does not fit the context, or where its
        schema has no grammar.
        """
        done: dict[int, Answer] = {}
        with closing(self.begin(len(questions))) as session:
            numbers = [session.ask(question) for question in questions]
            while session.num_open:
                done |= session.step()
        return [done[number] for number in numbers]

    def decode(self, questions: Sequence[Question]) -> list[Row]:
        """Return the finished row of each question, before it is read back.

        Raises:
            EngineError: a question cannot be asked.
        """
        done: dict[int, Row | EngineError] = {}
        with closing(self.begin(len(questions))) as session:
            numbers = [session.ask(question) for question in questions]
            while session.num_open:
                done |= session.decode()
        rows = [done[number] for number in numbers]
        for row in rows:
            if isinstance(row, EngineError):
                raise row
        return [row for row in rows if isinstance(row, Row)]

    def plan(self, question: Question) -> QuestionPlan:
        """Return what a question will show.

        Raises:
            EngineError: a page has no image, or the question does not fit the context.
        """
        return self._planner.plan(question, self._context, self._limits.max_new_tokens)

    def start(self, question: Question, index: int) -> Row:
        """Return an empty answer.

        Raises:
            EngineError: the schema has no grammar.
        """
        schema, limits = question.schema, self._limits
        if limits.max_new_tokens is None:
            limits = replace(limits, max_new_tokens=max_tokens_of(answer_schema(schema)))
        if is_free_answer(schema):
            limits = replace(limits, max_field_tokens=limits.max_free_tokens)
        lines = chain.from_iterable(text_lines(page.words) for page in question.pages)
        return Row(index, self._grammars.start(schema), limits, Printed("\n".join(lines)))

    def read_back(
        self,
        schema: Schema,
        row: Row | EngineError,
        notes: Mapping[str, float],
        told: tuple[str, ...] = (),
    ) -> Answer:
        """Return the answer that a row, or why there is none, comes to."""
        if isinstance(row, EngineError):
            return Answer(complete({}, answer_schema(schema)), views=told, error=row)
        return replace(read_answer(row, self._grammars, schema, notes), views=told)


def read_answer(row: Row, grammars: Grammars, schema: Schema, notes: Mapping[str, float]) -> Answer:
    """Return the values of a finished row, with a probability for every leaf it wrote.

    Forced tokens are certain.
    """
    pieces = grammars.text_of(row.tokens)
    tree, odds = read_pieces(pieces, row.log_probs, len(grammars.lead))
    told = expanded(tree, schema, grammars.form)
    probabilities = told.by_path(odds)
    usage = {
        "prompt_tokens": float(row.num_prompt_tokens),
        "reused_tokens": float(row.num_reused_tokens),
        "completion_tokens": float(len(row.tokens)),
        "forced_tokens": float(row.num_forced),
        "retries": float(row.num_retries),
        **notes,
    }
    values = complete(told.root, answer_schema(schema))
    return Answer(values, probabilities, {}, row.stop or StopReason.END, usage)
