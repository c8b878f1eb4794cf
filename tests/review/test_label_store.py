"""What people say is kept for good, whatever runs, crashes or other people do."""

from __future__ import annotations

import os
import signal
import sqlite3
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest
from support.command_line import invoke
from support.reviewing import correct, csv_row, exported, run

from docextract.core import Box, OptionError, OvertakenError, StoreError
from docextract.review.desk.desk import Desk
from docextract.review.desk.sayings import Saying
from docextract.review.labels.label import DOCUMENT, Action, Spot
from docextract.review.labels.label_store import LabelStore

ROOT = Path(__file__).parents[2]
PLACE = Spot(1, Box(0.1, 0.2, 0.3, 0.25), "4.554,00")


def sha_of(desk, name="luminosa.pdf"):
    return desk.find(name).tree["document"]["sha256"]


def shown(desk, name="luminosa.pdf"):
    return desk.find(name).tree


def test_a_correction_is_confirmed_with_who_when_where_and_what_was_read(anna):
    correct(anna, "luminosa.pdf", "totals.gross", "4554.00", PLACE)
    tree = shown(anna)
    field = tree["fields"]["totals.gross"]
    assert tree["values"]["totals"]["gross"] == "4554.00"
    assert (field["status"], field["confidence"], field["raw"]) == ("confirmed", 1.0, "4.554,00")
    assert field["evidence"] == [
        {"page": 1, "box": [0.1, 0.2, 0.3, 0.25], "quote": "4.554,00", "match": "normalized",
         "source": "text_layer"}
    ]  # fmt: skip
    said = field["confirmed"]
    assert (said["by"], said["action"], said["read"]) == ("anna", "correct", "4553.95")
    assert said["at"].endswith("+00:00")
    assert tree["review"]["by"] == ["anna"]


def test_what_is_accepted_keeps_its_evidence(anna):
    before = shown(anna)["fields"]["invoice_number"]["evidence"]
    anna.say(sha_of(anna), Saying("invoice_number", Action.ACCEPT))
    field = shown(anna)["fields"]["invoice_number"]
    assert (field["status"], field["evidence"]) == ("confirmed", before)


def test_what_is_not_there_is_confirmed_without_a_value(anna):
    anna.say(sha_of(anna), Saying("due_date", Action.ABSENT))
    tree = shown(anna)
    assert tree["values"]["due_date"] is None
    assert tree["fields"]["due_date"]["status"] == "confirmed"


def test_checks_run_again_and_tell_of_values_nobody_touched(anna):
    correct(anna, "copperleaf.pdf", "totals.net", "1.00")
    tree = shown(anna, "copperleaf.pdf")
    failed = [check["id"] for check in tree["checks"] if check["outcome"] == "failed"]
    assert "BR-CO-15" in failed
    assert tree["status"] == "review"
    correct(anna, "copperleaf.pdf", "totals.net", tree["fields"]["totals.net"]["confirmed"]["read"])
    after = shown(anna, "copperleaf.pdf")
    assert after["status"] == "ok"
    assert not [check for check in after["checks"] if check["outcome"] == "failed"]


def test_a_sum_that_is_wrong_on_paper_holds_nobody_up_once_all_of_it_is_confirmed(anna):
    sha256 = sha_of(anna, "copperleaf.pdf")
    correct(anna, "copperleaf.pdf", "totals.net", "1.00")
    tree = shown(anna, "copperleaf.pdf")
    paths = {
        path.partition("[")[0]
        for check in tree["checks"] if check["outcome"] == "failed" for path in check["paths"]
    }  # fmt: skip
    anna.say(sha256, *(Saying(path, Action.ACCEPT) for path in sorted(paths)))
    after = shown(anna, "copperleaf.pdf")
    assert any(check["outcome"] == "failed" for check in after["checks"])
    assert after["status"] == "ok"


def test_who_says_that_nothing_is_left_makes_a_document_ok(anna):
    correct(anna, "copperleaf.pdf", "totals.net", "1.00")
    anna.say(sha_of(anna, "copperleaf.pdf"), Saying(DOCUMENT, Action.ACCEPT))
    assert shown(anna, "copperleaf.pdf")["status"] == "ok"


def test_a_cell_is_saved_with_all_rows_and_alone_confirmed(anna):
    correct(anna, "luminosa.pdf", "lines[1].net", "7.00")
    (label,) = anna.labels()
    assert (label.path, label.action, list(label.cells)) == ("lines", "correct", ["[1].net"])
    assert len(label.value) == 5
    fields = shown(anna)["fields"]
    assert fields["lines[1].net"]["status"] == "confirmed"
    assert fields["lines[0].net"]["status"] != "confirmed"


def test_rows_are_added_taken_out_and_confirmed_together(anna):
    sha256 = sha_of(anna)
    correct(anna, "luminosa.pdf", "lines[5].net", "7.00")
    anna.say(sha256, Saying("lines[0]", Action.ABSENT))
    tree = shown(anna)
    assert [row["net"] for row in tree["values"]["lines"]][-1] == "7.00"
    assert len(tree["values"]["lines"]) == 5
    assert tree["fields"]["lines[4].net"]["status"] == "confirmed"
    assert tree["fields"]["lines[0].net"]["evidence"]
    anna.say(sha256, Saying("lines", Action.ACCEPT))
    fields = shown(anna)["fields"]
    cells = {field["status"] for path, field in fields.items() if path.startswith("lines[")}
    assert cells == {"confirmed"}
    anna.say(sha256, Saying("lines", Action.ABSENT))
    assert shown(anna)["values"]["lines"] == []


def test_undo_is_a_further_row_and_brings_back_what_stood_before(anna):
    sha256 = sha_of(anna)
    correct(anna, "luminosa.pdf", "totals.gross", "1.00")
    correct(anna, "luminosa.pdf", "totals.gross", "2.00")
    anna.undo(sha256)
    assert shown(anna)["values"]["totals"]["gross"] == "1.00"
    anna.undo(sha256)
    tree = shown(anna)
    assert tree["values"]["totals"]["gross"] == "4553.95"
    assert tree["fields"]["totals.gross"]["status"] == "verified"
    assert [label.action for label in anna.labels()] == ["correct", "correct", "undo", "undo"]
    with pytest.raises(OptionError, match="nothing to undo"):
        anna.undo(sha256)


def test_skipping_changes_no_value(anna):
    before = shown(anna)
    anna.say(sha_of(anna), Saying("totals.gross", Action.SKIP))
    after = shown(anna)
    assert after["fields"] == before["fields"]
    assert after["review"]["skipped"] == ["totals.gross"]


def test_rows_cannot_be_changed_or_deleted(anna, out):
    correct(anna, "luminosa.pdf", "totals.gross", "1.00")
    with closing(sqlite3.connect(out / ".docextract" / "labels.sqlite")) as connection:
        for sql in ("UPDATE labels SET value = '2'", "DELETE FROM labels"):
            with pytest.raises(sqlite3.DatabaseError, match="only ever added"):
                connection.execute(sql)


def test_unknown_fields_and_rows_are_refused_by_name(anna):
    sha256 = sha_of(anna)
    with pytest.raises(OptionError) as error:
        anna.say(sha256, Saying("totals.grose", Action.CORRECT, "1"))
    assert "totals.gross" in error.value.hint
    with pytest.raises(OptionError, match="5 rows"):
        anna.say(sha256, Saying("lines[9].net", Action.CORRECT, "1"))
    assert anna.labels() == []


def test_what_somebody_else_changed_meanwhile_is_not_overwritten_unseen(anna, out):
    bert = Desk.open(out, reviewer="bert")
    sha256 = sha_of(anna)
    correct(bert, "luminosa.pdf", "totals.gross", "5.00")
    with pytest.raises(OvertakenError, match="bert"):
        anna.say(sha256, Saying("totals.gross", Action.CORRECT, "6.00", seen=0))
    anna.say(sha256, Saying("totals.net", Action.CORRECT, "6.00", seen=0))
    anna.say(sha256, Saying("lines[0].net", Action.CORRECT, "6.00", seen=0))
    bert.say(sha256, Saying("lines[1].net", Action.CORRECT, "7.00", seen=0))
    with pytest.raises(OvertakenError, match="anna"):
        bert.say(sha256, Saying("lines[0].net", Action.CORRECT, "8.00", seen=0))
    with pytest.raises(OvertakenError, match="bert"):
        anna.undo(sha256)
    rows = shown(anna)["values"]["lines"]
    assert [rows[0]["net"], rows[1]["net"]] == ["6.00", "7.00"]


REVIEW = """
import sys
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from docextract.review.desk.desk import Desk
from docextract.review.desk.sayings import Saying
from docextract.review.labels.label import Action
out, reviewer, numbers = Path(sys.argv[1]), sys.argv[2], range(*map(int, sys.argv[3:]))
desk = Desk.open(out, reviewer=reviewer)
sha256 = desk.find("luminosa.pdf").tree["document"]["sha256"]
print("ready", flush=True)
sys.stdin.readline()
for number in numbers:
    path = f"lines[{number % 5}].{('net', 'quantity', 'unit_price', 'discount')[number // 5 % 4]}"
    desk.say(sha256, Saying(path, Action.CORRECT, str(number)))
    print(number, flush=True)
"""


def reviewer(out, name, *numbers):
    command = [sys.executable, "-c", REVIEW, str(out), name, *map(str, numbers)]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    started = subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=environment
    )
    assert started.stdout.readline() == "ready\n"  # type: ignore[union-attr]
    return started


def test_two_reviewers_at_once_lose_nothing(anna, out):
    both = [reviewer(out, "anna", 0, 20, 2), reviewer(out, "bert", 1, 20, 2)]
    for one in both:
        one.stdin.write("\n")
        one.stdin.flush()
    for one in both:
        one.communicate()
        assert one.returncode == 0
    assert len(anna.labels()) == 20
    rows = shown(anna)["values"]["lines"]
    names = ("net", "quantity", "unit_price", "discount")
    assert [[row[name] for name in names] for row in rows] == [
        [str(number) for number in range(index, 20, 5)] for index in range(5)
    ]


def test_many_who_begin_at_once_lose_nothing(anna):
    sha256 = sha_of(anna)

    def begin(number):
        desk = replace(anna, reviewer=f"reviewer {number}")
        desk.say(sha256, Saying("totals.gross", Action.CORRECT, str(number)))

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(begin, range(24)))
    assert sorted(int(label.value) for label in anna.labels()) == list(range(24))


def test_a_kill_after_a_keystroke_loses_nothing(anna, out):
    told = []
    for _ in range(3):
        one = reviewer(out, "anna", 0, 1000)
        one.stdin.write("\n")
        one.stdin.flush()
        told += [int(one.stdout.readline()) for _ in range(5)]
        one.send_signal(signal.SIGKILL)
        told += [int(line) for line in one.communicate()[0].splitlines()]
        kept = [label.shown is not None for label in anna.labels()]
        assert len(kept) >= len(told)
    assert len(anna.labels()) <= len(told) + 3


def test_labels_that_are_damaged_are_moved_aside_not_overwritten(anna, out):
    path, sha256 = out / ".docextract" / "labels.sqlite", sha_of(anna)
    path.write_bytes(b"no database, but a person's work" * 100)
    done = invoke("export", out)
    assert done.exit_code == 4
    with pytest.raises(StoreError, match=r"file of labels .* damaged .* was moved"):
        anna.say(sha256, Saying("totals.gross", Action.ACCEPT))
    assert list(path.parent.glob("labels.sqlite.corrupt-*"))
    with LabelStore.read_only(path.parent) as labels:
        assert labels.newest_id() == 0


def test_every_export_shows_corrections(anna, out):
    correct(anna, "luminosa.pdf", "totals.gross", "4554.00", PLACE)
    correct(anna, "luminosa.pdf", "lines[0].net", "7.00")
    assert invoke("export", out, "--format", "csv,jsonl,json").exit_code == 0
    assert csv_row(out, "luminosa.pdf")["totals.gross"] == "4554.00"
    assert csv_row(out, "luminosa.pdf")["reviewed"].startswith("anna ")
    assert csv_row(out, "luminosa.pdf", "lines.csv")["net"] == "7.00"
    for tree in exported(out, "luminosa.pdf"):
        assert tree["values"]["totals"]["gross"] == "4554.00"
        assert tree["fields"]["totals.gross"]["status"] == "confirmed"
        assert tree["fields"]["lines[0].net"]["confirmed"]["by"] == "anna"
    assert csv_row(out, "copperleaf.pdf")["reviewed"] == ""


def test_corrections_outlive_force_another_schema_version_and_a_move(anna, out, tmp_path):
    correct(anna, "luminosa.pdf", "totals.gross", "4554.00")
    inputs = out.parent / "in"
    run(out, inputs, force=True)
    assert csv_row(out, "luminosa.pdf")["totals.gross"] == "4554.00"
    newer = tmp_path / "invoice.py"
    newer.write_text(
        "from decimal import Decimal\nfrom pydantic import BaseModel, Field\n"
        "class Totals(BaseModel):\n    gross: Decimal | None = None\n"
        "class Invoice(BaseModel):\n"
        "    totals: Totals = Field(default_factory=Totals)\n    motto: str | None = None\n"
    )
    run(out, inputs, schema=str(newer))
    assert csv_row(out, "luminosa.pdf")["totals.gross"] == "4554.00"
    assert "motto" in csv_row(out, "luminosa.pdf")
    (inputs / "luminosa.pdf").rename(inputs / "elsewhere.pdf")
    run(out, inputs)
    row = csv_row(out, "elsewhere.pdf")
    assert (row["totals.gross"], row["reviewed"][:5]) == ("4554.00", "anna ")


def test_a_run_that_fails_on_a_document_leaves_what_people_said(anna, out, tmp_path):
    correct(anna, "copperleaf.pdf", "totals.gross", "4554.00")
    (tmp_path / "none.jsonl").write_text('{"sha256": "0", "values": {}}\n')
    run(out, out.parent / "in", engine="replay", answers=tmp_path / "none.jsonl")
    row = csv_row(out, "copperleaf.pdf")
    assert (row["status"], row["totals.gross"]) == ("failed", "4554.00")


def test_what_people_said_while_a_run_goes_on_stands_in_its_exports(out, anna):
    correct(anna, "luminosa.pdf", "totals.gross", "4554.00")
    run(out, out.parent / "in")
    before = (out / "documents.csv").read_bytes()
    correct(anna, "luminosa.pdf", "totals.gross", "4555.00")
    run(out, out.parent / "in")
    assert csv_row(out, "luminosa.pdf")["totals.gross"] == "4555.00"
    assert (out / "documents.csv").read_bytes() != before


def test_status_counts_documents_as_they_stand(anna, out):
    correct(anna, "copperleaf.pdf", "totals.net", "1.00")
    done = invoke("status", out)
    assert "review          1" in done.stdout
    assert "ok              1" in done.stdout


def test_labels_of_a_schema_that_is_gone_still_show(anna, out, tmp_path):
    schema = tmp_path / "mine.py"
    schema.write_text(
        "from pydantic import BaseModel\nclass Mine(BaseModel):\n    invoice_number: str | None\n"
    )
    run(out, out.parent / "in", schema=str(schema))
    correct(Desk.open(out, reviewer="anna"), "luminosa.pdf", "invoice_number", "X1")
    schema.unlink()
    done = invoke("export", out)
    assert done.exit_code == 0
    assert csv_row(out, "luminosa.pdf")["invoice_number"] == "X1"
    with pytest.raises(OptionError, match="cannot be had"):
        Desk.open(out)
