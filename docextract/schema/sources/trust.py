"""Tells whether code and settings that lie in a folder may be taken for the user's own.

Knows nothing of what lies there, only of who could have put it there.
"""

from __future__ import annotations

import grp
import os
import pwd
import re
import stat
from collections.abc import Iterable
from pathlib import Path

_MAGIC = re.compile(r"[*?\[]")
_ROOT = 0


def why_untrusted(folder: Path, inputs: Iterable[str] = ()) -> str:
    """Return why what lies in a folder may be a stranger's, or "" where it may not.

    Args:
        folder: where code or settings were found; it need not exist.
        inputs: what is read: folders and globs, in and below which strangers put files. A
            file that is named outright says nothing of its folder.
    """
    real = folder.resolve()
    for name in inputs:
        holder = _input_folder(name)
        if holder is not None and real.is_relative_to(holder):
            return f"it lies in the input {name}"
    try:
        return f"others can write to {folder}" if is_writable_by_others(real.stat()) else ""
    except OSError:
        return ""


def is_writable_by_others(found: os.stat_result) -> bool:
    """Return whether somebody beside this user and root can change a file or folder."""
    if found.st_uid not in {os.geteuid(), _ROOT}:
        return True
    is_shared = found.st_mode & stat.S_IWGRP and not _is_private_group(found.st_gid)
    return bool(found.st_mode & stat.S_IWOTH or is_shared)


def _is_private_group(number: int) -> bool:
    """Whether a group is the user's alone, as many systems make one for each of their users."""
    try:
        user, group = pwd.getpwuid(os.geteuid()), grp.getgrgid(number)
    except KeyError:
        return False
    return group.gr_name == user.pw_name and set(group.gr_mem) <= {user.pw_name}


def _input_folder(name: str) -> Path | None:
    """Return the folder, without links, below which an input looks for files."""
    path = Path(name)
    if name == "-" or path.is_file():
        return None
    found = None if path.is_dir() else _MAGIC.search(name)
    if found is not None:
        before, slash, _ = name[: found.start()].rpartition("/")
        path = Path(before + slash or ".")
    return path.resolve() if path.is_dir() else None
