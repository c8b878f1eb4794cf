"""Answers questions about pages by a LLaVA-NeXT whose weights lie in a folder.

Knows nothing of documents, normalisation or stores; page pixels in, raw answers out.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from docextract.core import FULL, EngineError, Reason
from docextract.engine.base import Answer, Question
from docextract.engine.llava.decode.answer_limits import Limits
from docextract.engine.llava.decode.engine import Decoder, Session
from docextract.engine.llava.elsewhere import told_of
from docextract.engine.llava.prompt.page_plan import Detail
from docextract.engine.llava.weights.catalogue import find_model
from docextract.engine.llava.weights.load import LoadedModel, load_model


class LlavaEngine:
    """Answers questions under grammars made from their schemas, several at once.

    Attributes:
        info: which weights, prompt and ways of showing pages answer.
        max_pages: most pages of one question. One, but for models whose publishers trained them
            on several images in a prompt: those take as many A4 pages as the context holds.
        can_look_closer: whether a part of a page can be shown larger.
    """

    needs_images = True

    def __init__(
        self,
        folder: Path,
        max_new_tokens: int | None = None,
        num_slots: int | None = None,
        *,
        quantization: str | None = None,
        adapter: Path | None = None,
        detail: str = Detail.AUTO,
        with_text: str = "auto",
        answer_form: str = FULL,
    ) -> None:
        """Load the weights in ``folder``, 4-bit on a GPU.

        Args:
            folder: a local folder with config.json and safetensors.
            max_new_tokens: longest answer to a question; None for what its schema may take.
            num_slots: pages answered at once; by default what fits into free memory.
            quantization: ``nf4``, ``int8`` or ``none``; by device if None.
            adapter: folder of a LoRA for these weights.
            detail: ``low``, ``auto`` or ``high``: how closely pages are looked at.
            with_text: ``auto``, ``yes`` or ``no``: whether a page's words are told beside it.
            answer_form: ``full`` or ``sparse``: how answers are written.

        Raises:
            SetupError: weights, package or device are missing.
        """
        self._model: LoadedModel | None = load_model(
            folder, quantization=quantization, adapter=adapter
        )
        self._decoder = Decoder(
            self._model,
            Limits(max_new_tokens),
            num_slots,
            detail=Detail(detail),
            with_text=with_text,
            answer_form=answer_form,
        )
        known = find_model(self._model.base_id)
        reads_several = known is not None and known.reads_several_pages
        self.max_pages: int | None = self._decoder.max_pages if reads_several else 1
        self.can_look_closer = Detail(detail) is not Detail.LOW
        self.info = told_of(
            self._model.model_id,
            self._model.revision,
            self._model.quantization,
            detail=detail,
            with_text=with_text,
            answer_form=answer_form,
            max_answer_tokens=max_new_tokens,
        )

    def answer(self, questions: Sequence[Question]) -> list[Answer]:
        """Return one answer per question, in order; one that failed holds its error.

        Raises:
            EngineError: the engine was closed, or the device failed.
        """
        self._check_open()
        return self._decoder.answer(questions)

    def begin(self) -> Session:
        """Return a place where questions are answered as they come, several at once.

        Raises:
            EngineError: the engine was closed.
        """
        self._check_open()
        return self._decoder.begin()

    def close(self) -> None:
        """Free the weights; a second call does nothing."""
        if self._model is not None:
            self._decoder.close()
            self._model = None

    def _check_open(self) -> None:
        if self._model is None:
            raise EngineError(Reason.ENGINE_FAILED, "the engine was closed")
