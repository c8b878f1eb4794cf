"""No test may reach beyond this machine, nor may any process it starts."""

from __future__ import annotations

import os
import runpy
from pathlib import Path

import pytest

GUARD = Path(__file__).parent / "guard"


@pytest.fixture(autouse=True, scope="session")
def offline():
    """Fail what connects or looks up a name anywhere but on this machine.

    Workers of a run get no PYTHONPATH, and so no guard: they have a socket pair and no more.
    """
    runpy.run_path(str(GUARD / "sitecustomize.py"))
    more = pytest.MonkeyPatch()
    more.setenv("PYTHONPATH", str(GUARD.parents[1]), prepend=os.pathsep)
    more.setenv("PYTHONPATH", str(GUARD), prepend=os.pathsep)
    more.setenv("HF_HUB_OFFLINE", "1")
    yield
    more.undo()
