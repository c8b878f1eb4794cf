"""What people said scores the run they said it of, and a random sample speaks for all."""

from __future__ import annotations

import json
import random

import pytest
from support.command_line import invoke
from support.reviewing import correct

from docextract.review.desk.sayings import Saying
from docextract.review.labels.label import Action
from docextract.review.queue.sampling import Candidate, num_needed, pick


def accept_all(desk, name):
    tree = desk.find(name).tree
    present = {path.partition("[")[0] for path, f in tree["fields"].items() if f["raw"] is not None}
    desk.say(tree["document"]["sha256"], *(Saying(path, Action.ACCEPT) for path in sorted(present)))


def truth(out):
    done = invoke("labels", out)
    assert done.exit_code == 0, done.output
    return [json.loads(line) for line in done.stdout.splitlines()]


def test_labels_are_written_as_truth_lines(out, anna):
    assert truth(out) == []
    correct(anna, "luminosa.pdf", "totals.gross", "9.99")
    correct(anna, "luminosa.pdf", "lines[0].net", "1.00")
    sha256 = anna.find("luminosa.pdf").tree["document"]["sha256"]
    anna.say(sha256, Saying("due_date", Action.ABSENT), Saying("seller.name", Action.SKIP))
    (line,) = truth(out)
    assert line["file"].endswith("luminosa.pdf")
    assert (line["sha256"], line["schema"], line["reviewers"]) == (sha256, "invoice", ["anna"])
    # Of the rows one cell alone is known; what was skipped is not.
    assert line["values"] == {"totals": {"gross": "9.99"}, "due_date": None}
    anna.say(sha256, Saying("lines", Action.ACCEPT))
    (line,) = truth(out)
    assert [row["net"] for row in line["values"]["lines"]][:2] == ["1.00", "462.00"]
    anna.undo(sha256)
    assert "lines" not in truth(out)[0]["values"]


def test_a_run_is_scored_by_what_people_said_of_it(out, anna, tmp_path):
    accept_all(anna, "copperleaf.pdf")
    accept_all(anna, "luminosa.pdf")
    correct(anna, "luminosa.pdf", "totals.gross", "9.99")
    by_review = invoke("eval", out, "--report", tmp_path / "own.json")
    assert by_review.exit_code == 0, by_review.output
    (tmp_path / "truth.jsonl").write_text(invoke("labels", out).stdout)
    by_file = invoke(
        "eval", out, "--truth", tmp_path / "truth.jsonl", "--report", tmp_path / "file.json"
    )
    assert by_file.stdout == by_review.stdout
    report = json.loads((tmp_path / "own.json").read_text())
    wrong = [item for item in json.dumps(report).split('"path"') if "9.99" in item]
    assert wrong
    assert "2 of 2 documents were reviewed throughout, 1 of them read right" in by_review.stderr


def test_a_run_nobody_reviewed_cannot_be_scored_by_itself(out):
    done = invoke("eval", out)
    assert done.exit_code == 2
    assert "nobody has reviewed" in done.stderr
    assert "nothing to score against" in invoke("eval", out / "results.jsonl").stderr


def test_it_is_said_how_many_more_to_review(out, anna):
    correct(anna, "copperleaf.pdf", "totals.gross", "9.99")
    done = invoke("eval", out)
    assert "0 of 2 documents were reviewed throughout" in done.stderr
    assert "--sample 2" in done.stderr


def test_of_a_sample_everything_is_looked_at(out, anna):
    (item,) = json.loads(invoke("review", out, "--list", "--json", "--sample", "1").stdout)
    assert {"invoice_number", "seller.name", "totals.gross", "lines"} <= set(item["left"])
    assert "sales_order" not in item["left"]
    accept_all(anna, item["path"])
    (item,) = json.loads(invoke("review", out, "--list", "--json", "--sample", "1").stdout)
    assert item["left"] == []


def test_a_sample_is_random_stays_the_same_and_has_each_kind_by_its_share():
    rng = random.Random(1)
    shares = {"a": 700, "b": 200, "c": 100}
    every = [Candidate(f"{rng.random()}", name) for name, n in shares.items() for _ in range(n)]
    chosen = set(pick(every, 50))
    rng.shuffle(every)
    assert set(pick(every, 50)) == chosen
    found = [item.stratum for item in every if item.sha256 in chosen]
    assert {name: found.count(name) for name in shares} == {"a": 35, "b": 10, "c": 5}
    assert len(pick(every, 5000)) == 1000
    assert pick([], 5) == []


@pytest.mark.parametrize(
    ("right", "seen", "half_width", "population", "needed"),
    [
        (0, 0, 0.05, 10**6, 385),
        (0, 0, 0.05, 1000, 278),
        (90, 100, 0.05, 10**6, 157),
        (0, 0, 0.05, 10, 10),
        (5, 5, 0.05, 0, 0),
    ],
)
def test_documents_needed_for_an_interval(right, seen, half_width, population, needed):
    assert num_needed(right, seen, half_width, population) == needed
