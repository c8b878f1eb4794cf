"""One sitting of a review: what is looked at, the page while it lasts, or one file to read.

Knows nothing of terminals.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from pathlib import Path

from docextract.export.atomic import atomic_file
from docextract.review.desk.desk import Desk
from docextract.review.page.answers import Answers
from docextract.review.page.loopback import ReviewServer
from docextract.review.page.static import static_pages
from docextract.review.pictures.page_pictures import SMALL, PagePictures
from docextract.review.queue.sampling import candidate_of, pick
from docextract.review.queue.waiting import Waiting, in_order, sampled, waiting_of

_MAX_HTML_PAGES = 5


def waiting_list(desk: Desk, sample: int | None) -> list[Waiting]:
    """Return the documents to look at, in order.

    Args:
        desk: where.
        sample: how many at random; None for those in doubt.
    """
    picked = picked_for(desk, sample)
    trees = (stored.tree for stored in desk.documents())
    if picked is not None:
        chosen = (tree for tree in trees if tree["document"]["sha256"] in picked)
        return in_order(sampled(tree, desk.schema) for tree in chosen)
    found = (waiting_of(tree, desk.schema) for tree in trees)
    return in_order(item for item in found if item is not None)


def picked_for(desk: Desk, sample: int | None) -> frozenset[str] | None:
    """Return the hashes of a random sample, if one is asked for."""
    if sample is None:
        return None
    return frozenset(pick((candidate_of(it.tree) for it in desk.documents()), sample))


def serve(
    desk: Desk, port: int, password: str | None, sample: int | None, tell: Callable[[str], None]
) -> int:
    """Serve the page until Ctrl-C; return how many things were said.

    Args:
        desk: where.
        port: of the page; 0 for a free one.
        password: tried on encrypted PDFs.
        sample: see ``waiting_list``.
        tell: is given the address.

    Raises:
        OSError: the port is taken.
    """
    before = len(desk.labels())
    with PagePictures(desk.out, password) as pictures:
        server = ReviewServer(Answers(desk, pictures, picked_for(desk, sample)), port)
        tell(server.url)
        with contextlib.suppress(KeyboardInterrupt):
            server.serve()
    return len(desk.labels()) - before


def write_html(
    desk: Desk, target: Path, limit: int, password: str | None, sample: int | None
) -> tuple[int, int]:
    """Write the foremost documents to one file; return how many, and how many are left out.

    Raises:
        StoreError: the file cannot be written.
    """
    waiting = [item for item in waiting_list(desk, sample) if item.left]
    chosen = waiting[:limit]
    records = ((desk.record(item.sha256).tree, list(item.doubts)) for item in chosen)
    with PagePictures(desk.out, password, SMALL) as pictures, atomic_file(target) as file:
        for text in static_pages(records, pictures, _MAX_HTML_PAGES):
            file.write(text.encode("utf-8", "backslashreplace"))
    return len(chosen), len(waiting) - len(chosen)
