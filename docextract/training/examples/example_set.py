"""Makes the examples of many items, each document opened once; what does not fit is left out.

Knows nothing of steps or weights.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

from docextract.core import EngineError, NoDocumentsError, Page, Reason
from docextract.engine.llava.vision.feature_cache import ViewKey
from docextract.training.collect.opened_pages import Opened
from docextract.training.dataset import Item, LeftOut, Why
from docextract.training.examples.example import Example, ExampleMaker
from docextract.training.examples.page_shelf import DocumentKey, PageShelf


def make_examples(
    items: Iterable[Item],
    maker: ExampleMaker,
    shelf: PageShelf,
    left_out: list[LeftOut],
    see: Callable[[ViewKey, Page], None] = lambda key, page: None,
) -> dict[str, Example]:
    """Return examples by the id of their item.

    Args:
        items: of a dataset.
        maker: of examples.
        shelf: the dataset's pages.
        left_out: takes what cannot be taught: documents that are gone or have changed, questions
            that do not fit.
        see: takes each view with its page, while the page is at hand.
    """
    by_document: dict[DocumentKey, list[Item]] = {}
    for item in items:
        by_document.setdefault(DocumentKey(item.path, item.sha256), []).append(item)
    made: dict[str, Example] = {}

    def take(opened: Opened) -> None:
        key: DocumentKey = opened.key
        if opened.problem:
            left_out.append(LeftOut(key.path, "", _why(opened.problem), opened.problem))
            return
        for item in by_document[key]:
            pages = tuple(page for page in opened.pages if page.number in item.pages)
            try:
                made[item.id] = example = maker.make(item, pages)
                for view, number in zip(example.views, example.pages, strict=True):
                    see(view, next(page for page in pages if page.number == number))
            except EngineError as error:
                why = Why.TOO_LONG if error.reason is Reason.TOO_LARGE else Why.NOT_IN_GRAMMAR
                left_out.append(LeftOut(key.path, item.id, why, str(error)))

    shelf.open_all(by_document, take)
    return made


def nothing_made(left_out: Sequence[LeftOut]) -> NoDocumentsError:
    """Return the error of a training for which no example could be made."""
    first = left_out[-1].detail if left_out else "there are no questions"
    return NoDocumentsError(
        f"nothing can be taught: {first}",
        "Put the documents back where they were, or make the dataset again.",
    )


def _why(problem: str) -> Why:
    if problem.startswith(Reason.CHANGED.value):
        return Why.HASH_DIFFERS
    return Why.FILE_MISSING if problem.startswith(Reason.VANISHED.value) else Why.UNREADABLE
