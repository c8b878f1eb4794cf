"""Training teaches: text alone, few labels in two stages, a new layout; and nothing leaks.

Each takes minutes; ``benchmarks/two_stages.py`` measures more of it.
"""

from __future__ import annotations

from importlib import import_module
from pathlib import Path

import pytest
from support.slips import READER

from docextract.training.train_settings import Method

pytestmark = [pytest.mark.model, pytest.mark.slow]


@pytest.fixture(scope="module")
def cells():
    """How a benchmark trains and reads; in a process of one thread."""
    torch = pytest.importorskip("torch")
    torch.set_num_threads(1)
    root = Path(__file__).parents[2]
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(root / "benchmarks")
        patch.syspath_prepend(root / "fixtures")
        yield import_module("stage_cells")


@pytest.fixture(scope="module")
def forgetful(cells, tmp_path_factory):
    """The reader with a projector that names nothing."""
    return cells.forgetful(READER, tmp_path_factory.mktemp("base") / "forgetful", 0)


def test_two_stages_beat_one_where_labels_are_few(cells, forgetful, tmp_path):
    """400 steps on slips of which each is copied once, then 200; one stage has all 600.

    Method and rates of the second are those of ``train run`` in both: 95.6 % against 2.6 %. By the
    best rates that were found for it one stage reads 91.6 %: two are ahead by 4 points, not by 8.
    """
    held_out, few = cells.slips_of(200, "held out"), cells.slips_of(200, "labelled")
    assert cells.share_read(forgetful, held_out) < 0.2
    drawn = cells.slips_of(400 * cells.BATCH_SIZE, "text")
    texts = cells.slip_data(tmp_path / "text", drawn, with_labels=False)
    aligned = cells.aligned(forgetful, texts, tmp_path / "align", 400, 0)
    by_text = cells.share_read(aligned, held_out)
    labelled = cells.slip_data(tmp_path / "labelled", few)
    both = cells.tuned(aligned, labelled, tmp_path / "both", 200, 0, Method.LORA)
    alone = cells.tuned(forgetful, labelled, tmp_path / "alone", 600, 0, Method.LORA)
    by_both, by_one = (cells.share_read(it, held_out, adapter) for it, adapter in (both, alone))
    print(f"text alone {by_text:.1%}, both stages {by_both:.1%}, one {by_one:.1%}")
    assert by_text > 0.6
    assert by_both > by_one + 0.08


def test_answers_of_other_documents_teach_nothing(cells, forgetful, tmp_path):
    drawn = cells.slips_of(200, "labelled")
    labelled = cells.slip_data(tmp_path / "data", drawn, kinds="whole=.7,subset=.3")
    settings = (tmp_path / "out", 300, 0, Method.FULL, (1e-3, 1e-3))
    model, _ = cells.tuned(forgetful, cells.shuffled(labelled), *settings)
    share = cells.share_read(model, cells.slips_of(100, "held out"))
    print(f"shuffled answers {share:.1%}")
    assert share <= 0.15


def test_100_documents_of_a_new_layout_teach_it_and_spoil_little(cells, tmp_path):
    """What was read well is taught beside them, and the adapter goes four fifths of its way."""
    layout = cells.new_layout()
    new, usual = cells.slips_of(100, "new, held out", layout), cells.slips_of(100, "held out")
    drawn = [*cells.slips_of(100, "new", layout), *cells.slips_of(500, "usual")]
    settings = (tmp_path / "out", 400, 0, Method.LORA, (1e-3, 1e-4))
    cells.tuned(READER, cells.slip_data(tmp_path / "data", drawn), *settings)
    adapter = cells.softened(tmp_path / "out", 0.8)
    before = [cells.share_read(READER, slips) for slips in (new, usual)]
    after = [cells.share_read(READER, slips, adapter) for slips in (new, usual)]
    print(f"new layout {before[0]:.1%} to {after[0]:.1%}, usual {before[1]:.1%} to {after[1]:.1%}")
    assert after[0] >= before[0] + 0.1
    assert after[1] >= before[1] - 0.02
