"""Words requests so that a server takes them, and remembers how for the rest of a run.

Knows nothing of what is asked or of how replies are read.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any, NamedTuple

from docextract.engine.server.http.allowance import Allowance
from docextract.engine.server.http.client import Client
from docextract.engine.server.http.verdict import Refusal
from docextract.engine.server.requests.ability import Ability, room_left, without_refused

Write = Callable[[Ability, int], dict[str, Any]]
"""Returns the body of a request: by what the server heeds, with the longest answer."""

_FIXED_BYTES = 2**18
_TEXT_BYTES, _ODDS_BYTES = 64, 2**12
"""Of a reply, for each token; llama.cpp tells of each the odds of twenty others."""
_MAX_BYTES = 2**24


class Asked(NamedTuple):
    """A reply, and how it was asked for."""

    reply: dict[str, Any]
    ability: Ability
    max_tokens: int


class Asker:
    """Asks one server; may be used by several threads.

    What threads learn at the same time may overwrite one another; it is then learnt again.

    Attributes:
        ability: what the server was seen to heed so far.
    """

    def __init__(self, client: Client, ability: Ability) -> None:
        self._client = client
        self.ability = ability

    def ask(self, write: Write, max_tokens: int, allowance: Allowance) -> Asked:
        """Return the reply to a completion, perhaps without what the server refused.

        Args:
            write: makes the request.
            max_tokens: longest answer.
            allowance: the time there is, all tries together.

        Raises:
            EngineError: there is no reply; see ``Client.complete``.
            SetupError: the server is not there any more, stays too busy, or wants a key.
        """
        ability, room = self.ability, None
        wanted = min(max_tokens, ability.most_tokens or max_tokens)
        # It ends, as what was left out stays out and the room is taken once.
        while True:
            body, max_bytes = write(ability, wanted), _max_bytes(ability, wanted)
            try:
                reply = self._client.complete(body, allowance, max_bytes)
            except Refusal as refusal:
                left = room_left(refusal.told, wanted) if room is None else None
                changed = without_refused(ability, refusal.told)
                if left is None and changed is None:
                    raise
                wanted, room = left or wanted, left or room
                ability = ability if left or changed is None else changed
            else:
                self._remember(ability, room)
                return Asked(reply, ability, wanted)

    def _remember(self, ability: Ability, room: int | None) -> None:
        """Keep what was learnt; of several rooms the largest, as prompts differ in length."""
        if room is not None:
            ability = replace(ability, most_tokens=max(room, self.ability.most_tokens or 0))
        self.ability = ability


def _max_bytes(ability: Ability, max_tokens: int) -> int:
    each = _ODDS_BYTES if ability.has_odds else _TEXT_BYTES
    return min(_FIXED_BYTES + each * max_tokens, _MAX_BYTES)
