"""Finds a Ray cluster, or starts one on this machine, and leaves it again.

Knows nothing of jobs. Ray's reports home and its web page stay off in what is started here.
"""

from __future__ import annotations

import importlib
import os
import signal
import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stdout
from pathlib import Path
from types import ModuleType
from typing import Any

from docextract.core import MissingDependencyError, SetupError

_INSTALL = "pip install 'docextract[ray]', here and on every machine of the cluster."
_LOOK = "Look with `ray status` on its head, which needs the same Ray and Python as here."
_KNOCK_S = 10.0
_DEFAULT_PORT = 10001
_MAX_TRIES = 3
_PAUSE_S = 1.0
_SIGNALS = (signal.SIGINT, signal.SIGTERM)


@contextmanager
def connected(address: str) -> Iterator[ModuleType]:
    """Yield ray, connected to a cluster.

    Args:
        address: ``ray://HOST`` or ``ray://HOST:PORT``; or ``ray`` for the cluster that RAY_ADDRESS
            names or this machine is part of, and where there is none for one that is started here
            and ends with the work.

    Raises:
        MissingDependencyError: Ray is not installed.
        SetupError: the cluster does not answer.
    """
    ray = _imported()
    if ray.is_initialized():
        yield ray
        return
    # Ray takes SIGTERM for itself, which would end a run in no order.
    kept = {number: signal.getsignal(number) for number in _SIGNALS}
    # What Ray has to say of lost processes it prints to stdout, where records may go.
    with Path(os.devnull).open("w", encoding="utf-8") as nowhere, redirect_stdout(nowhere):
        try:
            _connect(ray, address)
            _restore(kept)
            yield ray
        finally:
            ray.shutdown()
            _restore(kept)


@contextmanager
def cluster_with_gpus(address: str) -> Iterator[bool]:
    """Yield whether machines of a cluster have GPUs; it stays connected meanwhile.

    See ``connected``.
    """
    with connected(address) as ray:
        yield any(node["Alive"] and node["Resources"].get("GPU", 0) >= 1 for node in ray.nodes())


def _restore(handlers: dict[signal.Signals, Any]) -> None:
    try:
        for number, handler in handlers.items():
            signal.signal(number, handler)
    except ValueError:  # only the main thread may handle signals, and Ray took none
        return


def _imported() -> ModuleType:
    os.environ["RAY_USAGE_STATS_ENABLED"] = "0"
    try:
        return importlib.import_module("ray")
    except ImportError as error:
        raise MissingDependencyError(f"--runner ray needs ray: {error}", _INSTALL) from error


def _connect(ray: ModuleType, address: str) -> None:
    if address.rfind(":") == len("ray"):
        address = f"{address}:{_DEFAULT_PORT}"
    _check_answers(address if address != "ray" else os.environ.get("RAY_ADDRESS", ""))
    quiet = {"log_to_driver": False, "logging_level": "ERROR"}
    try:
        if address != "ray":
            _enter(ray, address, quiet)
        elif not _joined(ray, quiet):
            ray.init("local", include_dashboard=False, _node_ip_address="127.0.0.1", **quiet)
    except (ConnectionError, TimeoutError, RuntimeError, ValueError, ImportError) as error:
        raise SetupError(
            f"the Ray cluster {address} does not answer: {error}",
            _LOOK,
        ) from error


def _enter(ray: ModuleType, address: str, quiet: dict[str, Any]) -> None:
    """Connect from outside; the process that a head starts for this dies at once at times."""
    for _ in range(_MAX_TRIES - 1):
        try:
            ray.init(address, **quiet)
        except ConnectionError:
            ray.shutdown()
            time.sleep(_PAUSE_S)
        else:
            return
    ray.init(address, **quiet)


def _check_answers(address: str) -> None:
    """Knock before Ray does, which would wait for many minutes where nobody is."""
    host, _, port = address.removeprefix("ray://").rpartition(":")
    if not (host and port.isdecimal()):
        return
    try:
        socket.create_connection((host, int(port)), _KNOCK_S).close()
    except OSError as error:
        raise SetupError(f"the Ray cluster {address} does not answer: {error}", _LOOK) from error


def _joined(ray: ModuleType, quiet: dict[str, Any]) -> bool:
    try:
        ray.init("auto", **quiet)
    except ConnectionError:
        if os.environ.get("RAY_ADDRESS"):
            raise
        return False
    return True
