"""Chooses and loads the engine that answers; a literal list of them, no registry.

Knows nothing of documents; each engine is imported only when it is chosen.
"""

from __future__ import annotations

import importlib
import importlib.util
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from docextract.core import ASKED, ModelOptions, SetupError
from docextract.engine.base import Engine

if TYPE_CHECKING:
    from docextract.engine.server.requests.capabilities import ChosenServer

__all__ = ["Engine", "EngineChoice", "choose_engine", "engine_elsewhere", "load_engine"]

_ENGINES = {
    "text": "docextract.engine.text:TextEngine",
    "llava": "docextract.engine.llava.llava_engine:LlavaEngine",
    "server": "docextract.engine.server:ServerEngine",
    "replay": "docextract.engine.replay:ReplayEngine",
}
"""By name, where each engine's class is; ``_settings`` says what it is made with."""
_WITH_MODEL = ("llava", "server")


@dataclass(frozen=True, slots=True)
class EngineChoice:
    """Which engine answers, from which files, and why it was chosen.

    Attributes:
        name: of the engine.
        answers: recorded answers, for ``replay``.
        weights: the folder that ``load.name`` led to, for ``llava``.
        model: how weights are loaded.
        why: for people.
        server: where to ask, for ``server``.
        ask: what a model is asked of what the text engine has read first: ``doubt`` or ``all``;
            None where the engine reads alone.
    """

    name: str
    answers: Path | None = None
    weights: Path | None = None
    model: ModelOptions = field(default_factory=ModelOptions)
    why: str = ""
    server: ChosenServer | None = None
    ask: str | None = None


def choose_engine(
    name: str = "auto", answers: Path | None = None, model: ModelOptions | None = None
) -> EngineChoice:
    """Return the engine to use; ``auto`` is ``llava`` where a GPU and weights are there.

    With ``auto`` a model is the second reader, behind the text engine; an engine that is named
    reads alone, unless ``model.ask`` says otherwise.

    Raises:
        OptionError: no such model is in the catalogue, or the server does not serve it.
        SetupError: ``llava`` was asked for, or a model was named, and it cannot be used; or there
            is no server at the address.
    """
    model = model or ModelOptions()
    choice = _chosen(name, answers, model)
    if choice.name not in _WITH_MODEL:
        return choice
    return replace(choice, ask=model.ask or (ASKED[0] if name == "auto" else None))


def _chosen(name: str, answers: Path | None, model: ModelOptions) -> EngineChoice:
    if model.url is not None:
        return _server(model.url, model)
    if name == "llava":
        if model.name is None:
            raise SetupError(
                "--engine llava needs --model",
                "Give a name of docextract models list, a folder, or auto.",
            )
        return _llava(model, "as asked by --engine")
    if name != "auto":
        return EngineChoice(name, answers, why="as asked by --engine")
    if model.name is None and not _has_weights():
        why = "chosen because no LLaVA-NeXT weights were fetched or given with --model"
        return EngineChoice("text", why=why)
    if not _has_gpu():
        return EngineChoice("text", why="chosen because there is no CUDA GPU for the weights")
    if model.name is not None:
        return _llava(model, "chosen because a CUDA GPU and weights are there")
    try:
        return _llava(replace(model, name="auto"), "chosen because a CUDA GPU is there")
    except SetupError as error:
        # Nobody asked for weights by name, so that none fits is no reason to stop.
        return EngineChoice("text", why=f"chosen because {error}")


def _llava(model: ModelOptions, why: str) -> EngineChoice:
    from docextract.engine.llava.weights.select import choose_model

    assert model.name is not None
    chosen = choose_model(model.name, model.quantization)
    return EngineChoice("llava", None, chosen.folder, model, f"{why}; {chosen.why}")


def _server(url: str, model: ModelOptions) -> EngineChoice:
    from docextract.engine.server.requests.capabilities import choose_server

    chosen = choose_server(url, model.name, model.patience)
    return EngineChoice(
        "server", model=model, why=f"as asked by --url; {chosen.why}", server=chosen
    )


def _has_weights() -> bool:
    """Return whether weights were fetched; looks at paths only, as torch is slow to import."""
    if importlib.util.find_spec("huggingface_hub") is None:
        return False
    from docextract.engine.llava.weights.select import has_fetched

    return has_fetched()


def _has_gpu() -> bool:
    from docextract.engine.llava.weights.device import is_gpu_available

    return is_gpu_available()


def load_engine(choice: EngineChoice) -> Engine:
    """Return the chosen engine, loaded.

    Raises:
        OptionError: the answers file of ``replay`` cannot be read.
        SetupError: weights, dependency or device of ``llava`` are missing.
    """
    module, _, name = _ENGINES[choice.name].partition(":")
    engine: Callable[..., Engine] = getattr(importlib.import_module(module), name)
    return engine(**_settings(choice))


def engine_elsewhere(choice: EngineChoice, has_gpu: bool) -> Engine:
    """Return what stands for an engine whose weights other machines load; it answers nothing.

    Args:
        choice: of ``llava``.
        has_gpu: whether those machines load it on GPUs.

    Raises:
        SetupError: its weights are missing here.
    """
    from docextract.engine.llava.elsewhere import LlavaElsewhere

    return LlavaElsewhere(**_settings(choice), has_gpu=has_gpu)


def _settings(choice: EngineChoice) -> dict[str, Any]:
    """Return what the engine of a choice is made with."""
    model = choice.model
    if choice.name == "replay":
        return {"path": choice.answers}
    if choice.name == "llava":
        return {
            "folder": choice.weights,
            "max_new_tokens": model.max_answer_tokens,
            "quantization": model.quantization,
            "adapter": model.adapter,
            "detail": model.detail,
            "with_text": model.with_text,
            "answer_form": model.answer_form,
        }
    if choice.name == "server":
        return {
            "chosen": choice.server,
            "with_text": model.with_text,
            "answer_form": model.answer_form,
            "max_answer_tokens": model.max_answer_tokens,
            "patience": model.patience,
        }
    return {}
