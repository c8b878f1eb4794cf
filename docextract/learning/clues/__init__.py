"""Ways back to a value: the words ``around`` it, ``anchors`` about it, and a ``follower`` of both.

Knows nothing of layouts or of who asks. Inside as well: the ``clue`` itself, the order of
``day_first`` dates, the ``shape`` of numbers. In flow pages and clues, out flow values with the
places they stand at. May import ``layout`` of this room, ``verify``,
``normalise``, ``schema`` and ``core``.
"""

from __future__ import annotations
