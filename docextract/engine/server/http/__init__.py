"""One HTTP request and its reply: bounded, asked again while a server is busy, understood.

In flow addresses and bodies, out flows JSON or a refusal. May import ``requests`` and the floor.
"""

from __future__ import annotations
