"""Puts image features where a prompt has its image tokens, and keeps other text from having any.

Knows nothing of pages or schemas. What a user or a document says must never become an image
token, or features would land in the middle of it.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import chain
from typing import TYPE_CHECKING, Any

from docextract.core import EngineError, Reason

if TYPE_CHECKING:
    from torch import Tensor


def special_texts(tokenizer: Any, image_token: int) -> tuple[str, ...]:
    """Return every text that a tokenizer turns into a token with a meaning of its own."""
    added = [str(token) for token in tokenizer.added_tokens_decoder.values() if token.special]
    image: str = tokenizer.convert_ids_to_tokens(image_token)
    texts = {text.strip() for text in (*added, *tokenizer.all_special_tokens, image)}
    return tuple(sorted(text for text in texts if len(text) > 1))


def defused(text: str, specials: Iterable[str]) -> str:
    """Return text in which no special token is left: a space follows its first character."""
    found = True
    while found:
        found = False
        for special in specials:
            if special in text:
                text, found = text.replace(special, f"{special[0]} {special[1:]}"), True
    return text


def expanded(ids: Sequence[int], image_token: int, num_tokens: Sequence[int]) -> list[int]:
    """Return prompt ids in which each image token is repeated as often as its view has features.

    Args:
        ids: of the prompt, one image token for each view.
        image_token: its id.
        num_tokens: of each view, in the order of the prompt.

    Raises:
        EngineError: there are more or fewer image tokens than views.
    """
    if ids.count(image_token) != len(num_tokens):
        raise EngineError(
            Reason.ENGINE_FAILED,
            f"the prompt has {ids.count(image_token)} image tokens for {len(num_tokens)} views",
        )
    counts = iter(num_tokens)
    return list(
        chain.from_iterable(
            [token] * (next(counts) if token == image_token else 1) for token in ids
        )
    )


def embedded(
    ids: Sequence[int], image_token: int, features: Sequence[Tensor], embedding: Any
) -> Tensor:
    """Return what the language model reads, of shape (1, len(ids), hidden).

    Args:
        ids: of the prompt, as :func:`expanded` gives them.
        image_token: its id.
        features: of each view, of shape (num_tokens, hidden), in the order of the prompt.
        embedding: the model's input embedding.

    Raises:
        EngineError: there are more or fewer image tokens than features.
    """
    import torch

    device = embedding.weight.device
    # Places are found on the host: a mask on the device would make it wait.
    places = [at for at, token in enumerate(ids) if token == image_token]
    num_features = sum(map(len, features))
    if len(places) != num_features:
        raise EngineError(
            Reason.ENGINE_FAILED,
            f"the prompt has {len(places)} image tokens for {num_features} features",
        )
    with torch.inference_mode():
        embeds: Tensor = embedding(torch.tensor([ids], device=device))
        if features:
            at = torch.tensor(places, device=device)
            embeds[0].index_copy_(0, at, torch.cat(list(features)).to(embeds))
    return embeds
