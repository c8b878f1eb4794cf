"""What the model sees: views of a page, the grid they are cut to, tiles, features.

In flow page images, out flow features per view. May import torch, the seam and the floor.
"""

from __future__ import annotations
