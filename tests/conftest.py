"""Shared fixtures, and the guard that lets no test reach beyond this machine.

Where torch is not installed (Python 3.12 and newer in CI) tests marked ``model`` are skipped.
"""

from __future__ import annotations

import os
import shutil
from functools import cache
from importlib.util import find_spec
from pathlib import Path

import pytest
from hypothesis import settings
from support.no_network import offline  # noqa: F401 (a fixture for all)
from support.tiny_llava import Tiny, build_tiny_llava

ROOT = Path(__file__).parent.parent
MODEL_PACKAGES = ("torch", "transformers", "accelerate", "bitsandbytes")

# A busy machine makes an example slow, not wrong.
settings.register_profile("untimed", deadline=None)
settings.load_profile("untimed")


def pytest_configure(config):
    """Make warnings of tests and benchmarks errors, as those of the package are."""
    for folder in ("tests", "benchmarks", "fixtures"):
        for path in (ROOT / folder).rglob("*.py"):
            config.addinivalue_line("filterwarnings", rf"error:::(support\.)?{path.stem}\Z")


def pytest_collection_modifyitems(items):
    """Skip what needs the packages of the model engine where they are not."""
    absent = absent_packages()
    for item in items if absent else []:
        if item.get_closest_marker("model"):
            item.add_marker(pytest.mark.skip(reason=absent))


@cache
def absent_packages() -> str:
    """Say which packages of the model engine are not installed; nothing where all are."""
    absent = [name for name in MODEL_PACKAGES if find_spec(name) is None]
    return f"not installed: {', '.join(absent)}" if absent else ""


@pytest.fixture(scope="session")
def tiny_llava(tmp_path_factory):
    """Return the folder of a tiny model, built once per session: tiny_llava(family="llava").

    A test that calls it where there is no torch is skipped.
    """
    built: dict[Tiny, Path] = {}

    def folder_of(**shape) -> Path:
        if absent_packages():
            pytest.skip(absent_packages())
        import torch

        # Another process of tests runs beside this one: threads would wait for each other's core.
        torch.set_num_threads(1)
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


@pytest.fixture(scope="session")
def folder(tmp_path_factory):
    """Two invoices that were read once, for tests of reviews."""
    from support.reviewing import NAMES, read_invoices

    folder = tmp_path_factory.mktemp("read")
    read_invoices(folder / "out", *NAMES)
    return folder


@pytest.fixture
def out(folder, tmp_path):
    """A copy of their output folder."""
    shutil.copytree(folder, tmp_path / "copy")
    return tmp_path / "copy" / "out"


@pytest.fixture
def anna(out):
    """Somebody who reviews it."""
    from docextract.review.desk.desk import Desk

    return Desk.open(out, reviewer="anna")


@pytest.fixture(scope="session")
def dataset(tmp_path_factory):
    """Labelled slips, some held out, for tests of training."""
    from support.slips import slip_dataset

    return slip_dataset(tmp_path_factory.mktemp("slips") / "data", held_out=0.25)


@pytest.fixture(scope="session")
def reader():
    """The folder of the small trained model, in a process of one thread."""
    from support.slips import READER

    torch = pytest.importorskip("torch")
    # Two processes of tests run side by side; and the same sums come out in the same order.
    torch.set_num_threads(1)
    return READER


@pytest.fixture(scope="session")
def reading(reader):
    """The engine with the small trained model in 16 bits, for all tests that only ask it."""
    from docextract.engine.llava.llava_engine import LlavaEngine

    engine = LlavaEngine(reader, num_slots=8, quantization="none")
    yield engine
    engine.close()
