"""llama.cpp's own server over a tiny random LLaVA-NeXT: the real one does as the fake one does."""

from __future__ import annotations

import json
import subprocess
import sys
from contextlib import contextmanager
from pathlib import Path

import pytest
from support.command_line import invoke

from docextract.core import BRIEF
from docextract.engine.server.requests.capabilities import choose_server

pytestmark = [pytest.mark.real_server, pytest.mark.model]
TESTS = Path(__file__).parents[2]
RECEIPT = TESTS.parent / "fixtures" / "receipts" / "frischmarkt.png"
SCHEMA = "merchant: name!, date: date, total: money!"


@pytest.fixture(scope="module")
def model(tmp_path_factory):
    for package in ("xllamacpp", "gguf"):
        reason = f"{package} is not installed: pip install -e .[real-server]"
        pytest.importorskip(package, reason=reason)
    pytest.importorskip("torch", reason="torch is not installed")
    from support.tiny_gguf import write_tiny_gguf

    return write_tiny_gguf(tmp_path_factory.mktemp("gguf"))


@contextmanager
def serving(model, context_tokens):
    """Yield the address of a server over a model; it ends with the block."""
    command = [sys.executable, "-m", "support.llama_cpp_server", *map(str, model)]
    command += [str(context_tokens), "1"]
    process = subprocess.Popen(
        command, cwd=TESTS, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
    )
    try:
        address = next(line.split()[1] for line in process.stdout if line.startswith(b"LISTENS"))  # type: ignore[union-attr]
        yield f"{address.decode()}/v1"
    finally:
        process.kill()
        process.communicate()


@pytest.fixture(scope="module")
def url(model):
    with serving(model, 8192) as found:
        yield found


def run(url, folder, *more):
    args = ("run", str(RECEIPT), "--schema", SCHEMA, "--url", url, "--out", str(folder / "out"))
    result = invoke(*args, *more)
    (line,) = (folder / "out" / "results.jsonl").read_bytes().splitlines()
    return result, json.loads(line)


def test_it_is_seen_to_keep_to_the_schema_though_it_writes_blanks(url):
    chosen = choose_server(url, None, BRIEF)
    assert chosen.ability.is_constrained
    assert chosen.ability.has_odds
    assert "which keeps to the schema" in chosen.why


def test_a_drawn_receipt_parses(url, tmp_path):
    result, record = run(url, tmp_path, "--engine", "server")
    assert result.exit_code == 0, result.output
    assert record["engine"]["name"] == "server"
    assert {error["reason"] for error in record["errors"]} <= {"truncated_answer"}
    assert record["usage"]["completion_tokens"] > 0
    statuses = {item["status"] for item in record["fields"].values()}
    assert "verified" not in statuses, "random weights know nothing"


def test_it_is_the_second_reader_of_what_is_in_doubt(url, tmp_path):
    result, record = run(url, tmp_path)
    assert result.exit_code == 0, result.output
    assert "the text engine reads first" in result.stderr
    assert record["values"]["total"] is not None
    assert record["fields"]["total"]["readers"] == ["text"]


def test_a_page_too_long_for_its_context_is_too_large_and_names_the_remedy(model, tmp_path):
    with serving(model, 512) as url:
        result, record = run(url, tmp_path, "--engine", "server", "--with-text", "yes")
    (error,) = record["errors"]
    assert (record["status"], error["reason"]) == ("failed", "too_large")
    assert "--ctx-size" in error["hint"]
    assert result.exit_code == 6
