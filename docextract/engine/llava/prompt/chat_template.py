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
_ANSWER = {"role": "assistant", "content": [{"type": "text", "text": _MARK}]}
_ROLE = re.compile(r"\[/?\w+\]|<[^<>\s]+>|#{2,}|[A-Za-z]{2,}:")
"""What between turns can be a role's marker: [INST], <|im_start|>, ###, USER:."""


class Chat:
    """One model's tokenizer and chat template.

    Attributes:
        num_overhead: tokens that the template and the tokenizer put around a question.
        lead: a blank where the template writes one between question and answer, else nothing.
            Tokenizers of sentencepiece keep it in the answer's first token, and so were trained.
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
        self.lead = self._blank_before_answer(user, f"{head}{self._image}{gap}{_MARK}{tail}")
        self._adds_specials = not self._begins_with_bos(head)
        self.num_overhead = sum(self.num_tokens([head, tail]))
        if self._adds_specials:
            self.num_overhead += int(self._tokenizer.num_special_tokens_to_add())
        specials = special_texts(self._tokenizer, image_token)
        unsafe = {*specials, *self._role_texts(user)}
        # The longest first, as some begin with others; never in the order of a set.
        self._unsafe = tuple(sorted(unsafe, key=lambda text: (-len(text), text)))

    def _begins_with_bos(self, head: str) -> bool:
        """Return whether the template writes the token that begins a text, as few do.

        The rule of transformers' ``ProcessorMixin.apply_chat_template``: without it the tokenizer
        adds its special tokens, so that prompts are what the weights were trained on.
        """
        bos = self._tokenizer.bos_token
        return bos is not None and head.startswith(bos)

    def _rendered(self, messages: list[dict[str, Any]], *, is_asking: bool = True) -> str:
        return str(
            self._processor.apply_chat_template(
                messages, add_generation_prompt=is_asking, tokenize=False
            )
        )

    def _blank_before_answer(self, user: dict[str, Any], question: str) -> str:
        answered = self._rendered([user, _ANSWER], is_asking=False)
        return " " if answered.startswith(f"{question} {_MARK}") else ""

    def _role_texts(self, user: dict[str, Any]) -> set[str]:
        """Return what marks turns: it is no special token in every model, and acts like one."""
        # What stands before the first text is also the preamble, whose words are common ones.
        _, *turns = self._rendered([user, _ANSWER, user]).split(_MARK)
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
        whole = f"{self._head}{images}{text}{self._tail}"
        ids: list[int] = self._ids(whole, add_special_tokens=self._adds_specials)
        return ids

    def _ids(self, text: str | list[str], *, add_special_tokens: bool = False) -> Any:
        return self._tokenizer(text, add_special_tokens=add_special_tokens)["input_ids"]
