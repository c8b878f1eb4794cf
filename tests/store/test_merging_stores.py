"""Shards merged equal one run over everything, and merging again changes nothing."""

from __future__ import annotations

import json
import shutil
import sqlite3

import pytest
from support.command_line import invoke
from support.containers import mail, pdf
from support.pdfs import invoice_lines, text_pdf, write_invoices

from docextract.core import Shard

COMMAND = ("--schema", "invoice_number, total: money", "--engine", "text", "-j", "1", "-q")
EXPORTS = ("results.jsonl", "documents.csv", "failures.jsonl")


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """Documents, some twice under names that sort oddly, one broken; three shards; one run."""
    folder = tmp_path_factory.mktemp("sharded")
    papers = folder / "in"
    write_invoices(papers, 6)
    names = sorted(path.name for path in papers.iterdir())
    (papers / "b").mkdir()
    for number in range(4):
        shutil.copy(papers / names[number], papers / "b" / f"copy{number}.pdf")
        shutil.copy(papers / names[number], papers / f"b-{number}.pdf")
    for number in range(2):
        letter = mail(f"Letter {number}", own_pdf=pdf(f"M-{number}"), same_pdf=pdf("M-9"))
        (papers / f"letter{number}.eml").write_bytes(bytes(letter))
    for name in ("broken.pdf", "a-broken-copy.pdf"):
        (papers / name).write_bytes(b"%PDF-1.7 no more than this")
    run(folder, "whole")
    for index in range(3):
        run(folder, f"part{index}", "--shard", f"{index}/3")
    return folder


def run(folder, out, *more):
    done = invoke("run", folder / "in", "--out", folder / out, *COMMAND, *more)
    assert done.exit_code in (0, 5, 6), done.output
    return done


def merged(folder, *parts, out="merged"):
    return invoke("merge", *(folder / part for part in parts), "--out", folder / out)


def exports(folder, out):
    return [(folder / out / name).read_bytes() for name in EXPORTS]


def stored(folder, out):
    """Return all that a store says, but run ids and moments."""
    database = sqlite3.connect(folder / out / ".docextract/store.sqlite")
    tables = {}
    for table in ("documents", "records", "attempts", "pages", "containers"):
        found = database.execute(f"SELECT * FROM {table}")
        names = [item[0] for item in found.description]
        rows = [dict(zip(names, row, strict=True)) for row in found]
        for row in rows:
            for name in ("run_id", "id", "ended"):
                row.pop(name, None)
            if "json" in row:
                row["json"] = json.loads(row["json"])
                row["json"].pop("timings_ms")
                # Whichever path was read first gives its name to the bytes; exports say their own.
                row["json"]["document"].pop("path")
                row["json"]["document"].pop("mail", None)
        tables[table] = sorted(rows, key=repr)
    database.close()
    return tables


def test_three_shards_merged_equal_one_run(folder):
    done = merged(folder, "part0", "part1", "part2")
    assert done.exit_code == 5
    assert "20 documents of 3 folders" in done.stderr
    assert exports(folder, "merged") == exports(folder, "whole")
    assert stored(folder, "merged") == stored(folder, "whole")


def test_a_file_of_several_documents_in_several_shards_is_read_once(tmp_path):
    """None of its copies is lost, and none stands there in parts."""
    pages = ([*invoice_lines(f"A-{n}1", 100.0 + n), (40, 800, "Page 1 of 1")] for n in (1, 2))
    data = text_pdf(*pages)
    (tmp_path / "in").mkdir()
    # A path decides its shard: with as many, neither of two is ever empty.
    for number in range(24):
        (tmp_path / f"in/copy{number}.pdf").write_bytes(data)
    run(tmp_path, "whole")
    for index in range(2):
        run(tmp_path, f"part{index}", "--shard", f"{index}/2")
    for parts in (("part0", "part1"), ("part1", "part0")):
        assert merged(tmp_path, *parts).exit_code == 0
        assert exports(tmp_path, "merged") == exports(tmp_path, "whole")
        assert stored(tmp_path, "merged") == stored(tmp_path, "whole")
    assert len((tmp_path / "merged/results.jsonl").read_bytes().splitlines()) == 2 + 23


def test_no_shard_has_what_another_has(folder):
    rows = [(folder / f"part{i}/results.jsonl").read_bytes().splitlines() for i in range(3)]
    assert sum(map(len, rows)) == 20


def test_merging_twice_and_in_another_order_changes_nothing(folder):
    merged(folder, "part0", "part1", "part2", out="twice")
    before = exports(folder, "twice"), stored(folder, "twice")
    merged(folder, "part2", "part0", "part1", out="twice")
    merged(folder, "part1", out="twice")
    assert (exports(folder, "twice"), stored(folder, "twice")) == before
    database = sqlite3.connect(folder / "twice/.docextract/store.sqlite")
    assert database.execute("SELECT count(*) FROM runs").fetchone() == (3,)
    database.close()


def test_a_run_over_everything_into_the_merged_folder_has_nothing_to_do(folder):
    merged(folder, "part0", "part1", "part2", out="again")
    run(folder, "again")
    told = json.loads((folder / "again/run.json").read_bytes())
    assert told["num_unchanged"] + told["counts"]["skipped"] == 20
    assert exports(folder, "again") == exports(folder, "whole")


def test_shards_that_overlap_are_told(folder):
    """Each document of one shard of three is in one of the two halves, wherever the folder lies."""
    for index in range(2):
        run(folder, f"half{index}", "--shard", f"{index}/2")
    done = merged(folder, "part0", "half0", "half1", out="overlapping")
    assert "in more than one of them, such as" in done.stderr
    assert "missing: shard 1/3, 2/3" in done.stderr


def test_a_missing_shard_is_told_and_ends_with_8(folder):
    done = merged(folder, "part0", "part2", out="partly")
    assert done.exit_code == 8
    assert "missing: shard 1/3" in done.stderr


def test_of_two_outcomes_the_one_that_did_not_fail_stands(folder, tmp_path):
    write_invoices(tmp_path / "in", 1)
    run(tmp_path, "one")
    next((tmp_path / "in").iterdir()).write_bytes(b"")
    run(tmp_path, "two")
    done = merged(tmp_path, "one", "two", out="both")
    assert done.exit_code == 0
    rows = [json.loads(row) for row in (tmp_path / "both/results.jsonl").read_bytes().splitlines()]
    assert [row["status"] for row in rows] == ["ok"]


def test_a_folder_without_records_is_no_source(tmp_path):
    done = merged(tmp_path, "nothing")
    assert done.exit_code == 2
    assert "holds no records" in done.stderr
    assert not (tmp_path / "merged").exists()


def test_shards_are_numbered_from_0():
    assert Shard.parse("2/3") == Shard(2, 3)
    done = invoke("run", "in", "--schema", "invoice", "--shard", "3/3")
    assert done.exit_code == 2
    assert "They are 0/3 to 2/3" in done.stderr


def test_a_path_is_in_the_same_shard_for_ever():
    held = [Shard(index, 5).holds(b"s3://bucket/in/a.pdf") for index in range(5)]
    assert held == [False, True, False, False, False]


def test_a_shard_that_no_document_falls_into_is_well_and_says_so(tmp_path):
    write_invoices(tmp_path / "in", 1)
    run(tmp_path, "whole")
    ends = [run(tmp_path, f"part{index}", "--shard", f"{index}/3") for index in range(3)]
    assert [done.exit_code for done in ends] == [0, 0, 0]
    parts = [f"part{index}" for index in range(3)]
    empty = [part for part in parts if not (tmp_path / part / "results.jsonl").read_bytes()]
    assert len(empty) == 2
    assert merged(tmp_path, *parts).exit_code == 0
    assert exports(tmp_path, "merged") == exports(tmp_path, "whole")


def test_an_empty_shard_is_told_from_an_empty_folder(tmp_path):
    papers = tmp_path / "in"
    (path,) = write_invoices(papers, 1)
    away = papers / "notes.txt"
    away.write_text("no document")
    index = next(
        n for n in range(4) if not any(Shard(n, 4).holds(bytes(it)) for it in (path, away))
    )
    shard = ("--shard", f"{index}/4")
    told = invoke("run", papers, "--out", tmp_path / "out", *COMMAND[:-1], *shard)
    assert f"all that is there is of other shards than {index}/4" in told.stderr
    path.unlink()
    told = invoke("run", papers, "--out", tmp_path / "out", *COMMAND, *shard)
    assert (told.exit_code, "no document in" in told.stderr) == (7, True)
