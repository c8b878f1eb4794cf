"""Finds out which model a server has and what it heeds, by asking; many ignore what they accept.

Knows nothing of documents or schemas.
"""

from __future__ import annotations

import io
import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from docextract.engine.server.client import Client, is_local
from docextract.engine.server.message import Ability, body, image_part
from docextract.engine.server.reading import read_choice
from docextract.errors import EngineError, OptionError, SetupError

_WORD = "docextract-probe"
_SHAPE = {
    "type": "object",
    "properties": {"reply": {"enum": [_WORD]}},
    "required": ["reply"],
    "additionalProperties": False,
}
_PROBE_PX = 224
_MAX_TOKENS = 32


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


def choose_server(url: str, model: str | None) -> ChosenServer:
    """Return the server at an address, once it has answered about an image.

    Args:
        url: such as ``http://localhost:8000/v1``.
        model: a served model's name; None where there is only one.

    Raises:
        OptionError: the address is none, or the model is not served.
        SetupError: the server is not there, or cannot answer about images.
    """
    client = Client(url, 1)
    try:
        name = _model(client, model)
        ability = _ability(client, name)
    finally:
        client.close()
    return ChosenServer(client.url, name, ability, _why(client.url, name, ability))


def _model(client: Client, wanted: str | None) -> str:
    served = client.models()
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


def _ability(client: Client, model: str) -> Ability:
    """Return what the server heeds; what it refuses outright is not asked of it again."""
    refused: EngineError | None = None
    for ability in _abilities():
        try:
            reply = client.complete(body(model, _content(), _SHAPE, ability, _MAX_TOKENS))
            said = read_choice(reply)
        except EngineError as error:
            refused = refused or error
            continue
        is_kept = ability.is_constrained and _is_probe(said.content)
        return Ability(is_kept, ability.has_odds and bool(said.tokens))
    raise SetupError(
        f"{client.url} cannot answer about images: {refused}",
        "Serve a model that reads images, such as llava-hf/llava-v1.6-mistral-7b-hf.",
    )


def _abilities() -> Iterator[Ability]:
    for is_constrained in (True, False):
        for has_odds in (True, False):
            yield Ability(is_constrained, has_odds)


def _content() -> list[dict[str, Any]]:
    from PIL import Image

    written = io.BytesIO()
    Image.new("RGB", (_PROBE_PX, _PROBE_PX), "white").save(written, "JPEG")
    return [image_part(written.getvalue()), {"type": "text", "text": "What is shown?"}]


def _is_probe(content: str) -> bool:
    try:
        return bool(json.loads(content) == {"reply": _WORD})
    except ValueError:
        return False


def _why(url: str, model: str, ability: Ability) -> str:
    kept = "keeps to the schema" if ability.is_constrained else "does not keep to the schema"
    odds = "" if ability.has_odds else ", tells no probabilities"
    told = f"{model} at {url}, which {kept}{odds}"
    return told if is_local(url) else f"{told}; pages are sent there"
