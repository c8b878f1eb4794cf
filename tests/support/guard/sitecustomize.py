"""Python runs this file at its start where its folder is on the path: no network from then on."""

from __future__ import annotations

import sys

_LOCAL = ("127.", "::1", "localhost")
_WITH_ADDRESS = frozenset(("socket.connect", "socket.sendto", "socket.sendmsg"))
_WITH_NAME = frozenset(("socket.getaddrinfo", "socket.gethostbyname"))


def _forbid(event: str, args: tuple[object, ...]) -> None:
    if event in _WITH_ADDRESS:
        address = args[1]
        host = address[0] if isinstance(address, tuple) else None
    elif event in _WITH_NAME:
        host = args[0]
    else:
        return
    if host is not None and not str(host).startswith(_LOCAL):
        raise AssertionError(f"a test opened a network connection to {host}")


sys.addaudithook(_forbid)
