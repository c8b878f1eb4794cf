"""What the model reads: chat template, page views, placeholders, and whether it fits.

In flow questions, out flow embeddings and token ids. May import ``llava/vision``,
``llava/weights``, the engine's prompt text and the floor.
"""

from __future__ import annotations
