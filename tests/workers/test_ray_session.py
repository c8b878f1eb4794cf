"""A cluster is found, or it is said that it is not; Ray is played."""

from __future__ import annotations

import socket
from contextlib import closing
from types import SimpleNamespace

import pytest

from docextract.core import SetupError
from docextract.workers.cluster import ray_session
from docextract.workers.cluster.ray_session import cluster_with_gpus, connected

NODES = [
    {"Alive": True, "Resources": {"CPU": 8.0}},
    {"Alive": False, "Resources": {"CPU": 8.0, "GPU": 1.0}},
]


class PlayedRay(SimpleNamespace):
    """Lets in who comes after a number of refusals."""

    def init(self, address, **settings):
        self.addresses.append(address)
        if self.num_refusals:
            self.num_refusals -= 1
            raise ConnectionAbortedError("Starting Ray client server failed.")

    def is_initialized(self):
        return False

    def nodes(self):
        return NODES

    def shutdown(self):
        self.num_shut += 1


@pytest.fixture
def played(monkeypatch):
    ray = PlayedRay(num_refusals=0, addresses=[], num_shut=0)
    monkeypatch.setattr(ray_session, "_imported", lambda: ray)
    monkeypatch.setattr(ray_session, "_PAUSE_S", 0.0)
    return ray


@pytest.fixture
def address():
    with closing(socket.create_server(("127.0.0.1", 0))) as server:
        yield f"ray://127.0.0.1:{server.getsockname()[1]}"


def test_a_head_that_fails_at_first_is_asked_again(played, address):
    played.num_refusals = 2
    with connected(address) as ray:
        assert ray is played
    assert (played.addresses, played.num_shut) == ([address] * 3, 3)


def test_a_head_that_only_fails_is_given_up(played, address):
    played.num_refusals = 9
    with pytest.raises(SetupError, match="does not answer"), connected(address):
        pass
    assert len(played.addresses) == 3


def test_a_head_is_asked_at_the_port_it_has_by_itself(played, monkeypatch):
    asked: list[str] = []
    monkeypatch.setattr(ray_session, "_check_answers", asked.append)
    with connected("ray://head.example"):
        pass
    assert asked == played.addresses == ["ray://head.example:10001"]


def test_nobody_waits_where_nobody_is(played):
    with closing(socket.create_server(("127.0.0.1", 0))) as server:
        port = server.getsockname()[1]
    with pytest.raises(SetupError, match="does not answer"), connected(f"ray://127.0.0.1:{port}"):
        pass
    assert played.addresses == []


def test_a_lost_machine_has_no_gpu(played, address):
    with cluster_with_gpus(address) as has_gpus:
        assert not has_gpus
