"""Runs four jobs on a cluster, of which one kills its actor each time, and prints what came."""

from __future__ import annotations

import json

from docextract.core import Document, ReadOptions
from docextract.workers import Failed, Finished, Job, Message
from docextract.workers.cluster import Freight, RayPool

NAMES = ("size", "kill_the_actor", "size", "size")


def main():
    documents = [Document(f"{number}.pdf", b"") for number in range(len(NAMES))]
    pairs = zip(NAMES, documents, strict=True)
    jobs = [Job(f"support.deadly_jobs:{name}", (it,), it.path) for name, it in pairs]
    with RayPool("ray", 2, ReadOptions(), Freight(), lambda it: it.path.encode()) as pool:
        events = list(pool.run(jobs))
    told = {
        "failed": [(it.key, it.reason.value) for it in events if isinstance(it, Failed)],
        "finished": sorted(it.key for it in events if isinstance(it, Finished)),
        "payloads": [it.payload for it in events if isinstance(it, Message)],
    }
    print(json.dumps(told))


if __name__ == "__main__":
    main()
