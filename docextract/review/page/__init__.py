"""The page on which a person reviews: served to this machine alone, or as one file to read.

Knows nothing of how values are read or labels kept. In flow what a browser asks, out flow sheets
and pictures. May import the other rooms of ``review`` and the floor.
"""

from __future__ import annotations
