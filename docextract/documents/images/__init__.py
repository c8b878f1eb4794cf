"""Opens image files: decoded within limits, upright, a page each.

In flows a path, out flow pages. May import ``documents`` around it and ``core``.
"""

from __future__ import annotations
