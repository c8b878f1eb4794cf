"""Shared fixtures, and the guard that lets no test reach beyond this machine."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import settings
from no_network import offline  # noqa: F401 (a fixture for all)
from tiny_llava import Tiny, build_tiny_llava

ROOT = Path(__file__).parent.parent

# A busy machine makes an example slow, not wrong.
settings.register_profile("untimed", deadline=None)
settings.load_profile("untimed")


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
