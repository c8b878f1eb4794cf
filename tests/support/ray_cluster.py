"""A Ray cluster of several nodes on this machine, whose processes can be killed."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import psutil

LONGEST_S = 120.0
"""Nobody waits so long on a machine that has anything else to do."""

ENVIRONMENT = {
    "RAY_AUTH_MODE": "disabled",
    "RAY_USAGE_STATS_ENABLED": "0",
    "RAY_health_check_period_ms": "500",
    "RAY_health_check_failure_threshold": "3",
    # Nodes of one machine share its memory: full is not full of these tests.
    "RAY_memory_monitor_refresh_ms": "0",
}


def until(condition: Callable[[], object]) -> None:
    """Wait until something is so.

    Raises:
        AssertionError: it never is.
    """
    end = time.monotonic() + LONGEST_S
    while not condition():
        assert time.monotonic() < end, "it never came"
        time.sleep(0.02)


class Machines:
    """A head without cores, and as many nodes of one core as are asked for.

    Attributes:
        address: for RAY_ADDRESS.
    """

    def __init__(self) -> None:
        from ray.cluster_utils import Cluster

        head = {"num_cpus": 0, "include_dashboard": False}
        self._cluster = Cluster(initialize_head=True, head_node_args=head)
        self.address = self._cluster.address

    def have(self, number: int, **more: float) -> None:
        """Add nodes that have more than a core, or take some away, until there are so many."""
        while len(self._cluster.worker_nodes) < number:
            self._cluster.add_node(num_cpus=1, **dict[str, Any](more))
        while len(self._cluster.worker_nodes) > number:
            self.lose()

    def lose(self) -> None:
        """Kill a node at once, with all that runs on it."""
        self._cluster.remove_node(next(iter(self._cluster.worker_nodes)), allow_graceful=False)

    @contextmanager
    def open_to_others(self) -> Iterator[str]:
        """Start its server for programs outside of it, and give the address."""
        with closing(socket.socket()) as one:
            one.bind(("127.0.0.1", 0))
            port = one.getsockname()[1]
        server = "from ray.util.client.server.server import main; main()"
        where = ["--address", self.address, "--host", "127.0.0.1", "--port", str(port)]
        command = [sys.executable, "-c", server, *where, "--mode", "proxy"]
        with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as it:
            try:
                until(lambda: _answers(port))
                yield f"ray://127.0.0.1:{port}"
            finally:
                for process in (*psutil.Process(it.pid).children(recursive=True), it):
                    process.kill()

    def actors(self) -> list[psutil.Process]:
        """Return the processes that hold a place where jobs run."""
        return [process for process in self._processes() if "JobActor" in _title(process)]

    def _processes(self) -> Iterator[psutil.Process]:
        yield from psutil.Process().children(recursive=True)

    def close(self) -> None:
        """End it all, and wait for what ends late."""
        left = list(self._processes())
        self._cluster.shutdown()
        for process in psutil.wait_procs(left, timeout=5)[1]:
            if _title(process).startswith(("ray::", "ray ")) or "/ray/" in _title(process):
                process.kill()


def _answers(port: int) -> bool:
    with closing(socket.socket()) as one:
        return one.connect_ex(("127.0.0.1", port)) == 0


def _title(process: psutil.Process) -> str:
    try:
        return " ".join(process.cmdline())
    except psutil.Error:
        return ""


class Run:
    """The program at work, in a process of its own."""

    def __init__(self, folder: Path, address: str, *more: str | Path) -> None:
        command = [sys.executable, "-m", "docextract", "run", "in", "--schema", "invoice"]
        self._log = folder / "stderr.txt"
        self.out = folder / "out"
        with self._log.open("wb") as log:
            self._process = subprocess.Popen(
                [*command, "--runner", "ray", *more],
                cwd=folder,
                stdout=subprocess.DEVNULL,
                stderr=log,
                env={**os.environ, "RAY_ADDRESS": address, "NO_COLOR": "1"},
                start_new_session=True,
            )

    @property
    def said(self) -> str:
        return self._log.read_text(encoding="utf-8")

    def num_done(self) -> int:
        path = self.out / "results.jsonl"
        return path.read_bytes().count(b"\n") if path.exists() else 0

    def until_done(self, number: int) -> None:
        """Wait until so many records are there."""
        until(lambda: self.num_done() >= number or self._process.poll() is not None)
        assert self._process.poll() is None, self.said

    def send(self, number: signal.Signals) -> int:
        """Send a signal and return the exit code."""
        self._process.send_signal(number)
        return self._process.wait(LONGEST_S)

    def code(self) -> int:
        """Return the exit code when it has ended."""
        return self._process.wait(LONGEST_S)

    def close(self) -> None:
        self._process.kill()
        self._process.wait()


@contextmanager
def running(folder: Path, address: str, *more: str | Path) -> Iterator[Run]:
    """Run the program over ``in``; it does not outlive the test."""
    run = Run(folder, address, *more)
    try:
        yield run
    finally:
        run.close()
