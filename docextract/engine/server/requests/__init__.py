"""What a server is asked, worded so that it takes it, and which model it has.

In flow questions, out flow chat completions. May import ``http``, the engine's prompt and the
floor.
"""

from __future__ import annotations
