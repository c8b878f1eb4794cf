"""Says what an HTTP reply means: the JSON that was asked for, or a refusal and what to do.

Knows nothing of schemas, pages or answers.
"""

from __future__ import annotations

import json
import re
from typing import Any, NamedTuple

from docextract.core import DocextractError, EngineError, Reason, SetupError
from docextract.engine.server.http.transport import Reply

KEY_VARIABLE = "DOCEXTRACT_API_KEY"
"""Never an option: command lines are seen by all users of a machine."""

REDIRECTED = "Redirects are not followed: correct --url (http or https, its port, its path)."

_MAX_READ, _MAX_TOLD = 2000, 300
"""Characters of a refusal: those looked into, and those that people are told."""
_MAX_DIGITS = 18
_BYTES_EACH, _FREE_BYTES = 8, 2**16
"""Of an object or list: read, an empty one takes seventy bytes where three were sent."""
_CALLERS = re.compile(r"invalid|bad|not.?found|refus|polic|filter|denied", re.IGNORECASE)
"""In the type of an error inside a reply of 200: it is about what was asked."""
_NO_MEMORY = re.compile(r"out of memory|outofmemory|overloaded|cannot allocate", re.IGNORECASE)
_NO_ROOM = re.compile(
    r"context[ _](?:length|size|window)|maximum context|too many tokens|max_new_tokens` must be",
    re.IGNORECASE,
)


_LLAMA_CPP = re.compile(r"exceeds the available context size", re.IGNORECASE)


class Verdict(NamedTuple):
    """A reply that was looked into.

    Attributes:
        status: of HTTP, or what an error inside a reply of 200 amounts to.
        told: what a refusal says, in one line; ``brief`` for people.
        tree: the JSON of what is no refusal.
        retry_after: when to ask again, as the server wrote it.
        is_inside: whether it is an error inside a reply of 200.
    """

    status: int
    told: str = ""
    tree: dict[str, Any] | None = None
    retry_after: str | None = None
    is_inside: bool = False

    @property
    def brief(self) -> str:
        """Status and words of a refusal, for people."""
        status = "200 with an error" if self.is_inside else str(self.status)
        return f"{status}: {self.told[:_MAX_TOLD]}".removesuffix(": ")


class Refusal(EngineError):
    """The server did not do what was asked of it.

    Attributes:
        status: of HTTP.
        told: what it said.
    """

    def __init__(self, reason: Reason, verdict: Verdict, hint: str | None) -> None:
        super().__init__(reason, f"the server answered {verdict.brief}", hint=hint)
        self.status = verdict.status
        self.told = verdict.told


def verdict_of(reply: Reply) -> Verdict:
    """Return what a reply means.

    Raises:
        EngineError: it is said to be well, and is no JSON object.
    """
    if not 200 <= reply.status < 300:
        return Verdict(reply.status, _told(reply.data), retry_after=reply.retry_after)
    tree = _json_object(reply.data)
    error = tree.get("error")
    if not error and tree.get("object") == "error":
        error = tree
    if not error:
        return Verdict(reply.status, tree=tree)
    told = _line(_message(error))
    return Verdict(_status_of(error), told, retry_after=reply.retry_after, is_inside=True)


def is_context_refusal(told: str) -> bool:
    """Return whether a refusal is about the length of the prompt and its answer."""
    return _NO_ROOM.search(told) is not None


def refused(url: str, verdict: Verdict) -> DocextractError:
    """Return the error that a refusal is.

    Args:
        url: of the server.
        verdict: one without a tree.
    """
    status, told = verdict.status, verdict.told
    if status in (401, 403):
        return SetupError(
            f"{url} wants another key, or one at all ({status})",
            f"Put it into the environment variable {KEY_VARIABLE}.",
        )
    return Refusal(*_meaning(status, told, verdict))


def _meaning(status: int, told: str, verdict: Verdict) -> tuple[Reason, Verdict, str | None]:
    if _LLAMA_CPP.search(told):
        hint = "Start llama.cpp's server with a larger --ctx-size; --parallel divides it."
        return Reason.TOO_LARGE, verdict, hint
    if is_context_refusal(told):
        hint = "Serve the model with a longer context, or ask with a lower --max-answer-tokens."
        return Reason.TOO_LARGE, verdict, hint
    if status == 413:
        return Reason.TOO_LARGE, verdict, "Let the server or its proxy take larger requests."
    if status >= 500 and _NO_MEMORY.search(told):
        hint = "Give the server more memory, a shorter context or a smaller model; then run again."
        return Reason.ENGINE_UNAVAILABLE, verdict, hint
    if status >= 500:
        return Reason.ENGINE_UNAVAILABLE, verdict, None
    if status == 404:
        return Reason.REFUSED, verdict, "Check --url and --model; then --retry-failed."
    if 300 <= status < 400:
        return Reason.REFUSED, verdict, f"{REDIRECTED} Then use --retry-failed."
    return Reason.REFUSED, verdict, None


def _status_of(error: Any) -> int:
    code = error.get("code") if isinstance(error, dict) else None
    if isinstance(code, int) and 400 <= code < 600:
        return code
    kind = str(error.get("type")) if isinstance(error, dict) else ""
    return 400 if _CALLERS.search(kind) and not _NO_MEMORY.search(_message(error)) else 500


def _message(error: Any) -> str:
    inner = error.get("error", error) if isinstance(error, dict) else error
    found = inner.get("message", inner) if isinstance(inner, dict) else inner
    try:
        return found if isinstance(found, str) else json.dumps(found)
    except RecursionError:
        return ""


def _told(data: bytes) -> str:
    try:
        return _line(_message(_loads(data)))
    except (ValueError, RecursionError):
        return _line(data.decode("utf-8", errors="replace"))


def _line(text: str) -> str:
    """Return the beginning of a text, in one line and without what acts on a terminal."""
    line = " ".join(text[:_MAX_READ].split())
    return "".join(char if char.isprintable() else "?" for char in line)


def _json_object(data: bytes) -> dict[str, Any]:
    if _BYTES_EACH * (data.count(b"{") + data.count(b"[")) > len(data) + _FREE_BYTES:
        raise _no_reply("holds more objects than any answer")
    try:
        found = _loads(data)
    except RecursionError as error:
        raise _no_reply("is nested too deeply") from error
    except ValueError as error:
        raise _no_reply("is no JSON") from error
    if not isinstance(found, dict):
        raise _no_reply("is no JSON object")
    return found


def _no_reply(what: str) -> EngineError:
    return EngineError(
        Reason.INVALID_ANSWER,
        f"the server's reply {what}",
        hint="Check --url, it usually ends in /v1, and the server's log; then --retry-failed.",
    )


def _loads(data: bytes) -> Any:
    return json.loads(data, parse_int=_whole)


def _whole(digits: str) -> float:
    # Python refuses to read numbers of thousands of digits.
    return int(digits) if len(digits) <= _MAX_DIGITS else float(digits)
