"""What the options of commands are called, what they mean and what they build.

In flow words of the command line, of the environment and of ``docextract.toml``; out flow the
frozen options of ``config``. May import ``batch`` for moments, and ``core``.
"""

from __future__ import annotations
