"""Asks a busy server again, and never waits longer than a question may take.

Knows nothing of what is asked.
"""

from __future__ import annotations

import time
from collections.abc import Callable

from urllib3.exceptions import InvalidHeader
from urllib3.util import Retry

from docextract.core import DeviceError, DocextractError, EngineError, Reason
from docextract.engine.server.http.allowance import Allowance
from docextract.engine.server.http.transport import ConnectionLost
from docextract.engine.server.http.verdict import Verdict

_NUM_RETRIES = 6
_NUM_LOST = 2
"""Connections that may be lost, or not come about, before nobody is there."""
_BACKOFF_S = 1.0
"""Before the second retry twice as long, then doubled each time: a minute in all."""
_TOO_BUSY = (408, 429, 502, 503, 504)
"""Not 500: some servers say so of one question, whenever it is asked."""
_AGAIN = "the same command goes on where this run ended."


def ask_patiently(ask: Callable[[], Verdict], url: str, allowance: Allowance) -> Verdict:
    """Return what a server says once it is not too busy to say anything.

    Args:
        ask: sends the request.
        url: of the server, for messages.
        allowance: the time there is, all tries together.

    Raises:
        DeviceError: nobody is there, or the server stays too busy.
        EngineError: somebody is there, and breaks off replies to this request.
    """
    num_lost = num_busy = 0
    while True:
        num_asked = num_lost + num_busy
        pause_s = _BACKOFF_S * 2**num_asked if num_asked else 0.0
        try:
            verdict = ask()
        except ConnectionLost as error:
            if num_lost == _NUM_LOST or not allowance.has(pause_s):
                raise _gone(url, error) from error
            num_lost += 1
        else:
            if verdict.status not in _TOO_BUSY:
                return verdict
            pause_s = max(pause_s, _wanted_s(verdict))
            if num_busy == _NUM_RETRIES or not allowance.has(pause_s):
                raise _busy(url, verdict, num_busy, pause_s)
            num_busy += 1
        time.sleep(pause_s)


def _wanted_s(verdict: Verdict) -> float:
    """Return how long the server wants to be left alone; 0 where it does not say."""
    if verdict.retry_after is None:
        return 0.0
    try:
        return Retry().parse_retry_after(verdict.retry_after)
    except (InvalidHeader, OverflowError, ValueError):
        return 0.0


def _busy(url: str, verdict: Verdict, num_retries: int, pause_s: float) -> DeviceError:
    if num_retries == _NUM_RETRIES:
        message = f"{url} still answers after {num_retries} retries: {verdict.brief}"
        return DeviceError(message, f"Ask again when it is less busy; {_AGAIN}")
    message = (
        f"{url} is to be asked again in {pause_s:.0f} s, beyond --timeout or the end of the run: "
        f"{verdict.brief}"
    )
    return DeviceError(message, f"Ask again when it is less busy, or give it longer; {_AGAIN}")


def _gone(url: str, error: ConnectionLost) -> DocextractError:
    if error.was_there:
        return EngineError(
            Reason.ENGINE_UNAVAILABLE,
            "the server broke off each time before its reply was whole",
            hint="See the server's log, and that of a proxy before it; the next run asks again.",
        )
    return DeviceError(
        f"no server answers at {url}: {error}",
        f"Start it, or correct --url; {_AGAIN}",
    )
