"""``transformers serve`` over a tiny random LLaVA-NeXT: what it heeds is seen, and what it says."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest
from support.command_line import invoke

from docextract.core import BRIEF
from docextract.engine.server.requests.capabilities import choose_server

pytestmark = [pytest.mark.real_server, pytest.mark.model]
RECEIPT = Path(__file__).parents[3] / "fixtures" / "receipts" / "frischmarkt.png"


@pytest.fixture(scope="module")
def served(tiny_llava, tmp_path_factory):
    """Yield the address of a server and the name of its model."""
    for package in ("transformers", "fastapi", "uvicorn", "openai"):
        pytest.importorskip(package, reason="transformers[serving] is not installed")
    with closing(socket.socket()) as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    model = str(tiny_llava())
    command = [
        sys.executable, "-m", "transformers.cli.transformers", "serve", model,
        "--host", "127.0.0.1", "--port", str(port), "--device", "cpu", "--log-level", "info",
    ]  # fmt: skip
    cache = str(tmp_path_factory.mktemp("cache"))
    own = {"HF_HUB_OFFLINE": "1", "HF_HOME": cache, "OMP_NUM_THREADS": "1"}
    process = subprocess.Popen(
        command,
        env={**os.environ, **own},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        said = list[str]()
        for line in process.stderr or ():
            said.append(line)
            if "Uvicorn running" in line:
                break
        assert process.poll() is None, "".join(said)[-2000:]
        yield f"http://127.0.0.1:{port}/v1", model
    finally:
        process.kill()
        process.communicate()


def test_it_is_seen_that_schemas_are_not_kept(served):
    url, model = served
    chosen = choose_server(url, model, BRIEF)
    assert not chosen.ability.is_constrained
    assert "does not keep to the schema" in chosen.why


def test_prose_is_told_as_such(served, tmp_path):
    """Random weights write no JSON; what a document then is, and why, the record says."""
    url, model = served
    result = invoke(
        "run", str(RECEIPT), "--schema", "total: money", "--engine", "server", "--url", url,
        "--model", model, "--max-answer-tokens", "16", "--out", str(tmp_path / "out"),
    )  # fmt: skip
    (line,) = (tmp_path / "out" / "results.jsonl").read_bytes().splitlines()
    (error,) = json.loads(line)["errors"]
    assert error["reason"] == "invalid_answer", result.output
    assert result.exit_code == 6
