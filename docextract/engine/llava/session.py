"""Questions answered side by side by one model: asked at any time, answered as each one ends.

Knows nothing of documents, or of how a pass over the model is run.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from typing import TYPE_CHECKING, NamedTuple

from docextract.engine.base import Answer, Question
from docextract.engine.llava.batch import Request
from docextract.engine.llava.page_input import NUM_AHEAD, Ahead
from docextract.engine.llava.row import Row
from docextract.engine.llava.scheduler import Decoding
from docextract.errors import EngineError, Reason
from docextract.schema.fields import Schema

if TYPE_CHECKING:
    from docextract.engine.llava.decoding import Decoder


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
        start = partial(self._decoder.start, question.schema)
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
