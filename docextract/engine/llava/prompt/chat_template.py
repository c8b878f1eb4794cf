"""How a model's chat template wraps a question: text and places of images in, token ids out.

Knows nothing of pages, views or schemas. The template is asked once, for one image and one
text; several images are then laid out as it lays out one.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from docextract.core import ModelLoadError
from docextract.engine.llava.prompt.placeholders import defused, special_texts

_MARK = "docextract question"
_ROLE = re.compile(r"\[/?\w+\]|<[^<>\s]+>|#{2,}|[A-Za-z]{2,}:")
"""What between turns can be a role's marker: [INST], <|im_start|>, ###, USER:."""


class Chat:
    """One model's tokenizer and chat template.

    Attributes:
        num_overhead: tokens that the template puts around a question.
    """

    def __init__(self, processor: Any, image_token: int) -> None:
        """Ask the template what it puts around an image and a text.

        Args:
            processor: of the model.
            image_token: id of the placeholder.

        Raises:
            ModelLoadError: the template puts an image elsewhere than before the text.
        """
        self._processor = processor
        self._tokenizer = processor.tokenizer
        self._image: str = self._tokenizer.convert_ids_to_tokens(image_token)
        user = {"role": "user", "content": [{"type": "image"}, {"type": "text", "text": _MARK}]}
        head, image, rest = self._rendered([user]).partition(self._image)
        gap, mark, tail = rest.partition(_MARK)
        if not image or not mark:
            raise ModelLoadError(
                "the chat template puts no image before the text",
                "Fetch the model again, or another revision.",
            )
        self._head, self._gap, self._tail = head, gap, tail
        self.num_overhead = sum(self.num_tokens([head, tail]))
        specials = special_texts(self._tokenizer, image_token)
        unsafe = {*specials, *self._role_texts(user)}
        # The longest first, as some begin with others; never in the order of a set.
        self._unsafe = tuple(sorted(unsafe, key=lambda text: (-len(text), text)))

    def _rendered(self, messages: list[dict[str, Any]]) -> str:
        return str(
            self._processor.apply_chat_template(
                messages, add_generation_prompt=True, tokenize=False
            )
        )

    def _role_texts(self, user: dict[str, Any]) -> set[str]:
        """Return what marks turns: it is no special token in every model, and acts like one."""
        answer = {"role": "assistant", "content": [{"type": "text", "text": _MARK}]}
        # What stands before the first text is also the preamble, whose words are common ones.
        _, *turns = self._rendered([user, answer, user]).split(_MARK)
        return {found for turn in turns for found in _ROLE.findall(turn)}

    def defused(self, text: str) -> str:
        """Return text of a user or a document without image tokens or markers of turns."""
        return defused(text, self._unsafe)

    def num_tokens(self, texts: Sequence[str]) -> list[int]:
        """Return how many tokens each text has by itself."""
        return [len(ids) for ids in self._ids(list(texts))] if texts else []

    def ids(self, headings: Sequence[str], text: str) -> list[int]:
        """Return the prompt: an image token for each heading, then the text.

        Args:
            headings: what stands before each image.
            text: the question; neither may hold an image token.
        """
        images = "".join(f"{heading}{self._image}{self._gap}" for heading in headings)
        # The chat template writes the BOS token itself.
        ids: list[int] = self._ids(f"{self._head}{images}{text}{self._tail}")
        return ids

    def _ids(self, text: str | list[str]) -> Any:
        return self._tokenizer(text, add_special_tokens=False)["input_ids"]
