"""One run over many documents, from what it was given to how it ended.

Inside: taking in (``intake``, ``claims``), the run itself (``runner``), what is stored and counted
(``recorder``, ``progress``, ``summary``), when to stop (``limits``), and what a run would find
(``planning/``). In flow the options of a
run, out a store, its exports and an exit code. May import every room but ``cli``, ``ask`` and
``evaluation``.
"""

from __future__ import annotations
