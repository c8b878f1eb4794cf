"""Turns a page and a prompt into what the decoder reads: embeddings up to the image, ids after.

Knows nothing of grammars, caches or answers. Images come before text, so the first part
depends on the page alone and can serve every question about it.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from docextract.engine.llava.model import LoadedModel
from docextract.errors import EngineError, Reason
from docextract.records import Page


@dataclass(frozen=True, slots=True)
class PageInput:
    """What stands before one answer.

    Attributes:
        page_key: equal for equal first parts.
        embed_page: returns the first part, [tokens, hidden], up to the last image token;
            it opens the pixels and runs the vision tower, so it is called only when needed.
        text_ids: the tokens after it, at least one.
    """

    page_key: str
    embed_page: Callable[[], Any]
    text_ids: list[int]


def make_page_input(loaded: LoadedModel, page: Page, prompt: str) -> PageInput:
    """Return the input for one page.

    Raises:
        EngineError: the page has no image.
    """
    if page.image is None or page.size is None:
        raise EngineError(Reason.ENGINE_FAILED, "the page came without its image")
    ids = _prompt_ids(loaded.processor, prompt)
    image_id = loaded.model.config.image_token_id
    at = ids.index(image_id)
    digest = hashlib.blake2b(page.image, digest_size=16)
    digest.update(f"{page.size} {ids[:at]}".encode())
    return PageInput(digest.hexdigest(), lambda: _embed_page(loaded, page, ids[:at]), ids[at + 1 :])


def _prompt_ids(processor: Any, prompt: str) -> list[int]:
    content = [{"type": "image"}, {"type": "text", "text": prompt}]
    text = processor.apply_chat_template(
        [{"role": "user", "content": content}], add_generation_prompt=True, tokenize=False
    )
    # The chat template writes the BOS token itself.
    ids: list[int] = processor.tokenizer(text, add_special_tokens=False)["input_ids"]
    return ids


def _embed_page(loaded: LoadedModel, page: Page, lead_ids: list[int]) -> Any:
    import torch
    from PIL import Image

    assert page.image is not None and page.size is not None
    model = loaded.model
    image = Image.frombytes("RGB", page.size, page.image)
    pixels = loaded.processor.image_processor(images=image, return_tensors="pt")
    pixels = pixels.to(model.device, dtype=model.dtype)
    features = torch.cat(list(model.get_image_features(**pixels).pooler_output))
    lead = model.get_input_embeddings()(torch.tensor(lead_ids, device=model.device))
    return torch.cat([lead, features.to(lead.dtype)])
