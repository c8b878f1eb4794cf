"""What people said, row by row, and the file that keeps it.

Knows nothing of records. May import ``store`` for how a file is opened, and the floor.
"""

from __future__ import annotations
