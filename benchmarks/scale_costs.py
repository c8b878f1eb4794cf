"""Computes what a million to a milliard pages take, and simulates where one driver is full.

Knows nothing of documents: it goes by the figures below, each with its source. Prices are
assumptions. Run: ``python benchmarks/scale_costs.py``; docs/scale.md holds what it prints.
"""

from __future__ import annotations

import argparse
import heapq
import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from docextract.storage.remote_documents import NUM_FETCHED_AHEAD, NUM_THREADS

PAGES_PER_DOCUMENT = 3
NUM_PAGES = (10**6, 10**8, 10**9)
MACHINES = (1, 16, 256)
_SECONDS_PER_HOUR = 3600


@dataclass(frozen=True)
class Kind:
    """One way of reading.

    Attributes:
        page_s: seconds a page takes one lane: a core, or a GPU.
        document_s: seconds a document takes it beside its pages.
        lanes: of one machine.
        lane_usd: price of a lane an hour.
        record_bytes: of JSON, a document.
    """

    name: str
    lane: str
    page_s: float
    document_s: float
    lanes: int
    lane_usd: float
    record_bytes: int

    @property
    def service_s(self) -> float:
        """Seconds a document takes one lane."""
        return self.document_s + self.page_s * PAGES_PER_DOCUMENT

    def lane_hours(self, num_pages: int) -> float:
        """Return the hours of one lane that pages take."""
        return num_pages / PAGES_PER_DOCUMENT * self.service_s / _SECONDS_PER_HOUR


KINDS = (
    # docs/design-notes.md: 15 ms a document and 19 ms a page; a whole invoice's record is 43 kB.
    Kind("text layer", "core", 0.019, 0.015, 16, 0.04, 42_700),
    # docs/design-notes.md: 1.61 CPU-s a page; 2.11 on other pages, which is what is planned with.
    Kind("OCR", "core", 2.11, 0.015, 16, 0.04, 42_700),
    # Not measured: 4 pages a second on an H100, a third of the bound in docs/performance.md.
    Kind("llava 8B", "H100", 0.25, 0.0, 8, 2.50, 42_700),
)
DRIVER_S = {"small": 1 / 600, "whole invoice": 1 / 200}
"""Seconds a record takes the driver, by benchmarks/played_actors.py; see docs/scale.md."""

PAGE_BYTES = 150_000
PACKED = 8.6
"""By how much zlib makes a record smaller; the store does not do it yet."""

FETCH_S = 0.06
"""Seconds of one GET of a small object in the same region: assumed."""

LISTED_AT_ONCE = 1000
USD = {"GET": 0.4e-6, "LIST": 5e-6, "PUT": 5e-6, "TB month": 23.0}
NUM_FILES_PUT = 5
"""Of a run's exports."""


@dataclass(frozen=True)
class Flow:
    """What a simulated run did: documents a second, and for which share of it each part worked."""

    per_s: float
    fetching: float
    reading: float
    driving: float


def simulate(kind: Kind, num_lanes: int, driver_s: float, num_threads: int = NUM_THREADS) -> Flow:
    """Return how documents flow from storage through lanes to the one driver.

    Each takes the first free thread, then the first free lane, then waits its turn at the driver.
    Times vary as real ones do (log-normal, sigma 0.5, of the same mean). No fetch begins while as
    many documents as are fetched ahead wait for a lane.
    """
    chance, num = random.Random(0), 30 * max(num_lanes, 100)
    threads, lanes, driver = [0.0] * num_threads, [0.0] * num_lanes, 0.0
    begun: list[float] = []
    for number in range(num):
        room = begun[number - NUM_FETCHED_AHEAD] if number >= NUM_FETCHED_AHEAD else 0.0
        fetched = max(heapq.heappop(threads), room) + _varied(FETCH_S, chance)
        heapq.heappush(threads, fetched)
        begin = max(heapq.heappop(lanes), fetched)
        begun.append(begin)
        read = begin + _varied(kind.service_s, chance)
        heapq.heappush(lanes, read)
        driver = max(driver, read) + driver_s
    return Flow(
        per_s=num / driver,
        fetching=num * FETCH_S / (driver * num_threads),
        reading=num * kind.service_s / (driver * num_lanes),
        driving=num * driver_s / driver,
    )


def _varied(mean_s: float, chance: random.Random) -> float:
    return mean_s * chance.lognormvariate(-0.125, 0.5)


def table(head: Sequence[str], rows: Iterator[Sequence[str]]) -> str:
    """Return rows as Markdown."""
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def work_rows() -> Iterator[list[str]]:
    """Yield what reading takes: hours of a core or GPU, days on some machines, and its price."""
    for kind in KINDS:
        for num_pages in NUM_PAGES:
            hours = kind.lane_hours(num_pages)
            days = [_time(hours / (kind.lanes * number)) for number in MACHINES]
            usd = f"{hours * kind.lane_usd:,.0f}"
            yield [kind.name, _power(num_pages), f"{hours:,.0f} {kind.lane}-h", *days, usd]


def storage_rows() -> Iterator[list[str]]:
    """Yield what lies in storage and what is asked of it."""
    for num_pages in NUM_PAGES:
        num = num_pages / PAGES_PER_DOCUMENT
        stored = num_pages * PAGE_BYTES / 1e12
        records = num * KINDS[0].record_bytes / 1e12
        asked = num * USD["GET"] + num / LISTED_AT_ONCE * USD["LIST"]
        asked += NUM_FILES_PUT * max(MACHINES) * USD["PUT"]
        yield [
            _power(num_pages), f"{stored:,.2f} TB", f"{stored * USD['TB month']:,.0f}",
            f"{num:,.0f}", f"{num / LISTED_AT_ONCE:,.0f}", f"{asked:,.2f}",
            f"{records:,.2f} TB", f"{records / PACKED:,.2f} TB",
        ]  # fmt: skip


def flow_rows() -> Iterator[list[str]]:
    """Yield simulated runs of one driver."""
    for kind in KINDS:
        for num_lanes in _LANES[kind.name]:
            for what, driver_s in DRIVER_S.items():
                flow = simulate(kind, num_lanes, driver_s)
                shares = [f"{share:.0%}" for share in (flow.fetching, flow.reading, flow.driving)]
                rate = f"{flow.per_s:,.0f}" if flow.per_s >= 10 else f"{flow.per_s:.1f}"
                yield [kind.name, f"{num_lanes:,}", what, rate, *shares]


_LANES = {"text layer": (2, 8, 16, 32), "OCR": (16, 256, 1024), "llava 8B": (8, 64, 256)}


def ceiling_rows() -> Iterator[list[str]]:
    """Yield how many lanes fill one driver, and how many one process's fetches feed."""
    for kind in KINDS:
        full = [f"{kind.service_s / driver_s:,.0f}" for driver_s in DRIVER_S.values()]
        fed = NUM_THREADS / FETCH_S * kind.service_s
        yield [kind.name, f"{kind.service_s:.2f} s", *full, f"{fed:,.0f}"]


def _power(number: int) -> str:
    return f"10^{len(str(number)) - 1}"


def _time(hours: float) -> str:
    return f"{hours:,.1f} h" if hours < 48 else f"{hours / 24:,.0f} days"


def report() -> str:
    """Return all tables."""
    machines = [f"{number} machine{'s' if number > 1 else ''}" for number in MACHINES]
    work = ["reading", "pages", "work", *machines, "USD"]
    stored = ["pages", "stored", "USD a month", "GET", "LIST", "USD of requests",
              "records", "records, packed"]  # fmt: skip
    flow = ["reading", "lanes", "record", "documents/s", "fetching", "reading", "driver"]
    ceiling = ["reading", "a document", "lanes that fill a driver, small records",
               "of whole invoices", f"lanes that {NUM_THREADS} fetches feed"]  # fmt: skip
    return "\n\n".join(
        [
            table(work, work_rows()),
            table(stored, storage_rows()),
            table(ceiling, ceiling_rows()),
            table(flow, flow_rows()),
        ]
    )


def main() -> None:
    """Print all tables."""
    argparse.ArgumentParser(description=__doc__).parse_args()
    print(report())


if __name__ == "__main__":
    main()
