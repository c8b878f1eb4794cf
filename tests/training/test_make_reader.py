"""The small reader's recipe runs from nothing, and what is done is not done again."""

from __future__ import annotations

import json
from importlib import import_module
from pathlib import Path

import pytest

pytestmark = [pytest.mark.model, pytest.mark.slow]


@pytest.fixture
def recipe(monkeypatch):
    torch = pytest.importorskip("torch")
    torch.set_num_threads(1)
    monkeypatch.syspath_prepend(Path(__file__).parents[2] / "fixtures")
    return import_module("make_reader")


def test_a_reader_is_made_from_nothing_and_made_once(recipe, tmp_path):
    from docextract.engine.llava.llava_engine import LlavaEngine

    made = recipe.make_reader(tmp_path / "work", None, 2, 2, 40, 4)
    weights = (made / "model.safetensors").read_bytes()
    written = {path: path.stat().st_mtime_ns for path in (tmp_path / "work/data").iterdir()}
    LlavaEngine(made).close()
    assert recipe.make_reader(tmp_path / "work", None, 2, 2, 40, 4) == made
    assert (made / "model.safetensors").read_bytes() == weights
    assert {path: path.stat().st_mtime_ns for path in (tmp_path / "work/data").iterdir()} == written
    assert len(weights) < 6e6
    items = map(json.loads, (tmp_path / "work/data/items.jsonl").read_text("utf-8").splitlines())
    assert any(item["answer"].get("items") for item in items)
