"""Takes out of a chat completion what the model said, in whatever way servers put it.

Knows nothing of HTTP, nor of schemas or of what was asked.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

from docextract.core import EngineError, Reason

_MAX_TOLD = 200
_MAX_TOKENS = 2**16
"""Of more nothing is believed: no answer is asked for that is so long."""
_MAX_TOKEN_BYTES = 1000
_SLIGHTLY_ABOVE_0 = 0.01
"""Some servers round the odds of a certain token to a little more than certain."""


class Choice(NamedTuple):
    """What a reply says.

    Attributes:
        content: the text.
        finish_reason: why it ended.
        tokens: what is told of each token; empty where nothing is.
        refusal: why the model does not answer, if it says so.
        has_thought: whether it was told to have thought first.
    """

    content: str
    finish_reason: str
    tokens: Sequence[Any]
    refusal: str = ""
    has_thought: bool = False


def read_choice(reply: dict[str, Any]) -> Choice:
    """Return what a reply says, which may be nothing.

    Raises:
        EngineError: it has no message.
    """
    try:
        choice = reply["choices"][0]
        message = choice["message"]
        tokens = (choice.get("logprobs") or {}).get("content")
        thought = message.get("reasoning_content") or message.get("reasoning")
        parts = list(_parts(message.get("content")))
    except (KeyError, IndexError, TypeError, AttributeError) as error:
        raise EngineError(
            Reason.INVALID_ANSWER,
            "the server's reply holds no answer",
            hint="It is no chat completion: check --url and the server's version.",
        ) from error
    return Choice(
        content="".join(text for kind, text in parts if kind == "text"),
        finish_reason=str(choice.get("finish_reason")),
        tokens=tokens if isinstance(tokens, list) and len(tokens) <= _MAX_TOKENS else [],
        refusal="".join([_text(message.get("refusal")), *(t for k, t in parts if k == "refusal")]),
        has_thought=bool(thought) or any(kind == "thought" for kind, _ in parts),
    )


def check_said(said: Choice) -> None:
    """Check that a model said something.

    Raises:
        EngineError: it would not answer, was kept from it, or said nothing.
    """
    if said.refusal:
        told = " ".join(said.refusal.split())[:_MAX_TOLD]
        raise EngineError(Reason.REFUSED, f"the model refuses to answer: {told}", hint=_REFUSED)
    if said.finish_reason == "content_filter":
        message = "the server's content filter withheld the answer"
        raise EngineError(Reason.REFUSED, message, hint=_FILTERED)
    if said.content.strip():
        return
    if said.finish_reason == "length":
        message = "the answer is empty: all its tokens were spent before it began"
        raise EngineError(Reason.INVALID_ANSWER, message, hint=_SPENT)
    message = "the model thought and gave no answer" if said.has_thought else "the answer is empty"
    raise EngineError(Reason.INVALID_ANSWER, message, hint=_SPENT if said.has_thought else _EMPTY)


_REFUSED = "Ask another model, or see the server's instructions to it; then --retry-failed."
_FILTERED = "Loosen the server's content filter, or ask another model; then --retry-failed."
_SPENT = "Switch thinking off at the server, or give a higher --max-answer-tokens."
_EMPTY = "See the server's log, and whether its chat template fits the model."


def tokens_of(said: Choice) -> tuple[list[bytes], list[float]]:
    """Return an answer in tokens with their log-probabilities, or whole and with none.

    Tokens may go on behind the answer: some servers tell the one that ended it.
    """
    whole = said.content.encode(errors="replace")
    try:
        pieces = [_bytes_of(item) for item in said.tokens]
        odds = [_log_prob(item["logprob"]) for item in said.tokens]
    except (AttributeError, KeyError, TypeError, ValueError, OverflowError):
        return [whole], []
    if not pieces or not b"".join(pieces).startswith(whole):
        return [whole], []
    return pieces, odds


def _bytes_of(item: dict[str, Any]) -> bytes:
    told = item.get("bytes")
    # A number would be taken for a length, and that much memory be filled with zeros.
    if isinstance(told, list) and len(told) <= _MAX_TOKEN_BYTES:
        return bytes(told)
    return str(item["token"]).encode(errors="replace")


def _log_prob(told: Any) -> float:
    """Return a log-probability.

    Raises:
        ValueError: it is none: of another kind, no number, or more than certain.
    """
    if not isinstance(told, int | float) or not told <= _SLIGHTLY_ABOVE_0:
        raise ValueError(f"{told!r} is no log-probability")
    return min(0.0, float(told))


def _parts(content: Any) -> Iterator[tuple[str, str]]:
    """Yield the parts of a message as ``text``, ``refusal`` or ``thought``, with their text."""
    for part in content if isinstance(content, list) else [content]:
        if not isinstance(part, dict):
            yield "text", _text(part)
        elif part.get("refusal"):
            yield "refusal", _text(part["refusal"])
        elif "think" in str(part.get("type")) or "reason" in str(part.get("type")):
            yield "thought", ""
        else:
            yield "text", _text(part.get("text"))


def _text(value: Any) -> str:
    return value if isinstance(value, str) else ""
