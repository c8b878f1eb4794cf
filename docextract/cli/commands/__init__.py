"""One file a command: its options, one call, what it prints, its exit code.

In flow parsed options, out flows text on stdout and stderr. May import every room.
"""

from __future__ import annotations
