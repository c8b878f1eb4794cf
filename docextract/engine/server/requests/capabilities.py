"""Finds out which model a server has and what it heeds, by asking; many ignore what they accept.

Knows nothing of documents or schemas.
"""

from __future__ import annotations

import datetime as dt
import io
import json
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

from docextract.core import HINTS, EngineError, OptionError, Patience, Reason, SetupError
from docextract.engine.server.http.allowance import Allowance
from docextract.engine.server.http.client import Client, is_local
from docextract.engine.server.http.verdict import REDIRECTED, Refusal
from docextract.engine.server.replies.choice import Choice, read_choice
from docextract.engine.server.requests.ability import Ability
from docextract.engine.server.requests.asking import Asked, Asker
from docextract.engine.server.requests.message import body, image_part

PROBE = "What is shown?"

_WORD = "docextract-probe"
_SHAPE = {
    "type": "object",
    "properties": {"reply": {"enum": [_WORD]}},
    "required": ["reply"],
    "additionalProperties": False,
}
_PROBE_PX = 224
_LEAST_S = 5.0
_UNREADY = "See its log, and whether --url is right (it usually ends in /v1); then run again."
_MAX_TOKENS = 256
"""The reply takes a dozen; the grammar of llama.cpp allows twenty blanks at each joint."""
_MIN_BEGUN = 10
"""Characters of the reply, blanks left out, that no server writes by chance."""


@dataclass(frozen=True, slots=True)
class ChosenServer:
    """A server that answers about images.

    Attributes:
        url: its address.
        model: the name of the model it is asked for.
        ability: what it heeds.
        why: for people.
    """

    url: str
    model: str
    ability: Ability
    why: str


def choose_server(url: str, model: str | None, patience: Patience | None = None) -> ChosenServer:
    """Return the server at an address, once it has answered about an image.

    Args:
        url: such as ``http://localhost:8000/v1``.
        model: a served model's name; None where there is only one.
        patience: how long it may take, all requests together.

    Raises:
        OptionError: the address is none, or the model is not served.
        SetupError: the server is not there, or cannot answer about images.
    """
    client = Client(url, 1, _until_the_run_ends(patience or Patience()))
    allowance = client.allowance()
    try:
        name = _model(client, model, allowance)
        ability, told = _ability(client, name, allowance)
    finally:
        client.close()
    return ChosenServer(client.url, name, ability, _why(client.url, name, told))


def _until_the_run_ends(patience: Patience) -> Patience:
    """Return the time there is to look a server over: a run that is to end soon waits less."""
    if patience.until is None:
        return patience
    left_s = (patience.until - dt.datetime.now(dt.UTC)).total_seconds()
    return Patience(min(patience.answer_s, max(left_s, _LEAST_S)), patience.until)


def _model(client: Client, wanted: str | None, allowance: Allowance) -> str:
    served = client.models(allowance)
    if wanted is not None:
        if served and wanted not in served:
            raise OptionError(
                f"{client.url} does not serve {wanted}", f"It serves {', '.join(served)}."
            )
        return wanted
    if len(served) == 1:
        return served[0]
    if served:
        hint = f"Name one of {', '.join(served)}."
        raise OptionError(f"{client.url} serves several models: --model says which", hint)
    raise SetupError(f"{client.url} does not say which models it serves", "Name one with --model.")


def _ability(client: Client, model: str, allowance: Allowance) -> tuple[Ability, str]:
    """Return what the server heeds, and that for people; what it refuses is not asked again."""
    content, refusal = _content(), None
    for ability in _abilities():
        try:
            asked = Asker(client, ability).ask(
                lambda heeded, most: body(model, content, _SHAPE, heeded, most),
                _MAX_TOKENS,
                allowance,
            )
            return _seen(asked, read_choice(asked.reply))
        except EngineError as error:
            refusal = refusal or error
            if _is_hopeless(error, allowance):
                break
    raise _unfit(client.url, refusal)


def _is_hopeless(error: EngineError, allowance: Allowance) -> bool:
    """Whether no other way of asking helps: there is no such page, or no time left."""
    return allowance.left_s <= 0 or (isinstance(error, Refusal) and error.status == 404)


def _unfit(url: str, error: EngineError | None) -> SetupError:
    if isinstance(error, Refusal) and error.status == 404:
        return SetupError(
            f"{url} has no chat completions: {error}",
            "Check --url, which usually ends in /v1, and --model.",
        )
    if isinstance(error, Refusal) and error.status < 400:
        return SetupError(f"{url} answers from elsewhere: {error}", REDIRECTED)
    if isinstance(error, Refusal) and error.status < 500:
        return SetupError(
            f"{url} cannot answer about images: {error}",
            "Serve a model that reads images, such as llava-hf/llava-v1.6-mistral-7b-hf.",
        )
    message = f"{url} did not answer a first question: {error}"
    if error is not None and error.reason is Reason.ENGINE_UNAVAILABLE:
        return SetupError(message, _UNREADY if error.hint == HINTS[error.reason] else error.hint)
    return SetupError(message, _UNREADY)


def _abilities() -> Iterator[Ability]:
    for is_constrained in (True, False):
        for has_odds in (True, False):
            yield Ability(is_constrained, has_odds)


def _content() -> list[dict[str, Any]]:
    from PIL import Image

    written = io.BytesIO()
    Image.new("RGB", (_PROBE_PX, _PROBE_PX), "white").save(written, "JPEG")
    return [image_part(written.getvalue()), {"type": "text", "text": PROBE}]


def _seen(asked: Asked, said: Choice) -> tuple[Ability, str]:
    """Return what a reply to the probe shows, and that for people.

    A model that thinks, or writes blanks, may not come to its reply: it is asked to keep to the
    schema all the same, and answers are read as if it did not.
    """
    ability = asked.ability
    is_cut = said.finish_reason == "length"
    is_seen = _is_probe(said.content) or (is_cut and _begins_probe(said.content))
    is_open = not is_seen and is_cut and _may_become(said.content)
    is_kept = ability.is_constrained and (is_seen or is_open)
    has_odds = ability.has_odds and (bool(said.tokens) or not said.content)
    told = "keeps to the schema" if is_kept else "does not keep to the schema"
    if is_kept and is_open:
        told = "thinks before it answers and was not seen to keep to the schema"
    odds = "" if has_odds else ", tells no probabilities"
    return replace(ability, is_constrained=is_kept, has_odds=has_odds), f"{told}{odds}"


def _may_become(content: str) -> bool:
    """Return whether a cut reply may be the beginning of the right one, or of a thought."""
    begun = content.strip()
    return not begun or begun.startswith(("{", "<", "[THINK]", "◁"))


def _is_probe(content: str) -> bool:
    try:
        return bool(json.loads(content) == {"reply": _WORD})
    except (ValueError, RecursionError):
        return False


def _begins_probe(content: str) -> bool:
    """Return whether a cut reply is the right one as far as it goes, but for its blanks."""
    begun, wanted = "".join(content.split()), json.dumps({"reply": _WORD}, separators=(",", ":"))
    return len(begun) >= _MIN_BEGUN and wanted.startswith(begun)


def _why(url: str, model: str, told: str) -> str:
    why = f"{model} at {url}, which {told}"
    return why if is_local(url) else f"{why}; pages are sent there"
