"""What people confirm is evidence for the next document of that layout, and for no other."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys

import pytest
from support.command_line import invoke
from support.pdfs import text_pdf
from support.reviewing import run

from docextract.core import UsageError
from docextract.learning.clues.clue import Clue
from docextract.learning.clues.day_first import in_order, order_of
from docextract.learning.memory import LayoutMemory, Memory, load_memory, save_memory
from docextract.normalise import Reading

SCHEMA = "job_ticket: identifier, customer_total: money"


def bill(folder, name, ticket, total, *, seller="Orchard Lane Carpentry Workshop"):
    lines = [
        seller, "Makers of cupboards, shelves and benches since long ago", "Quotation sheet",
        f"Werkcode: {ticket}", "Thank you for choosing our wood", "Delivery within three weeks",
        f"Altogether {total}", "Please pay at the counter downstairs",
    ]  # fmt: skip
    draw(folder, name, lines)


def draw(folder, name, lines):
    folder.mkdir(exist_ok=True)
    placed = [(60.0, 60.0 + 30 * number, line) for number, line in enumerate(lines)]
    (folder / name).write_bytes(text_pdf(placed))


@pytest.fixture
def taught(tmp_path):
    """An output folder in which the first sheet of a layout was confirmed."""
    out, inputs = tmp_path / "out", tmp_path / "in"
    bill(inputs, "one.pdf", "AK-4411", "812.50")
    run(out, inputs, SCHEMA)
    told = invoke("correct", out, "one.pdf", "job_ticket=AK-4411", "customer_total=812.50")
    assert told.exit_code == 0, told.output
    return out


def records(out):
    lines = (out / "results.jsonl").read_text("utf-8").splitlines()
    return {tree["document"]["path"].rpartition("/")[2]: tree for tree in map(json.loads, lines)}


def test_the_next_document_of_a_layout_is_read_as_the_first_was_confirmed(taught):
    inputs = taught.parent / "in"
    bill(inputs, "two.pdf", "BQ-7023", "95.10")
    run(taught, inputs, SCHEMA)
    tree = records(taught)["two.pdf"]
    assert tree["values"] == {"job_ticket": "BQ-7023", "customer_total": "95.10"}
    layout = load_memory(taught / ".docextract" / "memory.json").layouts[0]
    assert tree["memory"] == {"layout": layout.id, "version": layout.version, "documents": 1}
    whole = load_memory(taught / ".docextract" / "memory.json")
    told = json.loads((taught / "run.json").read_text("utf-8"))["memory"]
    assert told == {"version": whole.version, "layouts": 1, "documents": 1}
    assert "read with it: 1 document" in invoke("learned", taught).stdout
    field = tree["fields"]["job_ticket"]
    assert "as in 1 document confirmed before" in field["note"]
    assert field["evidence"][0]["quote"] == "BQ-7023"


def test_other_layouts_and_what_was_read_before_stay_as_they_are(taught, tmp_path):
    other = tmp_path / "other"
    draw(other, "x.pdf", ["Harbour Museum", "Werkcode ledger of ships", "Altogether 7 boats"])
    before = records(taught)["one.pdf"]["fingerprint"]
    run(tmp_path / "fresh", other, SCHEMA)
    run(taught, other, SCHEMA)
    with_memory, without = records(taught)["x.pdf"], records(tmp_path / "fresh")["x.pdf"]
    timed = ("timings_ms",)
    assert {k: v for k, v in with_memory.items() if k not in timed} == {
        k: v for k, v in without.items() if k not in timed
    }
    assert records(taught)["one.pdf"]["fingerprint"] == before


def test_a_clue_that_was_wrong_loses_its_weight():
    clue = Clue(label="werkcode")
    assert 0.75 < clue.weight < 0.9
    assert clue.judged(is_right=True).weight > clue.weight
    assert clue.judged(is_right=False).weight < 0.5


def test_a_layout_keeps_its_order_of_day_and_month():
    assert order_of("25/03/2024", "2024-03-25") == "day"
    assert order_of("04/09/20", "2020-04-09") == "month"
    assert order_of("04/04/20", "2020-04-04") == ""
    assert order_of("9 April 2020", "2020-04-09") == ""
    read = Reading("2020-09-04", ("2020-09-04", "2020-04-09"), is_ambiguous=True, raw="04/09/20")
    settled = in_order(read, "month")
    assert (settled.value, settled.is_ambiguous) == ("2020-04-09", False)
    assert in_order(Reading("2020-09-25", raw="25/09/20"), "month").value == "2020-09-25"


def test_memories_are_listed_exported_merged_and_forgotten(taught, tmp_path):
    shared = tmp_path / "shared.json"
    assert "werkcode" in invoke("learned", taught, "--export", shared).stdout
    other = tmp_path / "empty.json"
    save_memory(other, Memory())
    assert "werkcode" in invoke("learned", other, "--merge", shared).stdout
    name = load_memory(other).layouts[0].id
    assert "nothing is learned yet" in invoke("learned", other, "--forget", name).stdout
    assert invoke("learned", other, "--forget", "nobody").exit_code == 2
    told = invoke("learned", taught, "--forget", name)
    assert "nothing is learned yet" in told.stdout
    invoke("correct", taught, "one.pdf", "customer_total")
    assert load_memory(taught / ".docextract" / "memory.json").layouts == ()
    assert "werkcode" in invoke("learned", taught, "--again").stdout


def test_words_that_are_new_beside_confirmed_values_are_suggested(taught):
    told = invoke("schema", "words", "--from", taught).stdout
    assert "job_ticket" in told
    assert "werkcode" in told
    known = taught.parent / "known"
    run(known, taught.parent / "in", "werkcode: identifier")
    assert invoke("correct", known, "one.pdf", "werkcode=AK-4411").exit_code == 0
    rows = invoke("schema", "words", "--from", known).stdout.splitlines()
    assert ["werkcode", "werkcode"] not in [row.split()[:2] for row in rows]


def test_documents_that_nothing_can_be_learned_from_are_named(taught):
    bill(taught.parent / "in", "two.pdf", "BQ-7023", "95.10")
    run(taught, taught.parent / "in", SCHEMA)
    (taught.parent / "in/one.pdf").unlink()
    told = invoke("correct", taught, "one.pdf", "customer_total=")
    assert told.exit_code == 0
    assert "nothing is learned from" in told.stderr
    assert "one.pdf" in told.stderr
    assert invoke("forget", taught, "one.pdf", "--apply").exit_code == 0
    again = invoke("learned", taught, "--again")
    assert "a document that is no longer here" in again.stderr


def test_no_text_of_a_document_but_labels_and_constants_is_kept(taught):
    text = (taught / ".docextract" / "memory.json").read_text("utf-8").casefold()
    assert "werkcode" in text
    for word in ("carpentry", "cupboards", "ak-4411", "812.50", "counter"):
        assert word not in text


def test_a_file_that_holds_no_memories_is_told_so(tmp_path):
    path = tmp_path / "memory.json"
    for text in ("", "[]", '{"version": 9}', '{"version": 1, "layouts": [{}], "seen": {}}'):
        path.write_text(text)
        with pytest.raises(UsageError):
            load_memory(path)


def test_a_kill_leaves_the_old_memories_or_the_new_ones(tmp_path):
    path = tmp_path / "memory.json"
    code = (
        "import sys\nfrom pathlib import Path\n"
        "from docextract.learning.memory import LayoutMemory, Memory, save_memory\n"
        "number = 0\n"
        "while True:\n"
        "    number += 1\n"
        "    layouts = tuple(LayoutMemory('s', f'n{i}') for i in range(number % 50 + 1))\n"
        "    save_memory(Path(sys.argv[1]), Memory(layouts))\n"
        "    print(number, flush=True)\n"
    )
    for _ in range(3):
        process = subprocess.Popen(
            [sys.executable, "-c", code, str(path)], stdout=subprocess.PIPE, env={**os.environ}
        )
        for _ in range(20):
            process.stdout.readline()  # type: ignore[union-attr]
        process.send_signal(signal.SIGKILL)
        process.communicate()
        found = load_memory(path).layouts
        assert found == tuple(LayoutMemory("s", f"n{i}") for i in range(len(found)))
        assert found
