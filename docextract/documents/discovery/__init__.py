"""Finds documents: inputs in, one found document after the other out.

Inside: ``discover`` puts together what ``walk`` finds, ``sniff`` names by its bytes and
``quiet_period`` holds back while it is written; ``seen_keys`` remembers what came before. May
import ``core`` alone.
"""

from __future__ import annotations
