"""What people write down for a supplier is evidence for its documents, and never a value itself."""

from __future__ import annotations

import json

import pytest
from support.command_line import invoke
from support.pdfs import text_pdf
from support.reviewing import run

SCHEMA = "job_ticket: identifier, visited: date, seller: name, customer_total: money"
HINTS = """
[[supplier]]
name = "Orchard Lane"
schema = "fields"
keywords = ["Orchard Lane", "cupboards"]
[supplier.fixed]
seller = "Orchard Lane Carpentry Workshop"
[supplier.labels]
job_ticket = ["Werkcode", "Laufzettel"]
[supplier.at]
visited = [0.5, 0.04, 0.9, 0.1]
"""
LINES = [
    (60.0, 60.0, "Orchard Lane Carpentry Workshop"), (350.0, 60.0, "12 May 2025"),
    (60.0, 90.0, "Makers of cupboards since 3 June 1987"), (60.0, 150.0, "Laufzettel"),
    (260.0, 150.0, "Filler"), (60.0, 166.0, "AK-4411"), (60.0, 240.0, "Altogether 812.50"),
]  # fmt: skip


@pytest.fixture
def out(tmp_path):
    """An output folder in which a document was read without hints."""
    (tmp_path / "in").mkdir()
    (tmp_path / "in/one.pdf").write_bytes(text_pdf(LINES))
    run(tmp_path / "out", tmp_path / "in", SCHEMA)
    return tmp_path / "out"


def read(out):
    """Read the document again and return its record."""
    run(out, out.parent / "in", SCHEMA, force=True)
    return json.loads((out / "results.jsonl").read_text("utf-8").splitlines()[0])


def hints(out, text):
    path = out.parent / "suppliers.toml"
    name = json.loads((out / "run.json").read_text("utf-8"))["schema_name"]
    path.write_text(text.replace('"fields"', f'"{name}"'), encoding="utf-8")
    return invoke("learned", out, "--hints", path)


def test_hints_by_hand_lead_to_values_that_stand_on_the_page(out):
    told = hints(out, HINTS)
    assert told.exit_code == 0, told.output
    assert "written by hand" in told.stdout
    tree = read(out)
    assert tree["values"]["job_ticket"] == "AK-4411"
    assert tree["values"]["visited"] == "2025-05-12"
    assert tree["values"]["seller"] == "Orchard Lane Carpentry Workshop"
    assert "as written down by hand" in tree["fields"]["job_ticket"]["note"]
    assert all(tree["fields"][name]["evidence"] for name in ("job_ticket", "visited", "seller"))


def test_a_fixed_value_that_no_page_prints_is_not_given(out):
    hints(out, HINTS.replace("Carpentry Workshop", "Smithy"))
    assert read(out)["values"]["seller"] != "Orchard Lane Smithy"


def test_documents_without_the_keywords_are_read_as_before(out):
    before = read(out)["values"]
    hints(out, HINTS.replace("cupboards", "wardrobes"))
    assert read(out)["values"] == before


def test_hints_replace_the_earlier_ones_and_are_not_learned_over(out):
    hints(out, HINTS)
    told = hints(out, HINTS.replace('"Werkcode", "Laufzettel"', '"Laufzettel"'))
    assert told.stdout.count("written by hand") == 1
    assert invoke("correct", out, "one.pdf", "customer_total=812.50").exit_code == 0
    told = invoke("learned", out)
    assert "written by hand" in told.stdout
    assert "1 confirmed document" in told.stdout


@pytest.mark.parametrize(
    "text",
    ["supplier = 3", HINTS.replace("keywords", "keyword"), HINTS.replace("0.9", "0.1"), "[[",
     HINTS.replace('["Orchard Lane", "cupboards"]', '["x"]')],
)  # fmt: skip
def test_hints_that_are_not_understood_are_told_and_not_taken(out, text):
    told = hints(out, text)
    assert told.exit_code == 2
    assert "hints" in told.output
    assert "nothing is learned yet" in invoke("learned", out).stdout
