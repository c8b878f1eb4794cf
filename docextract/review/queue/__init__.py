"""What is in doubt and why, and which document is worth a person's next minute.

In flow records as they stand, out flow doubts in order. May import the floor and ``schema``.
"""

from __future__ import annotations
