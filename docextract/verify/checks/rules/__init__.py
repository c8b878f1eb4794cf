"""The rules as data, a file per kind of document.

In flows nothing, out flow rules that name paths and a check. May import ``verify/checks`` and the
floor.
"""

from __future__ import annotations
