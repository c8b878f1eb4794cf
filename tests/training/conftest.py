"""The reader and datasets of slips that the tests of training share."""

from __future__ import annotations

import pytest
from support.slips import READER, slip_dataset

pytestmark = pytest.mark.model


@pytest.fixture(scope="session")
def dataset(tmp_path_factory):
    """Labelled slips, some held out."""
    return slip_dataset(tmp_path_factory.mktemp("slips") / "data", held_out=0.25)


@pytest.fixture
def reader():
    """The folder of the small trained model, in a process of one thread."""
    torch = pytest.importorskip("torch")
    # Two processes of tests run side by side; and the same sums come out in the same order.
    torch.set_num_threads(1)
    return READER
