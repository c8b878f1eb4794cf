"""SIGKILL anywhere in a training, then the same command: the same weights, bit for bit."""

from __future__ import annotations

import json
import os
import random
import subprocess
import sys
import time

import pytest
from support.slips import READER, slip_dataset

pytestmark = pytest.mark.model
ENVIRONMENT = {**os.environ, "OMP_NUM_THREADS": "1", "CUDA_VISIBLE_DEVICES": ""}
OUTCOME = {"lora": "adapter/adapter_model.safetensors", "full": "model/model.safetensors"}


def command(data, out, method):
    return [
        sys.executable, "-m", "docextract", "train", "run", str(data), "--model", str(READER),
        "--out", str(out), "--method", method, "--steps", "12", "--batch-size", "3",
        "--save-every", "2", "--no-eval", "--lr", "1e-3",
    ]  # fmt: skip


def finish(data, out, method):
    subprocess.run(command(data, out, method), env=ENVIRONMENT, check=True, capture_output=True)


def kill_after(data, out, method, num_rows, delay_s=0.0):
    """Kill a training once its log has so many rows; return whether it was alive."""
    log = out / "log.jsonl"
    process = subprocess.Popen(
        command(data, out, method), env=ENVIRONMENT, stderr=subprocess.DEVNULL
    )
    while process.poll() is None and num_lines(log) < num_rows:
        time.sleep(0.005)
    time.sleep(delay_s)
    was_alive = process.poll() is None
    process.kill()
    process.wait()
    return was_alive


def num_lines(path):
    return path.read_bytes().count(b"\n") if path.exists() else 0


def rows(out):
    lines = (out / "log.jsonl").read_text("utf-8").splitlines()
    kept = ("stage", "step", "loss", "token_accuracy", "lr", "grad_norm")
    return [{name: row[name] for name in kept} for row in map(json.loads, lines)]


def check_same(straight, out, method):
    for name in ("align/projector.safetensors", OUTCOME[method]):
        assert (out / name).read_bytes() == (straight / name).read_bytes()
    assert rows(out) == rows(straight)


@pytest.mark.slow
@pytest.mark.parametrize("method", ["lora", "full"])
def test_killed_in_either_stage_and_run_again(tmp_path, method):
    data = slip_dataset(tmp_path / "data").folder
    finish(data, tmp_path / "straight", method)
    out = tmp_path / "out"
    # In the first stage, in the second, and while something is being written.
    kills = [kill_after(data, out, method, num_rows) for num_rows in (3, 9)]
    assert all(kills)
    finish(data, out, method)
    check_same(tmp_path / "straight", out, method)


@pytest.mark.slow
@pytest.mark.parametrize("method", ["lora", "full"])
def test_killed_20_times_at_random(tmp_path, method):
    data = slip_dataset(tmp_path / "data").folder
    finish(data, tmp_path / "straight", method)
    out, chance, num_kills = tmp_path / "out", random.Random(7), 0
    while num_kills < 20:
        done = num_lines(out / "log.jsonl")
        target = min(12, done + chance.randint(0, 1))
        if not kill_after(data, out, method, target, chance.uniform(0, 0.4)):
            # It came to its end between two looks: begin anew and go on counting.
            check_same(tmp_path / "straight", out, method)
            out = tmp_path / f"out-{num_kills}"
            continue
        num_kills += 1
    finish(data, out, method)
    check_same(tmp_path / "straight", out, method)
