"""A program: does what docextract does with its libraries, and prints which calls they deprecate.

Knows nothing of what is right. Run as ``python deprecated_calls.py FOLDER``; it works in an empty
folder, in a process of its own, so that imports count and no earlier call hides a warning.
"""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path
from typing import Any

from support.blame import Blame

ROOT = Path(__file__).parents[2]
DOCUMENTS = ("invoices/luminosa.pdf", "scans/dupre.pdf", "receipts/boulangerie.jpg")
_LOGGERS = ("transformers", "huggingface_hub", "peft", "accelerate")


def main() -> None:
    """Use each library the way the product does; print a line for each call to blame."""
    folder = Path(sys.argv[1])
    blame = Blame(ROOT)
    with blame.noting(*_LOGGERS):
        _read_documents(folder)
        if importlib.util.find_spec("torch"):
            _answer_with_a_model(folder)
    for line in blame.found:
        print(line)


def _read_documents(folder: Path) -> None:
    """Run the main job over a text layer, a scan and a photograph, in this process."""
    from docextract.batch import runner as run
    from docextract.cli import main as docextract
    from support.inline_pool import InlinePool

    run.WorkerPool = InlinePool  # type: ignore[assignment, attr-defined]
    paths = [str(ROOT / "fixtures" / name) for name in DOCUMENTS]
    sys.argv = ["docextract", "run", *paths, "--schema", "invoice", "--out", str(folder / "out")]
    try:
        docextract()
    except SystemExit as end:
        if end.code not in (0, None):
            raise


def _answer_with_a_model(folder: Path) -> None:
    """Load a tiny model as it is and in 4 bits, with a LoRA, and ask about a page."""
    from docextract.engine.llava.llava_engine import LlavaEngine
    from support.tiny_llava import Tiny, build_tiny_llava

    for decoder, quantization in (("mistral", "none"), ("llama", "nf4")):
        model = build_tiny_llava(folder / decoder, Tiny(decoder=decoder))
        engine = LlavaEngine(model, 12, quantization=quantization)
        engine.answer(_questions())
        engine.close()
    engine = LlavaEngine(model, 12, quantization="nf4", adapter=_lora(model, folder / "lora"))
    engine.answer(_questions())
    engine.close()


def _questions() -> list[Any]:
    from docextract.core import Page
    from docextract.engine.base import Question
    from docextract.schema.loading import load_schema

    pixels = (bytes(range(256)) * 120)[: 100 * 100 * 3]
    page = Page(1, 100, 100, image=pixels, size=(100, 100))
    return [Question("x", (page,), load_schema("total: money"))]


def _lora(model: Path, folder: Path) -> Path:
    import peft

    from docextract.engine.llava.weights.load import load_model

    places = r".*language_model.*\.(q_proj|v_proj)"
    options = peft.LoraConfig(r=4, target_modules=places, init_lora_weights=False)
    peft.get_peft_model(load_model(model).model, options).save_pretrained(folder)
    return folder


if __name__ == "__main__":
    main()
