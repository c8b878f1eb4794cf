"""Says which engine some weights make, and stands for it where other machines load them.

Knows nothing of those machines; no tensor is read and torch is not imported.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from docextract.core import EngineError, EngineInfo, Reason
from docextract.engine.base import Answer, Question
from docextract.engine.llava.weights.load import named
from docextract.engine.prompt import prompt_version


def told_of(
    model_id: str,
    revision: str,
    quantization: str,
    *,
    detail: str,
    with_text: str,
    answer_form: str,
    max_answer_tokens: int | None,
) -> EngineInfo:
    """Return what records and the settings of a run name, wherever the weights are loaded."""
    return EngineInfo(
        name="llava",
        model_id=model_id,
        revision=revision,
        quantization=quantization,
        prompt=prompt_version(answer_form),
        detail=detail,
        with_text=with_text,
        max_answer_tokens=max_answer_tokens,
    )


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
        self.info = told_of(
            identity.model_id,
            identity.revision,
            quantised,
            detail=detail,
            with_text=with_text,
            answer_form=answer_form,
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
