"""Counts the processor cores this process may use.

Knows nothing of workers.
"""

from __future__ import annotations

import math
import os
from pathlib import Path


def num_usable_cores() -> int:
    """Return how many cores this process may use: affinity, and the cgroup's CPU quota."""
    if hasattr(os, "sched_getaffinity"):
        num_cores = len(os.sched_getaffinity(0))
    else:
        num_cores = os.cpu_count() or 1
    return max(1, min(num_cores, _num_quota_cores() or num_cores))


def _num_quota_cores() -> int | None:
    # cgroup v2: "<quota or max> <period>", both in microseconds.
    try:
        quota, period = Path("/sys/fs/cgroup/cpu.max").read_text(encoding="ascii").split()
        return math.ceil(int(quota) / int(period))
    except (OSError, ValueError):
        return None
