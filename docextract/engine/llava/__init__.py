"""The LLaVA-NeXT engine: torch, transformers and bitsandbytes are imported here alone.

Knows nothing of documents, normalisation or stores; page pixels in, raw answers out.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from docextract.engine.base import Answer, Question
from docextract.engine.llava.decoding import Decoder
from docextract.engine.llava.model import LoadedModel, load_model
from docextract.engine.llava.prompt import PROMPT_VERSION, build_prompt
from docextract.errors import EngineError, Reason
from docextract.records import EngineInfo

__all__ = ["LlavaEngine"]


class LlavaEngine:
    """Answers one page after another under a grammar made from the schema."""

    needs_images = True

    def __init__(
        self,
        folder: Path,
        max_new_tokens: int = 2048,
        *,
        quantization: str | None = None,
        adapter: Path | None = None,
    ) -> None:
        """Load the weights in ``folder``, 4-bit on a GPU.

        Args:
            folder: a local folder with config.json and safetensors.
            max_new_tokens: longest answer per page.
            quantization: ``nf4``, ``int8`` or ``none``; by device if None.
            adapter: folder of a LoRA for these weights.

        Raises:
            SetupError: weights, package or device are missing.
        """
        self._model: LoadedModel | None = load_model(
            folder, quantization=quantization, adapter=adapter
        )
        self._decoder = Decoder(self._model, max_new_tokens)
        self.info = EngineInfo(
            name="llava",
            model_id=self._model.model_id,
            revision=self._model.revision,
            quantization=self._model.quantization,
            prompt=PROMPT_VERSION,
        )

    def answer(self, questions: Sequence[Question]) -> list[Answer]:
        """Return one answer per question, each about the question's first page.

        Raises:
            EngineError: the model failed on a page.
        """
        return [self._answer(question) for question in questions]

    def _answer(self, question: Question) -> Answer:
        if self._model is None:
            raise EngineError(Reason.ENGINE_FAILED, "the engine was closed")
        page = question.pages[0]
        with _engine_boundary(page.number):
            prompt = build_prompt(question.schema, question.instructions)
            return self._decoder.answer(page, prompt, question.schema)

    def close(self) -> None:
        """Free the weights; a second call does nothing."""
        if self._model is not None:
            self._decoder.close()
            self._model = None


@contextmanager
def _engine_boundary(page: int) -> Iterator[None]:
    """Turn what torch and transformers raise into an error on the record."""
    import torch

    try:
        yield
    except EngineError:
        raise
    except torch.cuda.OutOfMemoryError as error:
        raise EngineError(Reason.OUT_OF_MEMORY, str(error), page=page) from error
    except (RuntimeError, ValueError, TypeError, IndexError) as error:
        raise EngineError(Reason.ENGINE_FAILED, str(error), page=page) from error
