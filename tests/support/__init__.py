"""What tests draw, fake and call; no test stands here."""

from __future__ import annotations
