"""Verified fields out of folders of PDFs and images.

Knows nothing yet: everything heavy is imported when it is first used.
"""

from __future__ import annotations

__version__ = "0.1.0"
