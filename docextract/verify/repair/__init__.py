"""Replaces one value by another printed one where that alone makes the checks pass.

Knows nothing of engines or of how rules are evaluated. What is not printed is never filled in,
what another check proves or embedded data gave is never touched, and the change is recorded.
A repaired value is at best ``consistent``: the check that passes was what it was chosen by.

Inside: ``search`` for the one change that helps, among ``printed_candidates`` and, of account
numbers, ``lookalikes``. In flow values and a judge of them, out flow values and what was changed.
May import ``grounding`` and the value of ``verify``, ``normalise``, ``schema`` and ``core``.
"""

from __future__ import annotations
