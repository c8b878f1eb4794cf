"""The benchmark that fits the second reading, on a few of the papers that are kept."""

from __future__ import annotations

import importlib
import json

import pytest


@pytest.fixture
def second_reading(root, monkeypatch):
    monkeypatch.syspath_prepend(root / "benchmarks")
    return importlib.import_module("second_reading")


def test_weights_fitted_to_an_author_read_another(second_reading):
    papers = [it for it in second_reading.read_papers() if it.author in ("l", "m")][::4]
    author, found, there = next(second_reading.read_apart(papers))
    assert author == "l"
    assert there["seller"] >= 10
    assert found["seller"] >= 0.5 * there["seller"]


def test_weights_are_written_as_the_package_reads_them(second_reading, tmp_path):
    papers = second_reading.read_papers()[:12]
    assert all(paper.page.words and paper.right["vendor_name"] for paper in papers)
    weights = second_reading.fitted(map(second_reading.samples_of, papers))
    second_reading.write(weights, tmp_path / "weights.json")
    tree = json.loads((tmp_path / "weights.json").read_text(encoding="utf-8"))
    assert tuple(tree["classes"]) == second_reading.THINGS
    assert tree["weights"].keys() == weights.keys()
    assert all(len(row) == len(tree["classes"]) for row in tree["weights"].values())
