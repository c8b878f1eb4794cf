"""What the llava engine needs, and which engine a run would choose.

Knows nothing of documents. torch is imported only where weights are given, as the choice
of an engine then depends on what torch sees; else its files are read.
"""

from __future__ import annotations

import contextlib
import importlib.util
import re
import shutil
import subprocess
from collections.abc import Iterator
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from docextract.core import ModelOptions, OptionError, SetupError
from docextract.doctor.finding import Finding, Level
from docextract.engine import choose_engine
from docextract.engine.llava.weights.catalogue import find_model

_SMI_TIMEOUT_S = 20
_GIB = 2**30
_CUDA_BUILD = re.compile(r"^cuda\b[^=]*= *['\"]([\d.]+)['\"]", re.MULTILINE)


def model_engine(engine: str, model: str | None) -> Iterator[Finding]:
    """Yield GPU, CUDA, bitsandbytes, recorded steps, weights, and the engine a run would choose.

    Args:
        engine: as ``--engine`` has it.
        model: folder with weights or a name, if one was given.
    """
    # Only whoever wants the llava engine has anything to mend here.
    lack = Level.BROKEN if engine == "llava" else Level.NOTE
    gpus = _gpus()
    yield _gpu(gpus)
    yield _cuda(has_gpu=bool(gpus))
    yield _bitsandbytes(lack if gpus else Level.NOTE)
    yield _recorded_steps(has_gpu=bool(gpus))
    yield _weights(model, Level.BROKEN if model is not None else lack)
    yield _choice(engine, model)


def _gpus() -> list[str]:
    """Return name, memory and driver of each NVIDIA GPU, as its driver tells them."""
    program = shutil.which("nvidia-smi")
    if program is None:
        return []
    query = "--query-gpu=name,memory.total,driver_version"
    try:
        done = subprocess.run(
            [program, query, "--format=csv,noheader"],
            capture_output=True,
            text=True,
            errors="replace",
            timeout=_SMI_TIMEOUT_S,
            check=True,
        )
    except (OSError, subprocess.SubprocessError):
        return []
    return [line.strip() for line in done.stdout.splitlines() if line.strip()]


def _gpu(gpus: list[str]) -> Finding:
    if gpus:
        return Finding("gpu", Level.OK, "; ".join(gpus))
    told = "none that nvidia-smi knows; the text engine needs none"
    return Finding("gpu", Level.NOTE, told, "For the llava engine: an NVIDIA GPU and its driver.")


def _cuda(has_gpu: bool) -> Finding:
    number = _version("torch")
    if number is None:
        return Finding("cuda", Level.NOTE, "torch is not installed", "pip install torch")
    build = _cuda_build()
    if build is not None:
        return Finding("cuda", Level.OK, f"torch {number} is built for CUDA {build}")
    level = Level.WARNING if has_gpu else Level.NOTE
    remedy = "Install a build of torch for CUDA (https://pytorch.org)." if has_gpu else ""
    return Finding("cuda", level, f"torch {number} is built without CUDA", remedy)


def _cuda_build() -> str | None:
    """Return the CUDA version torch is built for, without importing it."""
    spec = importlib.util.find_spec("torch")
    if spec is None or spec.origin is None:
        return None
    with contextlib.suppress(OSError):
        text = Path(spec.origin).with_name("version.py").read_text(encoding="utf-8")
        found = _CUDA_BUILD.search(text)
        return found[1] if found else None
    return None


def _bitsandbytes(lack: Level) -> Finding:
    number = _version("bitsandbytes")
    if number is None:
        remedy = "For 4-bit weights: pip install bitsandbytes"
        return Finding("bitsandbytes", lack, "not installed", remedy)
    return Finding("bitsandbytes", Level.OK, f"{number}, used on a CUDA GPU only")


def _recorded_steps(has_gpu: bool) -> Finding:
    """Say that steps are not played from recordings (``engine.llava.forward.captured_step``)."""
    why = "not measured on a GPU yet, benchmarks/gpu.py does" if has_gpu else "there is no GPU"
    return Finding("recorded steps", Level.NOTE, f"off: {why}")


def _weights(model: str | None, lack: Level) -> Finding:
    remedy = "Give --model a folder with config.json and *.safetensors, or a fetched name."
    if model is None:
        return Finding("weights", lack, "none given; the text engine needs none", remedy)
    folder = Path(model)
    if not folder.exists() and (model == "auto" or find_model(model) is not None):
        told = f"{model} is a name of the catalogue"
        return Finding("weights", Level.NOTE, told, f"docextract models show {model}")
    parts = list(folder.glob("*.safetensors"))
    if not parts or not (folder / "config.json").is_file():
        missing = "*.safetensors" if not parts else "config.json"
        return Finding("weights", lack, f"there is no {missing} in {model}", remedy)
    num_bytes = sum(part.stat().st_size for part in parts)
    return Finding("weights", Level.OK, f"{num_bytes / _GIB:.2f} GiB in {model}")


def _choice(engine: str, model: str | None) -> Finding:
    try:
        choice = choose_engine(engine, None, ModelOptions(model))
    except (OptionError, SetupError) as error:
        return Finding("engine", Level.BROKEN, str(error), error.hint)
    return Finding("engine", Level.OK, f"{choice.name}, {choice.why}")


def _version(name: str) -> str | None:
    with contextlib.suppress(PackageNotFoundError):
        return version(name)
    return None
