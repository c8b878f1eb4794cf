"""The guard against network connections works, and a run with its workers needs none."""

from __future__ import annotations

import json
import os
import shutil
import socket
import subprocess
import sys

import pytest
from support.pdfs import write_invoices

TEST_NET = "192.0.2.1"
"""An address that nobody has (RFC 5737)."""

CONNECT = f"import socket; socket.socket().connect(('{TEST_NET}', 9))"
LOOK_UP = "import socket; socket.getaddrinfo('example.org', 443)"


def test_a_connection_in_a_test_is_refused():
    with socket.socket() as client, pytest.raises(AssertionError, match="network"):
        client.connect((TEST_NET, 9))
    with socket.socket(type=socket.SOCK_DGRAM) as client, pytest.raises(AssertionError):
        client.sendto(b"x", (TEST_NET, 9))
    with pytest.raises(AssertionError, match="network"):
        socket.getaddrinfo("example.org", 443)


@pytest.mark.parametrize("code", [CONNECT, LOOK_UP])
def test_a_connection_in_a_process_of_a_test_is_refused(code):
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert "AssertionError: a test opened a network connection" in done.stderr


def test_this_machine_may_talk_to_itself():
    with socket.create_server(("127.0.0.1", 0)) as server:
        socket.create_connection(server.getsockname()).close()


def test_a_run_works_where_there_is_no_network(tmp_path):
    """In a network namespace of its own even the workers have nothing to connect to."""
    tool = shutil.which("unshare")
    if tool is None or subprocess.run([tool, "-Urn", "true"], capture_output=True).returncode:
        pytest.skip("this machine gives nobody a network namespace")
    write_invoices(tmp_path / "in", 2)
    command = [tool, "-Urn", sys.executable, "-m", "docextract", "run", "in", "--schema"]
    done = subprocess.run(
        [*command, "invoice"], cwd=tmp_path, env=os.environ, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    summary = json.loads((tmp_path / "out/run.json").read_bytes())
    assert summary["counts"]["ok"] == 2
