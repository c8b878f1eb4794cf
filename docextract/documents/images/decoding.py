"""Decodes image files into upright RGB pages.

Knows nothing of OCR or PDF. Pillow's limits are set when an image is opened, never at
import, so a program that imports docextract keeps its own.
"""

from __future__ import annotations

import io
import logging
import struct
import warnings
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from docextract.core import DocumentError, ReadOptions, Reason
from docextract.documents.pages import library_faults

if TYPE_CHECKING:
    from PIL.Image import Image

MAX_IMAGE_PIXELS = 50_000_000
"""An A4 page at 600 dpi has 35 million; above this, memory is at stake."""

_FORMATS = ["PNG", "JPEG", "MPO", "TIFF", "WEBP", "BMP", "GIF", "HEIF", "AVIF"]
_PLUGINS = {"image/heif": "HEIF", "image/avif": "AVIF"}
_ORIENTATION_TAG = 0x0112
_CLOCKWISE = {3: 180, 4: 180, 5: 90, 6: 90, 7: 270, 8: 270}
"""EXIF orientation to the clockwise turn that makes it upright (mirrored ones too)."""

_SUBFILE_TAG = 254
_REDUCED_COPY = 1
_MAX_PIXEL_RATIO = 4.0
_DECODE_ERRORS = (
    OSError,
    EOFError,
    SyntaxError,
    ValueError,
    TypeError,
    LookupError,
    ArithmeticError,
    AttributeError,
    RuntimeError,
    struct.error,
    zlib.error,
)
"""What Pillow's plugins raise on damaged files (measured over 2,184 images)."""


@dataclass(frozen=True, slots=True)
class Frame:
    """One page of an image file.

    Attributes:
        number: from 1.
        pixels: (height, width, 3), RGB, upright as far as the file says.
        rotation: degrees clockwise by which EXIF had it turned.
        notes: what was done to it.
    """

    number: int
    pixels: NDArray[np.uint8]
    rotation: int
    notes: tuple[str, ...]


class ImageFile:
    """An opened image file: its page count, then its pages one at a time.

    Args:
        data: the file's bytes.
        media_type: what they are.
        options: the pixel limit.

    Raises:
        DocumentError: ``corrupt``, ``too_large`` or ``unsupported``.
    """

    def __init__(self, data: bytes, media_type: str, options: ReadOptions) -> None:
        from PIL import Image

        _register_heif()
        Image.MAX_IMAGE_PIXELS = MAX_IMAGE_PIXELS
        self._max_pixels = options.max_pixels
        Image.init()
        formats = [name for name in _FORMATS if name in Image.OPEN]
        if media_type in _PLUGINS and _PLUGINS[media_type] not in formats:
            message = f"Nothing that is installed decodes {media_type}."
            raise DocumentError(Reason.UNSUPPORTED, message)
        with _as_reasons():
            self._image = Image.open(io.BytesIO(data), formats=formats)
            self._frames = self._page_frames()

    @property
    def size(self) -> tuple[int, int]:
        """Width and height of its first page in pixels, as stored."""
        return self._image.size

    @property
    def num_pages(self) -> int:
        """Number of pages: frames of a TIFF but for thumbnails, else 1."""
        return len(self._frames)

    def read(self, number: int) -> Frame:
        """Return one page.

        Raises:
            DocumentError: ``corrupt`` or ``too_large``, with the page's number.
        """
        with library_faults(number), _as_reasons(number):
            self._image.seek(self._frames[number - 1])
            self._image.load()
            rotation = _CLOCKWISE.get(self._image.getexif().get(_ORIENTATION_TAG, 1), 0)
            upright, notes = self._upright(self._image)
            return Frame(number, np.asarray(upright, np.uint8), rotation, notes)

    def _page_frames(self) -> list[int]:
        # Only TIFF frames are pages; those of GIF, WebP and HEIF are animations or copies.
        if self._image.format != "TIFF":
            return [0]
        frames = []
        for index in range(getattr(self._image, "n_frames", 1)):
            self._image.seek(index)
            kind = self._image.tag_v2.get(_SUBFILE_TAG, 0)  # type: ignore[attr-defined]
            if not isinstance(kind, int) or not kind & _REDUCED_COPY:
                frames.append(index)
        return frames or [0]

    def _upright(self, image: Image) -> tuple[Image, tuple[str, ...]]:
        from PIL import Image as pil
        from PIL import ImageOps

        rgb = to_rgb(image)
        width, height = _square_pixels(image)
        scale = min(1.0, (self._max_pixels / (width * height)) ** 0.5)
        size = max(1, int(width * scale)), max(1, int(height * scale))
        if size != rgb.size:
            rgb = rgb.resize(size, pil.Resampling.BICUBIC)
        rgb.getexif()[_ORIENTATION_TAG] = image.getexif().get(_ORIENTATION_TAG, 1)
        return ImageOps.exif_transpose(rgb), ("reduced_dpi",) if scale < 1 else ()


def to_rgb(image: Image) -> Image:
    """Return an image as RGB: transparency on white, 16 bits scaled to 8."""
    from PIL import Image as pil

    if image.mode.startswith("I") or image.mode == "F":
        return pil.fromarray(_to_8_bits(np.asarray(image))).convert("RGB")
    if image.has_transparency_data:
        layered = image.convert("RGBA")
        paper = pil.new("RGBA", layered.size, "white")
        return pil.alpha_composite(paper, layered).convert("RGB")
    return image.convert("RGB")


def _to_8_bits(values: NDArray[np.generic]) -> NDArray[np.uint8]:
    numbers = np.nan_to_num(values.astype(np.float32))
    top = float(numbers.max(initial=0))
    # 16-bit files use their whole range; floats are 0 to 1 or as large as they come.
    full = 1.0 if top <= 1 else 255.0 if top <= 255 else max(top, 65535.0)
    scaled: NDArray[np.uint8] = np.clip(numbers * (255 / full), 0, 255).astype(np.uint8)
    return scaled


def _square_pixels(image: Image) -> tuple[int, int]:
    """Return the size that makes pixels square; fax lines are twice as high as wide."""
    width, height = image.size
    across, down = image.info.get("dpi", (0, 0))[:2]
    if not across or not down:
        return width, height
    ratio = float(across) / float(down)
    if not 1 / _MAX_PIXEL_RATIO <= ratio <= _MAX_PIXEL_RATIO or abs(ratio - 1) < 0.05:
        return width, height
    return (width, round(height * ratio)) if ratio > 1 else (round(width / ratio), height)


def _register_heif() -> None:
    try:
        import pillow_heif
    except ImportError:
        return
    pillow_heif.register_heif_opener()


@contextmanager
def _as_reasons(page: int | None = None) -> Iterator[None]:
    """Turn what Pillow raises into reasons; its bomb warning is an error."""
    from PIL import Image, UnidentifiedImageError

    logging.getLogger("PIL").setLevel(logging.CRITICAL)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            yield
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        message = f"The image has more than {MAX_IMAGE_PIXELS:,} pixels."
        raise DocumentError(Reason.TOO_LARGE, message, page=page) from error
    except UnidentifiedImageError as error:
        message = "The image has the right first bytes, but cannot be decoded."
        raise DocumentError(Reason.CORRUPT, message, page=page) from error
    except _DECODE_ERRORS as error:
        if "too large" in str(error):
            message = f"The image unpacks to too much: {error}."
            raise DocumentError(Reason.TOO_LARGE, message, page=page) from error
        if "nsupported" in str(error):
            message = f"The image is of a kind that cannot be decoded: {error}."
            raise DocumentError(Reason.UNSUPPORTED, message, page=page) from error
        message = f"The image is damaged: {error}."
        raise DocumentError(Reason.CORRUPT, message, page=page) from error
