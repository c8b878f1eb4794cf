"""The models that can be named, what they weigh and how well they read: ``catalogue.toml``.

Knows nothing of which are on this disk, nor of loading one.
"""

from __future__ import annotations

import difflib
import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from docextract.core import OptionError
from docextract.engine.llava.weights.device import RESERVED_BYTES, Decoder, Footprint, Vision


@dataclass(frozen=True, slots=True)
class CatalogueModel:
    """One published model.

    Attributes:
        name: what ``--model`` calls it.
        hub_id: its repository; None where nobody published safetensors.
        revision: the pinned commit; None where none is known.
        family: transformers' model type: ``llava``, ``llava_next`` or ``llava_onevision``.
        footprint: what it needs of a GPU.
        context_tokens: prompt and answer together.
        a4_tokens: image tokens of an A4 page under the published grid.
        docvqa: published ANLS on the validation split, 0 to 100.
        chartqa: published relaxed accuracy, 0 to 100.
        source: who published them.
        licence: under which its weights may be used.
        reads_several_pages: whether its publishers trained it on several images in a prompt.
        note: what else a user must know.
    """

    name: str
    hub_id: str | None
    revision: str | None
    family: str
    footprint: Footprint
    context_tokens: int
    a4_tokens: int
    docvqa: float | None
    chartqa: float | None
    source: str
    licence: str
    reads_several_pages: bool = False
    note: str = ""

    @property
    def page_bytes(self) -> int:
        """Keys and values of one A4 page with its prompt and answer."""
        return self.footprint.page_bytes(self.a4_tokens)

    def needed_bytes(self, quantization: str) -> int:
        """Return the free memory that answering one page takes."""
        return RESERVED_BYTES + self.footprint.weight_bytes(quantization) + self.page_bytes

    def num_pages(self, quantization: str, memory_bytes: int) -> int:
        """Return how many A4 pages fit at once."""
        return self.footprint.num_pages(quantization, self.a4_tokens, memory_bytes)


@cache
def catalogue() -> tuple[CatalogueModel, ...]:
    """Return every model, in the file's order."""
    text = Path(__file__).with_suffix(".toml").read_text(encoding="utf-8")
    tables = tomllib.loads(text)
    towers = {name: Vision(**row) for name, row in tables["vision"].items()}
    decoders = {name: Decoder(**row) for name, row in tables["decoder"].items()}
    return tuple(_model(name, row, towers, decoders) for name, row in tables["model"].items())


def find_model(name: str) -> CatalogueModel | None:
    """Return the model with this name or hub id, or None."""
    wanted = name.lower()
    return next((m for m in catalogue() if wanted in (m.name, (m.hub_id or "").lower())), None)


def get_model(name: str) -> CatalogueModel:
    """Return the model with this name or hub id.

    Raises:
        OptionError: there is none; the hint says the nearest.
    """
    model = find_model(name)
    if model is None:
        near = difflib.get_close_matches(name.lower(), [m.name for m in catalogue()], 1)
        told = f"Did you mean {near[0]}? " if near else ""
        raise OptionError(f"there is no model {name!r}", f"{told}See docextract models list.")
    return model


def _model(
    name: str, row: dict[str, Any], towers: dict[str, Vision], decoders: dict[str, Decoder]
) -> CatalogueModel:
    footprint = Footprint(
        decoders[row["decoder"]],
        towers[row["vision"]],
        row.get("projector_layers", 2),
        row.get("feature_layers", 1),
    )
    return CatalogueModel(
        name=name,
        hub_id=row.get("hub_id"),
        revision=row.get("revision"),
        family=row["family"],
        footprint=footprint,
        context_tokens=row["context_tokens"],
        a4_tokens=row["a4_tokens"],
        docvqa=row.get("docvqa"),
        chartqa=row.get("chartqa"),
        source=row["source"],
        licence=row["licence"],
        reads_several_pages=row.get("reads_several_pages", False),
        note=row.get("note", ""),
    )
