"""Writes questions as chat completions: images as data, the prompt, the shape of the answer.

Knows nothing of HTTP or of what comes back.
"""

from __future__ import annotations

import base64
import io
from typing import Any

from docextract.core import FULL, EngineError, Page, Reason, Tree, WordSource
from docextract.engine.answers.answer_form import keys_told
from docextract.engine.answers.answer_json import plain_schema
from docextract.engine.base import Question
from docextract.engine.prompt import build_prompt, page_heading, text_lines
from docextract.engine.server.requests.ability import Ability

_MAX_SIDE_PX = 2048
"""Most servers make larger images smaller themselves; A4 is then shown at 175 dpi."""
_JPEG_QUALITY = 92
_MAX_TEXT_CHARS = 6000
"""Stored words told beside an image: some 2,000 tokens."""


def content_of(
    question: Question, with_text: str, form: str = FULL
) -> tuple[list[dict[str, Any]], tuple[str, ...]]:
    """Return what a question says and shows to a model, and the same for people.

    Args:
        question: what is asked.
        with_text: ``yes`` tells a page's words, ``auto`` those of a text layer that is short
            enough, ``no`` none.
        form: how the answer is to be written.

    Raises:
        EngineError: a page came without its image.
    """
    told: list[str] = []
    content: list[dict[str, Any]] = []
    for page in question.pages:
        if len(question.pages) > 1:
            content.append({"type": "text", "text": page_heading(page.number)})
        data, size = _jpeg(page)
        content.append(image_part(data))
        told.append(f"p{page.number} whole, {size[0]}x{size[1]} pixels")
    texts = _texts(question, with_text)
    told += [f"p{number} text, {len(text)} characters" for number, text in texts.items()]
    prompt = build_prompt(
        question.schema,
        question.instructions,
        num_pages=len(question.pages),
        texts=texts,
        keys=keys_told(question.schema, form),
    )
    content.append({"type": "text", "text": prompt})
    return content, tuple(told)


def body(
    model: str, content: list[dict[str, Any]], shape: Tree, ability: Ability, max_tokens: int
) -> dict[str, Any]:
    """Return a chat completion: greedy, and with all that the server heeds."""
    found: dict[str, Any] = {
        "model": model,
        "messages": [{"role": "user", "content": content}],
        ability.limit_key: max_tokens,
    }
    if ability.has_temperature:
        found["temperature"] = 0
    if ability.is_constrained:
        sent = plain_schema(shape) if ability.is_plain else shape
        wanted = {"name": "answer", "schema": sent, "strict": True}
        found["response_format"] = {"type": "json_schema", "json_schema": wanted}
    if ability.has_odds:
        found["logprobs"] = True
    return found


def image_part(jpeg: bytes) -> dict[str, Any]:
    """Return an image as a part of a message."""
    data = base64.b64encode(jpeg).decode("ascii")
    return {"type": "image_url", "image_url": {"url": f"data:image/jpeg;base64,{data}"}}


def _jpeg(page: Page) -> tuple[bytes, tuple[int, int]]:
    from PIL import Image

    if page.image is None or page.size is None:
        raise EngineError(Reason.ENGINE_FAILED, "the page came without its image", page=page.number)
    width, height = page.size
    if len(page.image) != width * height * 3:
        message = f"the page's image has {len(page.image)} bytes for {width} x {height} pixels"
        raise EngineError(Reason.ENGINE_FAILED, message, page=page.number)
    image = Image.frombuffer("RGB", page.size, page.image, "raw", "RGB", 0, 1)
    image.thumbnail((_MAX_SIDE_PX, _MAX_SIDE_PX), Image.Resampling.BICUBIC)
    written = io.BytesIO()
    image.save(written, "JPEG", quality=_JPEG_QUALITY)
    return written.getvalue(), image.size


def _texts(question: Question, with_text: str) -> dict[int, str]:
    """Return the words that are told, by page number; ``auto`` cuts none."""
    texts = {}
    for page in question.pages:
        is_layer = page.word_source is WordSource.TEXT_LAYER
        if with_text == "yes" or (with_text == "auto" and is_layer):
            text = "\n".join(text_lines(page.words))
            if text and (with_text == "yes" or len(text) <= _MAX_TEXT_CHARS):
                texts[page.number] = text[:_MAX_TEXT_CHARS]
    return texts
