"""The forward pass of training, built from the engine's own parts; its loss is that of answers.

Knows nothing of optimisers or files. The tower runs without gradients, logits are made at answer
positions alone, and a view's features never cross into another example.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any, NamedTuple, Self

import torch
from torch import nn
from torch.nn import functional

from docextract.core import ModelLoadError, Page
from docextract.engine.llava.vision.encoder import pack_features
from docextract.training.examples.example import Example
from docextract.training.examples.tower_features import TowerFeatures

if TYPE_CHECKING:
    from torch import Tensor


class AnswerLoss(NamedTuple):
    """The loss of some examples.

    Attributes:
        total: sum of cross entropy over their answers' tokens.
        num_tokens: of their answers.
        num_right: tokens that would have been chosen.
    """

    total: Tensor
    num_tokens: int
    num_right: int


class Restored(NamedTuple):
    """What ``load_state_dict`` tells, in torch's words."""

    missing_keys: tuple[str, ...] = ()
    unexpected_keys: tuple[str, ...] = ()


PageOf = Callable[[Example, int], Page]
"""Returns a page with its pixels, by its number."""


class AnsweringModel(nn.Module):  # type: ignore[misc]
    """A LLaVA-NeXT that is taught to answer.

    Its state is what is trained and nothing else, so that a checkpoint holds no frozen weights.

    Args:
        model: a transformers image-text-to-text model, perhaps with LoRA layers.
        features: of its frozen tower.
        page_of: opens pages.
        image_token: id of the placeholder.
    """

    def __init__(
        self, model: Any, features: TowerFeatures, page_of: PageOf, image_token: int
    ) -> None:
        super().__init__()
        self.model = model
        self._features = features
        self._page_of = page_of
        self._image_token = image_token

    def forward(self, examples: Sequence[Example]) -> AnswerLoss:
        """Return the loss of examples, read side by side."""
        hidden = self._decoded(self._embedded(examples))
        rows, places, targets = self._answers(examples)
        logits = self.model.lm_head(hidden[rows, places]).float()
        total = functional.cross_entropy(logits, targets, reduction="sum")
        num_right = int((logits.argmax(-1) == targets).sum())
        return AnswerLoss(total, len(targets), num_right)

    def _decoded(self, embeddings: Tensor) -> Any:
        # Padding stands on the right, where no token looks: no mask is needed.
        decoder = self.model.model.language_model
        return decoder(inputs_embeds=embeddings, use_cache=False).last_hidden_state

    def _embedded(self, examples: Sequence[Example]) -> Tensor:
        embedding = self.model.get_input_embeddings()
        length = max(example.num_tokens for example in examples)
        ids = torch.zeros(len(examples), length, dtype=torch.long)
        for row, example in enumerate(examples):
            whole = torch.tensor([*example.prompt_ids, *example.answer_ids])
            ids[row, : len(whole)] = whole
        places = (ids == self._image_token).nonzero(as_tuple=True)
        ids = ids.to(embedding.weight.device)
        embeddings: Tensor = embedding(ids)
        shown = self._shown(examples)
        if not shown:
            return embeddings
        at = tuple(index.to(ids.device) for index in places)
        return embeddings.index_put(at, torch.cat(shown).to(embeddings.dtype))

    def _shown(self, examples: Sequence[Example]) -> list[Tensor]:
        """Return the features of each view of each example, as the decoder reads them."""
        inner = self.model.model
        views, seen = [], []
        for example in examples:
            for key, number in zip(example.views, example.pages, strict=True):
                views.append(key.view)
                seen.append(self._features.of(key, partial(self._page_of, example, number)))
        if not seen:
            return []
        projected = inner.multi_modal_projector(self._as_projector(torch.cat(seen)))
        newline = getattr(inner, "image_newline", None)
        parts = projected.split([len(tiles) for tiles in seen])
        return [pack_features(part, view, newline) for part, view in zip(parts, views, strict=True)]

    def _as_projector(self, features: Tensor) -> Tensor:
        parameter = next(self.model.model.multi_modal_projector.parameters())
        return features.to(parameter.device, parameter.dtype)

    def _answers(self, examples: Sequence[Example]) -> tuple[Tensor, Tensor, Tensor]:
        """Return rows, the places before answer tokens, and those tokens."""
        rows: list[int] = []
        places: list[int] = []
        targets: list[int] = []
        for row, example in enumerate(examples):
            first = len(example.prompt_ids) - 1
            rows += [row] * len(example.answer_ids)
            places += range(first, first + len(example.answer_ids))
            targets += example.answer_ids
        device = self.model.lm_head.weight.device
        as_tensor = [torch.tensor(part, device=device) for part in (rows, places, targets)]
        return as_tensor[0], as_tensor[1], as_tensor[2]

    def train(self, mode: bool = True) -> Self:
        """Set all but the tower to be trained."""
        super().train(mode)
        self.model.model.vision_tower.eval()
        return self

    def state_dict(self, *_: Any, **__: Any) -> dict[str, Any]:
        """Return what is trained."""
        named = self.named_parameters()
        return {name: it.detach() for name, it in named if it.requires_grad}

    def load_state_dict(self, state_dict: Mapping[str, Any], *_: Any, **__: Any) -> Any:
        """Put back what was trained, all of it and nothing else.

        Raises:
            ModelLoadError: the state is of another model.
        """
        own = self.state_dict()
        odd = sorted(own.keys() ^ state_dict.keys())
        if odd:
            raise ModelLoadError(f"the checkpoint is of another model: {odd[0]}")
        super().load_state_dict(state_dict, strict=False)
        # What is frozen is no part of the state, so nothing is missing.
        return Restored()
