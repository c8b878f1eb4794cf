"""The version, where everyone may read it without importing anything.

Knows nothing of packaging.
"""

from __future__ import annotations

__version__ = "0.1.0"
