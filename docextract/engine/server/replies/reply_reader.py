"""Reads a server's reply back into values, whatever shape it came in.

Knows nothing of HTTP or of how the question was asked.
"""

from __future__ import annotations

from typing import Any, NamedTuple

from docextract.core import FULL, EngineError, Reason
from docextract.engine.answers.answer_form import Expanded, expanded
from docextract.engine.answers.answer_json import AnswerReader, TokenOdds, answer_schema, text_of
from docextract.engine.base import Answer, Question, StopReason
from docextract.engine.server.replies.choice import Choice, check_said, read_choice, tokens_of
from docextract.engine.server.replies.json_start import find_json, is_all_thought
from docextract.engine.server.replies.shaping import Shaped, keys_of, shaped
from docextract.schema import Schema

_USAGE = ("prompt_tokens", "completion_tokens")
_MAX_CHARS = 2**18
"""No answer of a schema is longer; what stands behind is not read."""
_MAX_COUNT = 1e12
_MAX_TOLD = 80
_KEEP = "Let the server keep to JSON schemas, or serve a model that does; then --retry-failed."
_LONGER = "Give a higher --max-answer-tokens, or switch thinking off at the server."


def read_reply(reply: dict[str, Any], question: Question, form: str = FULL) -> Answer:
    """Return the values of a reply, with a probability for each leaf where the server tells any.

    An answer that was cut keeps what was complete. What does not fit the schema is left out. One in
    the full form is read too where a sparse one was asked for.

    Raises:
        EngineError: the reply holds no answer, or one of which nothing fits.
    """
    said = read_choice(reply)
    check_said(said)
    best = _best(said, question.schema, form)
    is_long = len(said.content) > _MAX_CHARS or best.shaped.is_cut
    is_cut = is_long or said.finish_reason == "length" or not best.reader.is_complete
    return Answer(
        best.shaped.values,
        _probabilities(best, said),
        stop_reason=StopReason.LENGTH if is_cut else StopReason.END,
        usage=_usage(reply.get("usage")),
    )


class _Reading(NamedTuple):
    """One piece of JSON in an answer, and what it amounts to."""

    reader: AnswerReader
    told: Expanded
    shaped: Shaped


def _best(said: Choice, schema: Schema, form: str) -> _Reading:
    """Return what has most of the shape; of equals the last, as models think, then answer.

    Raises:
        EngineError: there is nothing, or nothing that fits.
    """
    text = said.content[:_MAX_CHARS]
    readers = [AnswerReader(text, found.begin) for found in find_json(text)]
    readings = [_reading(reader, schema, form) for reader in reversed(readers)]
    if not readings:
        raise _no_json(said)
    best = max(readings, key=lambda it: it.shaped.num_named)
    if not best.shaped.is_understood:
        told = ", ".join(keys_of(best.reader.root))[:_MAX_TOLD] or "nothing"
        message = f"nothing of the answer fits the schema: it names {told}"
        raise EngineError(Reason.INVALID_ANSWER, message, hint=_KEEP)
    return best


def _reading(reader: AnswerReader, schema: Schema, form: str) -> _Reading:
    told = expanded(reader.root, schema, form)
    return _Reading(reader, told, shaped(told.root, answer_schema(schema)))


def _no_json(said: Choice) -> EngineError:
    if is_all_thought(said.content):
        return EngineError(
            Reason.INVALID_ANSWER, "the model thought and gave no answer", hint=_LONGER
        )
    if len(said.content) > _MAX_CHARS:
        message = f"the answer has {len(said.content):,} characters, and no whole value in them"
        return EngineError(Reason.INVALID_ANSWER, message, hint=_KEEP)
    told = " ".join(said.content.split())[:_MAX_TOLD]
    is_cut = said.finish_reason == "length"
    what = "was cut before its JSON" if is_cut else "is no JSON"
    message = f"the answer {what}: {told!r}"
    return EngineError(Reason.INVALID_ANSWER, message, hint=_LONGER if is_cut else _KEEP)


def _probabilities(best: _Reading, said: Choice) -> dict[str, float]:
    pieces, log_probs = tokens_of(said)
    # Bytes of tokens that are no text would move all that follows.
    if not log_probs or not text_of(pieces).startswith(best.reader.text):
        return {}
    odds, spans = TokenOdds(pieces, log_probs), best.told.by_path(best.reader.spans)
    sources = best.shaped.sources.items()
    return {path: odds.joint(*spans[at]) for path, at in sources if at in spans}


def _usage(told: Any) -> dict[str, float]:
    if not isinstance(told, dict):
        return {}
    return {name: float(told[name]) for name in _USAGE if _is_count(told.get(name))}


def _is_count(told: Any) -> bool:
    return isinstance(told, int | float) and 0 <= told < _MAX_COUNT
