"""What a server heeds, and what is left out or put otherwise once it refused something.

Knows nothing of HTTP, nor of schemas, pages or answers.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

from docextract.engine.server.http.verdict import is_context_refusal

OLD_LIMIT, NEW_LIMIT = "max_tokens", "max_completion_tokens"

_SCHEMA_WORDS = re.compile(
    r"max_?length|any_?of|max_?items|schema|response_format|grammar|guided|structured|regex",
    re.IGNORECASE,
)
_CONTEXT = re.compile(
    r"(?:context length (?:is|of)|must be <=|supports at most|context size is)\s*:?\s*(\d{1,9})",
    re.IGNORECASE,
)
_PROMPT = re.compile(
    r"(\d{1,9})\s*(?:in the messages|`?inputs?`?(?: tokens)|tokens from the input|prompt tokens)",
    re.IGNORECASE,
)
_REQUESTED = re.compile(r"requested (?:a total of )?(\d{1,9})", re.IGNORECASE)
_MIN_ROOM = 32


@dataclass(frozen=True, slots=True)
class Ability:
    """What a server was seen to heed.

    Attributes:
        is_constrained: answers keep to a JSON schema, or were not seen to break it.
        has_odds: it tells the probability of each token.
        is_plain: schemas are sent without lengths and ``anyOf``.
        has_temperature: it may be told to be greedy.
        limit_key: how it calls the longest answer.
        most_tokens: longest answer that its context was seen to hold; None if not known.
    """

    is_constrained: bool
    has_odds: bool
    is_plain: bool = False
    has_temperature: bool = True
    limit_key: str = OLD_LIMIT
    most_tokens: int | None = None


def without_refused(ability: Ability, told: str) -> Ability | None:
    """Return what to ask with after a refusal; None where it names nothing that can go.

    Args:
        ability: what was asked with.
        told: what the server said.
    """
    if is_context_refusal(told):
        return None
    said = told.lower()
    if ability.limit_key == OLD_LIMIT and (OLD_LIMIT in said or NEW_LIMIT in said):
        return replace(ability, limit_key=NEW_LIMIT)
    if ability.has_temperature and "temperature" in said:
        return replace(ability, has_temperature=False)
    if ability.has_odds and "logprob" in said:
        return replace(ability, has_odds=False)
    if ability.is_constrained and _SCHEMA_WORDS.search(said):
        is_plain = not ability.is_plain
        return replace(ability, is_constrained=is_plain, is_plain=is_plain)
    return None


def room_left(told: str, max_tokens: int) -> int | None:
    """Return how long an answer may be, as a refusal says; None where it does not.

    Args:
        told: what the server said, such as ``maximum context length is 4096 tokens, however you
            requested 5000 tokens``.
        max_tokens: what was asked for.
    """
    context, prompt, total = (rule.search(told) for rule in (_CONTEXT, _PROMPT, _REQUESTED))
    if context is None:
        return None
    num_prompt = int(prompt[1]) if prompt else int(total[1]) - max_tokens if total else 0
    room = int(context[1]) - num_prompt
    return room if _MIN_ROOM <= room < max_tokens else None
