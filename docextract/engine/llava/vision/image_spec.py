"""How a model of the LLaVA family sees an image: tile and patch size, grids, colour statistics.

Knows nothing of pages or tensors; read once from a model's configuration.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from docextract.core import ModelLoadError

_BICUBIC = 3
"""PIL's number for bicubic resampling, the one way the whole family resizes."""


@dataclass(frozen=True, slots=True)
class ImageLayout:
    """What a plan of views needs to know of a model.

    Attributes:
        tile_px: side of the square the vision tower sees.
        patch_px: side of one patch; a tile gives ``(tile_px // patch_px) ** 2`` features.
        grids: (rows, columns) of tiles the model was trained on, in the configuration's order;
            empty for LLaVA-1.5, which sees one padded square.
        max_pooled_tiles: features beyond those of so many tiles are pooled (OneVision); None
            where nothing is pooled.
        mean: of each colour channel, 0 to 1.
        std: of each colour channel, 0 to 1.
    """

    tile_px: int
    patch_px: int
    grids: tuple[tuple[int, int], ...] = ()
    max_pooled_tiles: int | None = None
    mean: tuple[float, ...] = (0.5, 0.5, 0.5)
    std: tuple[float, ...] = (0.5, 0.5, 0.5)

    @property
    def patches_per_side(self) -> int:
        """Patches along one side of a tile."""
        return self.tile_px // self.patch_px


def read_layout(config: Any, image_processor: Any) -> ImageLayout:
    """Return the layout of a LLaVA-1.5, LLaVA-NeXT or LLaVA-OneVision model.

    A model without grids gets padded pages, as its weights were trained: the processor files
    on the hub ask for a centre crop, which would cut off a page's head and foot unseen.

    Args:
        config: the model's transformers configuration.
        image_processor: its image processor, for the colour statistics.

    Raises:
        ModelLoadError: a grid is no multiple of the tile, or images are not resized bicubically.
    """
    vision = config.vision_config
    if int(image_processor.resample) != _BICUBIC:
        raise ModelLoadError("this model's images are not resized bicubically")
    pinpoints = getattr(config, "image_grid_pinpoints", None) or ()
    return ImageLayout(
        tile_px=vision.image_size,
        patch_px=vision.patch_size,
        grids=grids_of(pinpoints, vision.image_size),
        max_pooled_tiles=_max_pooled_tiles(getattr(config, "vision_aspect_ratio", "")),
        mean=tuple(image_processor.image_mean),
        std=tuple(image_processor.image_std),
    )


def grids_of(pinpoints: Any, tile_px: int) -> tuple[tuple[int, int], ...]:
    """Return (rows, columns) in tiles of grids given as (height, width) in pixels.

    Raises:
        ModelLoadError: a side is no multiple of the tile.
    """
    for height, width in pinpoints:
        if height % tile_px or width % tile_px:
            raise ModelLoadError(
                f"the grid {height}x{width} px is not made of {tile_px} px tiles",
                "The model's config.json is damaged; fetch the model again.",
            )
    return tuple((height // tile_px, width // tile_px) for height, width in pinpoints)


def _max_pooled_tiles(aspect_ratio: str) -> int | None:
    number = aspect_ratio.removeprefix("anyres_max_")
    return int(number) if number.isdigit() else None
