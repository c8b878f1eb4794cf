"""Values are found again by the words about their place, by their shape, and by who it is from."""

from __future__ import annotations

from dataclasses import replace

import pytest
from support.slips import page_of_lines

from docextract.learning.clues.anchors import anchors_at, place_by
from docextract.learning.clues.shape import OPEN, common, fits, shape_of
from docextract.learning.lessons import Lesson, learn
from docextract.learning.memory import Memory, freeze, load_memory
from docextract.learning.recall import known_layout, recall
from docextract.normalise import NOTHING, gather_evidence
from docextract.schema.loading import load_schema
from docextract.verify.grounding.grounder import Grounder
from docextract.verify.merging import values_of

SCHEMA = load_schema("vendor: name, ticket: identifier, total: money")
HEAD = ("Carpentry Workshop Orchard", "Cupboards Benches Shelves Tables")
FOOT = ("Delivery within three weeks", "Please pay downstairs today", "Thanks for choosing wood")


def sheet(ticket, total, *, extra=0):
    rows = [f"Plank oiled {number}.00" for number in range(1, extra + 1)]
    return page_of_lines(*HEAD, ticket, "Sawn planed oiled polished", *rows, total, *FOOT)


def taught(*pages, values):
    memory = Memory()
    for number, (page, said) in enumerate(zip(pages, values, strict=True)):
        lesson = Lesson(f"{number}" * 64, [page], SCHEMA, said, {}, dict.fromkeys(said))
        memory = learn(memory, lesson)
    return memory


def remembered(memory, page):
    locale = gather_evidence([" ".join(word.text for word in page.words)])
    layout = known_layout(SCHEMA.name, [page], memory)
    assert layout is not None
    ground = Grounder([page], locale).ground
    nothing = values_of(SCHEMA, {field.path: NOTHING for field in SCHEMA.fields})
    return recall(nothing, [page], layout, ground, locale, lambda *_: 0)


def test_a_value_without_a_label_is_found_by_the_words_about_it_though_rows_were_added():
    said = {"ticket": "AK-4411", "total": "812.50"}
    memory = taught(sheet("AK-4411", "812.50"), values=[said])
    found = remembered(memory, sheet("BQ-7023", "95.10", extra=3))
    assert found.text("ticket") == "BQ-7023"
    assert found.text("total") == "95.10"
    assert found["total"].place is not None


def test_words_that_stand_everywhere_say_nothing_of_a_place():
    """Votes are compared with each other: of words beyond counting that would never end."""
    page = sheet("AK-4411", "812.50")
    anchors = anchors_at(page, page.words[4].box)
    assert place_by(page, anchors) is not None
    assert place_by(replace(page, words=page.words * 31), anchors) is None


def test_what_has_another_shape_than_all_numbers_before_is_none():
    said = {"ticket": "AK-4411"}
    memory = taught(sheet("AK-4411", "812.50"), values=[said])
    assert remembered(memory, sheet("17.11.2024", "95.10")).text("ticket") is None
    assert shape_of("RE-2024-0187") == "A-9-9"
    assert fits("QX-1-22", "A-9-9")
    assert not fits("QX-1", "A-9-9")
    assert fits("QX-1", common("A-9-9", "A9")) and common("A-9", "A-9") == "A-9"
    assert common("A-9", "9") == OPEN


def test_a_name_that_only_the_logo_shows_is_proposed_and_stands_nowhere():
    said = {"vendor": "Orchard Lane"}
    memory = taught(sheet("AK-1", "8.50"), sheet("AK-2", "9.50"), values=[said, said])
    (clue,) = (it for it in memory.layouts[0].clues["vendor"] if it.constant)
    assert clue.is_unprinted and clue.num_right == 2
    value = remembered(memory, sheet("AK-3", "10.50"))["vendor"]
    assert (value.value, value.place) == ("Orchard Lane", None)
    assert value.memory == "as in 2 documents confirmed before"


def test_one_name_of_a_layout_that_several_share_is_proposed_to_nobody():
    both = [{"vendor": "Orchard Lane"}, {"vendor": "Pear Street"}]
    memory = taught(sheet("AK-1", "8.50"), sheet("AK-2", "9.50"), values=both)
    assert remembered(memory, sheet("AK-3", "10.50")).text("vendor") is None


def test_clues_that_say_different_things_are_less_sure_together():
    page = page_of_lines(*HEAD, "812.50", "Sawn planed oiled polished", "812.50", *FOOT)
    other = page_of_lines(*HEAD, "11.00", "Sawn planed oiled polished", "95.10", *FOOT)
    memory = taught(page, values=[{"total": "812.50"}])
    torn = remembered(memory, other)["total"]
    sure = remembered(memory, page)["total"]
    assert torn.probability is not None and sure.probability is not None
    assert torn.probability < sure.probability


@pytest.mark.parametrize("version", [1, 2, 3])
def test_memories_of_earlier_versions_are_read(version):
    memory = taught(sheet("AK-4411", "812.50"), values=[{"ticket": "AK-4411"}])
    text = memory.to_json().replace('"version": 3', f'"version": {version}')
    assert Memory.from_json(text) == memory


def test_a_run_keeps_the_memory_it_began_with_and_no_older_one(tmp_path):
    first = taught(sheet("AK-1", "8.50"), values=[{"ticket": "AK-1"}])
    page = sheet("AK-2", "9.50")
    second = learn(first, Lesson("f" * 64, [page], SCHEMA, {"ticket": "AK-2"}, {}, {}))
    assert first.version != second.version
    old, new = freeze(tmp_path, first), freeze(tmp_path, second)
    assert old is not None and new is not None
    assert load_memory(new) == second
    assert not old.exists()
    assert freeze(tmp_path, Memory()) is None
    assert list(tmp_path.iterdir()) == []
