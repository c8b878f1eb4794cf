"""A real, tiny LLaVA-NeXT through the product's own loading and decoding path."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from docextract.core import Page
from docextract.engine.answers.answer_json import AnswerReader, answer_schema
from docextract.engine.base import Question, StopReason
from docextract.schema.loading import load_schema

SCHEMA = "vendor, total: money, lines: [description, net: money]"


@pytest.fixture(scope="session")
def tiny_folder(tiny_llava):
    return tiny_llava()


@pytest.fixture(scope="module")
def engine(tiny_folder):
    from docextract.engine.llava.llava_engine import LlavaEngine

    engine = LlavaEngine(tiny_folder, max_new_tokens=700)
    yield engine
    engine.close()
    engine.close()


def page(number=1):
    pixels = bytes(range(256)) * 3 * 40
    return Page(number, 100, 100, image=(pixels * 2)[: 100 * 100 * 3], size=(100, 100))


def leaf_paths(tree, path=""):
    for key, child in tree.items():
        if isinstance(child, dict):
            yield from leaf_paths(child, f"{path}{key}.")
        elif isinstance(child, list):
            for i, row in enumerate(child):
                yield from leaf_paths(row, f"{path}{key}[{i}].")
        else:
            yield f"{path}{key}"


class TestEngine:
    def test_answers_fit_the_schema_and_every_leaf_has_a_probability(self, engine):
        schema = load_schema(SCHEMA)
        (answer,) = engine.answer([Question("x", (page(),), schema)])
        schema_paths = {item.path for item in schema.fields}
        for path in leaf_paths(answer.values):
            field = schema.field_at(path)
            assert field is not None and field.path in schema_paths
            assert 0 <= answer.probabilities[path] <= 1

    def test_same_page_same_answer_in_order(self, engine):
        schema = load_schema("total: money")
        questions = [Question(name, (page(),), schema) for name in "ab"]
        first, second = engine.answer(questions)
        assert first.values == second.values
        assert first.probabilities == pytest.approx(second.probabilities, abs=1e-5)
        assert engine.answer([]) == []

    def test_length_stop_is_told(self, tiny_folder):
        from docextract.engine.llava.llava_engine import LlavaEngine

        short = LlavaEngine(tiny_folder, max_new_tokens=3)
        (answer,) = short.answer([Question("x", (page(),), load_schema(SCHEMA))])
        assert answer.stop_reason is StopReason.LENGTH
        short.close()

    def test_a_page_without_pixels_fails_alone(self, engine):
        good, bad = (Question("x", (one,), load_schema(SCHEMA)) for one in (page(), Page(1, 1, 1)))
        first, failed, last = engine.answer([good, bad, good])
        assert failed.error is not None and "without its image" in str(failed.error)
        assert failed.values == {"vendor": None, "total": None, "lines": []}
        assert first.error is last.error is None
        assert first.values == last.values

    @pytest.mark.parametrize(
        ("origin", "is_one"),
        [("llava-hf/llava-onevision-qwen2-7b-ov-hf", False), ("llava-hf/llava-1.5-7b-hf", True)],
    )
    def test_several_pages_are_asked_about_only_where_weights_were_trained_so(
        self, tiny_folder, tmp_path, origin, is_one
    ):
        from docextract.engine.llava.llava_engine import LlavaEngine
        from docextract.engine.llava.weights.identity import Identity, write_origin

        folder = Path(shutil.copytree(tiny_folder, tmp_path / "weights"))
        write_origin(folder, Identity(origin, "c" * 40))
        engine = LlavaEngine(folder)
        assert (engine.max_pages == 1) == is_one
        assert engine._decoder.max_pages > 1
        engine.close()

    def test_info_names_the_weights(self, engine):
        assert engine.info.name == "llava"
        assert engine.info.quantization == "none"
        assert len(engine.info.revision) == 16


class TestAnswerFormat:
    def test_all_required_nothing_extra(self):
        tree = answer_schema(load_schema(SCHEMA))
        assert tree["required"] == ["vendor", "total", "lines"]
        assert tree["additionalProperties"] is False
        assert tree["properties"]["lines"]["maxItems"] > 0

    leaf = st.one_of(st.none(), st.text(max_size=8))
    trees = st.fixed_dictionaries(
        {
            "a": leaf,
            "g": st.fixed_dictionaries({"b": leaf}),
            "l": st.lists(st.fixed_dictionaries({"x": leaf, "y": leaf}), max_size=3),
        }
    )

    @given(trees)
    def test_reads_back_what_json_wrote(self, tree):
        text = json.dumps(tree, ensure_ascii=False, separators=(",", ":"))
        reader = AnswerReader(text)
        assert reader.is_complete
        assert reader.tree == tree
        for path, (start, end) in reader.spans.items():
            assert json.loads(text[start:end]) is None or path

    @given(trees, st.integers(0, 200))
    def test_a_cut_answer_keeps_only_complete_rows(self, tree, cut):
        text = json.dumps(tree, ensure_ascii=False, separators=(",", ":"))
        reader = AnswerReader(text[: min(cut, len(text) - 1)])
        assert not reader.is_complete
        kept = reader.tree.get("l", [])
        assert kept == tree["l"][: len(kept)]
