"""The LLaVA-NeXT engine: torch, transformers and bitsandbytes are imported here alone.

Knows nothing of documents, normalisation or stores; page pixels in, raw answers out.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from docextract.engine.base import Answer, Question
from docextract.engine.llava.decoding import Decoder
from docextract.engine.llava.limits import Limits
from docextract.engine.llava.model import LoadedModel, load_model
from docextract.engine.llava.prompt import PROMPT_VERSION
from docextract.errors import EngineError, Reason
from docextract.records import EngineInfo

__all__ = ["LlavaEngine"]


class LlavaEngine:
    """Answers pages under grammars made from their schemas, several pages at once."""

    needs_images = True
    max_pages: int | None = 1
    can_look_closer = False

    def __init__(
        self,
        folder: Path,
        max_new_tokens: int = 2048,
        num_slots: int | None = None,
        *,
        quantization: str | None = None,
        adapter: Path | None = None,
    ) -> None:
        """Load the weights in ``folder``, 4-bit on a GPU.

        Args:
            folder: a local folder with config.json and safetensors.
            max_new_tokens: longest answer per page.
            num_slots: pages answered at once; by default what fits into free memory.
            quantization: ``nf4``, ``int8`` or ``none``; by device if None.
            adapter: folder of a LoRA for these weights.

        Raises:
            SetupError: weights, package or device are missing.
        """
        self._model: LoadedModel | None = load_model(
            folder, quantization=quantization, adapter=adapter
        )
        self._decoder = Decoder(self._model, Limits(max_new_tokens=max_new_tokens), num_slots)
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
        if self._model is None:
            raise EngineError(Reason.ENGINE_FAILED, "the engine was closed")
        with _engine_boundary():
            return self._decoder.answer(questions)

    def close(self) -> None:
        """Free the weights; a second call does nothing."""
        if self._model is not None:
            self._decoder.close()
            self._model = None


@contextmanager
def _engine_boundary() -> Iterator[None]:
    """Turn what torch and transformers raise into an error on the record."""
    import torch

    try:
        yield
    except EngineError:
        raise
    except torch.OutOfMemoryError as error:
        raise EngineError(Reason.OUT_OF_MEMORY, str(error)) from error
    except (RuntimeError, ValueError, TypeError, IndexError) as error:
        raise EngineError(Reason.ENGINE_FAILED, str(error)) from error
