"""Stands for the engine where other machines load its weights: says which it is, answers nothing.

Knows nothing of those machines; no tensor is read and torch is not imported.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from docextract.core import EngineError, EngineInfo, Reason
from docextract.engine.base import Answer, Question
from docextract.engine.llava.weights.load import named
from docextract.engine.prompt import prompt_version


class LlavaElsewhere:
    """An engine that is asked on other machines, whose weights lie here under the same path.

    Attributes:
        info: what the engines there must say of themselves.
    """

    needs_images = True
    max_pages: int | None = 1
    can_look_closer = False

    def __init__(
        self,
        folder: Path,
        max_new_tokens: int | None = None,
        *,
        quantization: str | None = None,
        adapter: Path | None = None,
        detail: str,
        with_text: str,
        answer_form: str,
        has_gpu: bool,
    ) -> None:
        """Look at the weights in ``folder``.

        Args:
            folder: see ``LlavaEngine``, as are the others.
            max_new_tokens: likewise.
            quantization: likewise.
            adapter: likewise.
            detail: likewise.
            with_text: likewise.
            answer_form: likewise.
            has_gpu: whether it is asked on GPUs.

        Raises:
            ModelLoadError: there are no usable weights, or unsafe ones.
        """
        identity, quantised = named(
            folder, quantization=quantization, adapter=adapter, has_gpu=has_gpu
        )
        self.info = EngineInfo(
            name="llava",
            model_id=identity.model_id,
            revision=identity.revision,
            quantization=quantised,
            prompt=prompt_version(answer_form),
            detail=detail,
            with_text=with_text,
            max_answer_tokens=max_new_tokens,
        )

    def answer(self, questions: Sequence[Question]) -> list[Answer]:
        """Never answer.

        Raises:
            EngineError: always.
        """
        raise EngineError(Reason.ENGINE_FAILED, "this engine is asked on other machines")

    def close(self) -> None:
        """Nothing is held."""
