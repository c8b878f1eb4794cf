"""Shared fixtures and guards: no test may open a network socket."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest
from hypothesis import settings
from tiny_llava import Tiny, build_tiny_llava

ROOT = Path(__file__).parent.parent

# A busy machine makes an example slow, not wrong.
settings.register_profile("untimed", deadline=None)
settings.load_profile("untimed")


@pytest.fixture(autouse=True, scope="session")
def offline():
    """Fail any test that connects anywhere but to a local socket."""
    is_on = [True]

    def audit(event: str, args: tuple[object, ...]) -> None:
        if is_on[0] and event == "socket.connect" and isinstance(args[1], tuple):
            raise AssertionError(f"a test opened a network connection to {args[1]}")

    sys.addaudithook(audit)
    os.environ["HF_HUB_OFFLINE"] = "1"
    yield
    is_on[0] = False


@pytest.fixture(scope="session")
def tiny_llava(tmp_path_factory):
    """Return the folder of a tiny model, built once per session: tiny_llava(family="llava")."""
    import torch

    # Another process of tests runs beside this one: threads would wait for each other's core.
    torch.set_num_threads(1)
    built: dict[Tiny, Path] = {}

    def folder_of(**shape) -> Path:
        tiny = Tiny(**shape)
        if tiny not in built:
            built[tiny] = build_tiny_llava(tmp_path_factory.mktemp("tiny"), tiny)
        return built[tiny]

    return folder_of


@pytest.fixture(scope="session")
def root() -> Path:
    """The checkout."""
    return ROOT


@pytest.fixture
def fixtures() -> Path:
    """The folder of drawn documents."""
    return ROOT / "fixtures"


@pytest.fixture
def real_documents() -> Path:
    """The folder of real documents with ground truth; the test is skipped without it."""
    folder = Path(os.environ.get("DOCEXTRACT_TEST_DATA", ROOT.parent / "shared" / "data"))
    if not (folder / "dev").is_dir():
        pytest.skip("real documents are not here: set DOCEXTRACT_TEST_DATA to their folder")
    return folder
