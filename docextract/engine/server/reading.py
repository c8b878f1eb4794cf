"""Reads a server's reply back into values, whatever shape it came in.

Knows nothing of HTTP or of how the question was asked.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

from docextract.engine.answer_format import answer_schema, fitted, read_pieces
from docextract.engine.base import Answer, Question, StopReason
from docextract.errors import EngineError, Reason

_USAGE = {"prompt_tokens": "prompt_tokens", "completion_tokens": "completion_tokens"}


def read_reply(reply: dict[str, Any], question: Question) -> Answer:
    """Return the values of a reply, with a probability for each leaf where the server tells any.

    An answer that was cut keeps what was complete. What does not fit the schema is left out.

    Raises:
        EngineError: the reply holds no answer.
    """
    said = read_choice(reply)
    begin = said.content.find("{")
    if begin < 0:
        told = " ".join(said.content.split())[:80]
        raise EngineError(Reason.INVALID_ANSWER, f"the answer is no JSON: {told!r}")
    pieces, log_probs = _pieces(said)
    tree, probabilities = read_pieces(pieces, log_probs, begin)
    is_cut = said.finish_reason == "length"
    return Answer(
        fitted(tree, answer_schema(question.schema)),
        probabilities if log_probs else {},
        stop_reason=StopReason.LENGTH if is_cut else StopReason.END,
        usage=_usage(reply.get("usage")),
    )


class Choice(NamedTuple):
    """What a reply says.

    Attributes:
        content: the text.
        finish_reason: why it ended.
        tokens: what is told of each token; empty where nothing is.
    """

    content: str
    finish_reason: str
    tokens: Sequence[Any]


def read_choice(reply: dict[str, Any]) -> Choice:
    """Return what a reply says.

    Raises:
        EngineError: it holds no text.
    """
    try:
        choice = reply["choices"][0]
        content = choice["message"]["content"] or ""
        tokens = (choice.get("logprobs") or {}).get("content") or []
        return Choice(str(content), str(choice.get("finish_reason")), list(tokens))
    except (KeyError, IndexError, TypeError, AttributeError) as error:
        raise EngineError(Reason.INVALID_ANSWER, "the server's reply holds no answer") from error


def _pieces(said: Choice) -> tuple[list[bytes], list[float]]:
    """Return an answer in tokens with their log-probabilities, or whole and with none.

    Tokens may go on behind the answer: some servers tell the one that ended it.
    """
    whole = said.content.encode()
    try:
        pieces = [_bytes_of(item) for item in said.tokens]
        odds = [min(0.0, float(item["logprob"])) for item in said.tokens]
    except (AttributeError, KeyError, TypeError, ValueError):
        return [whole], []
    if not pieces or not b"".join(pieces).startswith(whole):
        return [whole], []
    return pieces, odds


def _bytes_of(item: dict[str, Any]) -> bytes:
    told = item.get("bytes")
    return bytes(told) if told is not None else str(item["token"]).encode()


def _usage(told: Any) -> dict[str, float]:
    if not isinstance(told, dict):
        return {}
    counts = {name: told.get(key) for name, key in _USAGE.items()}
    return {name: float(n) for name, n in counts.items() if isinstance(n, int | float)}
