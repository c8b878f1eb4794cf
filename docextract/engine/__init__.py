"""Chooses and loads the engine that answers; a literal list of them, no registry.

Knows nothing of documents; each engine is imported only when it is chosen.
"""

from __future__ import annotations

import importlib.util
from dataclasses import dataclass
from pathlib import Path

from docextract.engine.base import Engine
from docextract.errors import SetupError


@dataclass(frozen=True, slots=True)
class EngineChoice:
    """Which engine answers, from which files, and why it was chosen."""

    name: str
    answers: Path | None = None
    model: Path | None = None
    why: str = ""


def choose_engine(name: str, answers: Path | None, model: Path | None) -> EngineChoice:
    """Return the engine to use; ``auto`` is ``llava`` where a GPU and weights are there.

    Raises:
        SetupError: ``llava`` was asked for without weights.
    """
    if name == "llava" and model is None:
        raise SetupError(
            "--engine llava needs --model FOLDER with LLaVA-NeXT weights",
            "Give a local folder with config.json and *.safetensors, or use --engine text.",
        )
    if name != "auto":
        return EngineChoice(name, answers, model, "as asked by --engine")
    if model is None:
        why = "chosen because no --model folder with LLaVA-NeXT weights was given"
        return EngineChoice("text", why=why)
    if not _has_gpu():
        return EngineChoice("text", why="chosen because there is no CUDA GPU for the weights given")
    return EngineChoice("llava", model=model, why="chosen because a CUDA GPU and weights are there")


def _has_gpu() -> bool:
    if importlib.util.find_spec("torch") is None:
        return False
    from docextract.engine.llava import is_gpu_available

    return is_gpu_available()


def load_engine(choice: EngineChoice) -> Engine:
    """Return the chosen engine, loaded.

    Raises:
        OptionError: the answers file of ``replay`` cannot be read.
        SetupError: weights, dependency or device of ``llava`` are missing.
    """
    if choice.name == "replay":
        from docextract.engine.replay import ReplayEngine

        assert choice.answers is not None
        return ReplayEngine(choice.answers)
    if choice.name == "llava":
        from docextract.engine.llava import LlavaEngine

        assert choice.model is not None
        return LlavaEngine(choice.model)
    from docextract.engine.text import TextEngine

    return TextEngine()
