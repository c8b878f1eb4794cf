"""Where a person says things: documents by name, what was typed made a value, words made labels.

Knows nothing of terminals or browsers. In flow people's words, out flow labels. May import
``review/labels``, ``review/overlay``, ``normalise``, ``store``, ``export`` and the floor.
"""

from __future__ import annotations
