"""Draws pages as pixels, printed or plain."""

from __future__ import annotations

import random

from docextract.core import Page


def printed(width, height, seed):
    """Return an RGB page with sharp text, a photo-like ramp and noise on it."""
    from PIL import Image, ImageDraw

    rng = random.Random(seed)
    image = Image.new("RGB", (width, height), rng.choice(["white", "#fdf6e3", "#202020"]))
    draw = ImageDraw.Draw(image)
    for y in range(0, height, 13):
        ink = rng.choice(["black", "red", "#1050a0", "white"])
        draw.text((rng.randrange(9), y), f"Total {rng.random():.2f} " * (width // 60 + 1), fill=ink)
    noise = Image.frombytes("RGB", (24, 24), rng.randbytes(24 * 24 * 3))
    image.paste(noise, (width // 3, height // 3))
    image.paste(Image.linear_gradient("L").resize((30, 30)).convert("RGB"), (0, height // 2))
    return image


def page_of(image):
    width, height = image.size
    return Page(1, width, height, image=image.tobytes(), size=image.size)
