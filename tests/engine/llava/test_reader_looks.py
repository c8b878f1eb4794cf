"""The small reader reads what its card says: margins, turned paper, fonts never taught, rows."""

from __future__ import annotations

from importlib import import_module
from pathlib import Path

import pytest
from support.read_slips import question_about, share_right

from docextract.schema.loading import load_schema

pytestmark = pytest.mark.model
NUM_SLIPS = 32


@pytest.fixture(scope="module")
def slips():
    """How slips are drawn."""
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(Path(__file__).parents[3] / "fixtures")
        module = import_module("drawing.slips")
        if not module.FONT_FOLDER.is_dir():
            pytest.skip("needs the DejaVu fonts")
        yield module


@pytest.mark.parametrize("look", ["margin", "rotation", "fonts"])
def test_slips_unlike_a_scanner_s_best(reading, slips, look):
    looks = {
        "margin": slips.Look(margin=0.1),
        "rotation": slips.Look(rotation=1.5),
        "fonts": slips.Look(slips.UNSEEN_FONTS),
    }
    drawn = list(slips.draw_slips(NUM_SLIPS, f"test {look}", looks[look]))
    answers = reading.answer([question_about(slip.image) for slip in drawn])
    # 500 slips each read 90 % and more; of 32 a few may be missed by chance.
    assert share_right(answers, [slip.values for slip in drawn]) >= 0.87


def test_rows_of_items_are_read(reading, slips):
    schema = load_schema(slips.SCHEMA_WITH_ROWS)
    drawn = list(slips.draw_slips(NUM_SLIPS, "test rows"))
    answers = reading.answer([question_about(slip.image, schema) for slip in drawn])
    wanted = [[{"name": name, "amount": amount} for name, amount in slip.items] for slip in drawn]
    given = [answer.values["items"] for answer in answers]
    assert any(len(rows) == 2 for rows in wanted)
    assert sum(map(list.__eq__, given, wanted)) >= 0.9 * NUM_SLIPS
    assert share_right(answers, [slip.values for slip in drawn]) >= 0.94
