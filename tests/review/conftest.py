"""Two invoices that were read once, and a copy of their output folder for each test."""

from __future__ import annotations

import shutil

import pytest
from support.reviewing import NAMES, read_invoices

from docextract.review.desk.desk import Desk


@pytest.fixture(scope="session")
def folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp("read")
    read_invoices(folder / "out", *NAMES)
    return folder


@pytest.fixture
def out(folder, tmp_path):
    shutil.copytree(folder, tmp_path / "copy")
    return tmp_path / "copy" / "out"


@pytest.fixture
def anna(out):
    return Desk.open(out, reviewer="anna")
