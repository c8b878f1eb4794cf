"""Runs four jobs on a cluster, of which one kills its actor each time, and prints what came."""

from __future__ import annotations

import json

from docextract.core import Document, ReadOptions
from docextract.workers import Failed, Finished, Job, Message
from docextract.workers.cluster import Freight, RayPool
from support.deadly_jobs import Poison

EXTRAS = ((), (Poison(),), (), ())


def main():
    documents = [Document(f"{number}.pdf", b"") for number in range(len(EXTRAS))]
    pairs = zip(documents, EXTRAS, strict=True)
    jobs = [Job("support.deadly_jobs:size", (it, *extra), it.path) for it, extra in pairs]
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
