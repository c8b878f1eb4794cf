"""Finds where JSON begins in what a model said, past its thoughts and among its prose.

Knows nothing of schemas; text in, places out.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import NamedTuple

from docextract.engine.answers.answer_json import DECODER, AnswerReader

_OPENERS = re.compile(r"[{\[]")
_THOUGHT_ENDS = re.compile(
    r"</think(?:ing)?>|</reasoning>|\[/THINK\]|◁/think▷|<\|channel\|>final<\|message\|>"
)
_THOUGHT_BEGINS = re.compile(
    r"\s*(?:<think(?:ing)?>|<reasoning>|\[THINK\]|◁think▷|<\|channel\|>analysis)"
)
_MAX_TRIES = 500
_MAX_FOUND = 20
_LITERALS = ("true", "false", "null", "NaN", "Infinity", "-Infinity")


class Found(NamedTuple):
    """Where JSON stands.

    Attributes:
        begin: its first character.
        end: the character behind it; of what is cut, the end of the text.
        is_whole: whether its end is there.
    """

    begin: int
    end: int
    is_whole: bool


def find_json(text: str) -> list[Found]:
    """Return the places of JSON objects, and of lists with any, in order.

    What a model thought before it answered is passed over, and is all there is where its end
    is missing. An object that is cut or broken stands among them too; what is inside another
    does not.
    """
    thought_end = max((found.end() for found in _THOUGHT_ENDS.finditer(text)), default=0)
    if thought_end:
        said = list(_found(text, thought_end))
        # Values may hold such a mark, as pages may print it.
        return said or [it for it in _found(text, 0) if it.begin < thought_end < it.end]
    return [] if _THOUGHT_BEGINS.match(text) else list(_found(text, 0))


def is_all_thought(text: str) -> bool:
    """Return whether a model did not come to the end of its thoughts."""
    return bool(_THOUGHT_BEGINS.match(text)) and not _THOUGHT_ENDS.search(text)


def _found(text: str, begin: int) -> Iterator[Found]:
    num_found = 0
    for _ in range(_MAX_TRIES):
        opener = _OPENERS.search(text, begin)
        if opener is None or num_found >= _MAX_FOUND:
            return
        found = _read(text, opener.start())
        if found is None:
            begin = opener.end()
            continue
        num_found += 1
        yield found
        begin = found.end


def _read(text: str, begin: int) -> Found | None:
    """Return the JSON that begins at a character; None where prose does."""
    try:
        value, end = DECODER.raw_decode(text, begin)
    except json.JSONDecodeError as error:
        return _cut_or_broken(text, begin, error)
    except RecursionError:
        return Found(begin, len(text), is_whole=False)
    has_object = isinstance(value, dict) or any(isinstance(row, dict) for row in value)
    return Found(begin, end, is_whole=True) if has_object else None


def _cut_or_broken(text: str, begin: int, error: json.JSONDecodeError) -> Found | None:
    reader = AnswerReader(text, begin)
    # Prose in braces has no member.
    if not reader.spans:
        return None
    if reader.is_complete:
        return Found(begin, reader.end, is_whole=True)
    rest = text[error.pos :].strip()
    is_cut = error.msg.startswith("Unterminated string") or _is_unfinished(rest)
    return Found(begin, len(text) if is_cut else error.pos, is_whole=False)


def _is_unfinished(rest: str) -> bool:
    """Return whether a text is the beginning of a value, or none."""
    return any(word.startswith(rest) for word in _LITERALS)
