"""Turns what ``--model`` says into a folder of weights, and says why that one.

Knows nothing of loading; it looks at paths, the catalogue and the GPU's free memory.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from docextract.core import DeviceError, ModelLoadError
from docextract.engine.llava.weights.catalogue import (
    CatalogueModel,
    catalogue,
    find_model,
    get_model,
)
from docextract.engine.llava.weights.device import GIB, Gpu, find_gpu
from docextract.engine.llava.weights.download import fetched_folder

DEFAULT_QUANTIZATION = "nf4"


@dataclass(frozen=True, slots=True)
class ChosenModel:
    """A folder of weights and why it was chosen."""

    folder: Path
    why: str


def choose_model(spec: str, quantization: str | None = None) -> ChosenModel:
    """Return the weights that ``--model`` names; opens no connection.

    Args:
        spec: a folder, a name of the catalogue or its hub id, or ``auto``.
        quantization: what will be asked for; None for the default.

    Raises:
        OptionError: no model has this name.
        ModelLoadError: there is no such folder, or the model was not fetched.
        DeviceError: it does not fit on the GPU, or ``auto`` without one.
    """
    if spec == "auto":
        return _best(quantization or DEFAULT_QUANTIZATION)
    # A folder wins over a name, so that ./llava-1.5-7b is what it looks like.
    if Path(spec).is_dir():
        return ChosenModel(Path(spec), f"{spec} as asked")
    if find_model(spec) is None and (spec.startswith((".", "/", "~")) or spec.count("/") > 1):
        raise ModelLoadError(f"there is no folder {spec}", "Give a folder with config.json.")
    model = get_model(spec)
    folder = _fetched(model)
    gpu = find_gpu()
    if gpu is not None:
        _check_fit(model, quantization or DEFAULT_QUANTIZATION, gpu)
    return ChosenModel(folder, f"{model.name} as asked")


def has_fetched() -> bool:
    """Return whether any model of the catalogue lies in the hub's cache."""
    return any(fetched_folder(model) is not None for model in catalogue())


def ranked(quantization: str, memory_bytes: int) -> list[CatalogueModel]:
    """Return the models that fit, best first: by DocVQA, then ChartQA, then pages at once."""
    fitting = [model for model in catalogue() if model.num_pages(quantization, memory_bytes)]
    return sorted(
        fitting,
        key=lambda m: (m.docvqa or 0, m.chartqa or 0, m.num_pages(quantization, memory_bytes)),
        reverse=True,
    )


def _best(quantization: str) -> ChosenModel:
    gpu = find_gpu()
    if gpu is None:
        raise DeviceError(
            "--model auto needs a CUDA GPU to fit a model to",
            "Name a model or folder, or use --engine text.",
        )
    fitting = ranked(quantization, gpu.free_bytes)
    for rank, model in enumerate(fitting):
        folder = fetched_folder(model)
        if folder is not None:
            return ChosenModel(folder, _reason(model, fitting[:rank], quantization, gpu))
    if fitting:
        best = fitting[0]
        hint = f"The best that fits ({_figures(best)}): docextract models fetch {best.name}."
        raise ModelLoadError("no model that fits this GPU was fetched", hint)
    raise DeviceError(
        f"no model fits into {gpu.free_bytes / GIB:.1f} GiB at {quantization}",
        "Free the GPU, or use --engine text.",
    )


def _reason(
    model: CatalogueModel, better: Sequence[CatalogueModel], quantization: str, gpu: Gpu
) -> str:
    """Say by which published figures a model was chosen, and which better one would fit."""
    num_pages = model.num_pages(quantization, gpu.free_bytes)
    told = (
        f"{model.name}: the best fetched by published figures ({_figures(model)}) that fits "
        f"{gpu.free_bytes / GIB:.1f} GiB at {quantization}, {num_pages} A4 pages at once"
    )
    return f"{told}; {better[0].name} ({_figures(better[0])}) was not fetched" if better else told


def _figures(model: CatalogueModel) -> str:
    if model.docvqa is None:
        return "no published DocVQA"
    return f"DocVQA {model.docvqa}, ChartQA {model.chartqa}"


def _fetched(model: CatalogueModel) -> Path:
    folder = fetched_folder(model)
    if folder is None:
        hint = model.note if model.hub_id is None else f"docextract models fetch {model.name}"
        raise ModelLoadError(f"{model.name} was not fetched", hint)
    return folder


def _check_fit(model: CatalogueModel, quantization: str, gpu: Gpu) -> None:
    if model.num_pages(quantization, gpu.free_bytes) == 0:
        needed, free = model.needed_bytes(quantization) / GIB, gpu.free_bytes / GIB
        raise DeviceError(
            f"{model.name} needs {needed:.1f} GiB for one page at {quantization}; "
            f"{free:.1f} GiB are free",
            "See docextract models list for models that fit.",
        )
