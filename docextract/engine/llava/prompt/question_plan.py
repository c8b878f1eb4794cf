"""Plans one question before any tile is cut: which views, which text, and whether all of it fits.

Knows nothing of tensors of features, grammars or decoding.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from itertools import accumulate
from typing import NamedTuple

from docextract.core import FULL, Box, EngineError, Page, Reason, WordSource
from docextract.engine.answers.answer_form import keys_told
from docextract.engine.answers.answer_json import answer_schema
from docextract.engine.answers.answer_size import needed_tokens_of
from docextract.engine.base import Question
from docextract.engine.llava.prompt.chat_template import Chat
from docextract.engine.llava.prompt.page_plan import Detail, PagePlan, plan_closer, plan_page
from docextract.engine.llava.prompt.token_budget import TokenBudget, fair_shares
from docextract.engine.llava.vision.crop import printed_area
from docextract.engine.llava.vision.grid_search import MAX_PARTS
from docextract.engine.llava.vision.image_spec import ImageLayout
from docextract.engine.llava.vision.tiles import page_pixels
from docextract.engine.llava.vision.views import View
from docextract.engine.prompt import build_prompt, page_heading, part_name, text_heading, text_lines

_ANSWER_SHARE = 5
"""At most a fifth of a context is kept for the answer: 819 of 4096 tokens, as most invoices take. A
quarter would leave an A4 page and the built-in invoice's prompt a smaller grid."""
_TEXT_SHARE = 4
"""Stored text takes at most a quarter of the context, and only what images leave."""
_PROMPT_TOKENS = 1024
"""Room for the largest built-in schema, of 61 fields, where no question is known yet."""
_MOST_TOKEN_CHARS = 32
"""No text worth telling has tokens so long, on average."""
_NUM_KEPT = 64
_A4 = Page(1, 595, 842, size=(1240, 1754))


@dataclass(frozen=True, slots=True)
class Viewing:
    """How pages are shown to a model, for every question.

    Attributes:
        layout: of the model.
        detail: how closely to look.
        with_text: ``yes`` tells the page's words, cut to what fits; ``auto`` only those of a text
            layer that fits whole; ``no`` none.
        answer_form: how answers are to be written.
    """

    layout: ImageLayout
    detail: Detail = Detail.AUTO
    with_text: str = "auto"
    answer_form: str = FULL


class ShownView(NamedTuple):
    """One image of a question.

    Attributes:
        page: whose view it is.
        view: the plan.
        part: what it is called; empty for the whole page.
    """

    page: Page
    view: View
    part: str = ""

    def __str__(self) -> str:
        view, name = self.view, self.part or "whole"
        box = ",".join(f"{edge:.2f}" for edge in view.box)
        dpi = "" if view.effective_dpi is None else f", {view.effective_dpi:.0f} dpi"
        grid = f"{view.grid.rows}x{view.grid.cols}"
        return f"p{self.page.number} {name} [{box}], {grid} tiles, {view.num_tokens} tokens{dpi}"


class ToldText(NamedTuple):
    """Words of a page that are told beside its image.

    Attributes:
        page_number: whose.
        text: its lines.
        num_tokens: it takes, heading included.
        num_lines: of it.
        num_cut: lines that did not fit.
    """

    page_number: int
    text: str
    num_tokens: int
    num_lines: int
    num_cut: int

    def __str__(self) -> str:
        cut = f" of {self.num_lines + self.num_cut}" if self.num_cut else ""
        return f"p{self.page_number} text, {self.num_lines}{cut} lines, {self.num_tokens} tokens"


@dataclass(frozen=True, slots=True)
class QuestionPlan:
    """What one question will show.

    Attributes:
        views: in the order the model sees them.
        ids: of the prompt, one image token for each view.
        told: what is shown, for the record.
    """

    views: tuple[ShownView, ...]
    ids: list[int]
    told: tuple[str, ...]

    @property
    def num_tokens(self) -> int:
        """Tokens of the whole prompt."""
        return len(self.ids) + sum(shown.view.num_tokens - 1 for shown in self.views)


def answer_room(context: int, most: int) -> int:
    """Return the tokens of a context that are kept for an answer of so many at most."""
    return min(most, context // _ANSWER_SHARE)


def num_pages_that_fit(viewing: Viewing, context: int, max_new_tokens: int | None) -> int:
    """Return how many A4 pages can be asked about together, at least one."""
    room = answer_room(context, max_new_tokens or context)
    budget = TokenBudget(context, _PROMPT_TOKENS, room)
    try:
        plan = plan_page(_A4, viewing.layout, budget, detail=viewing.detail)
    except EngineError:
        return 1
    return max(1, budget.num_free // plan.num_tokens)


class QuestionPlanner:
    """Plans questions for one model."""

    def __init__(self, chat: Chat, viewing: Viewing) -> None:
        """Take how the model is talked to and how it sees."""
        self._chat = chat
        self._viewing = viewing
        # Most questions of a run differ in their pages alone.
        self._count = lru_cache(maxsize=_NUM_KEPT)(lambda text: sum(chat.num_tokens([text])))

    def plan(self, question: Question, context: int, max_new_tokens: int | None) -> QuestionPlan:
        """Return what a question shows.

        Args:
            question: with the images of its pages.
            context: tokens the model can hold.
            max_new_tokens: most an answer may take; None for what its schema may need.

        Raises:
            EngineError: a page has no image, or prompt and pages do not fit the context.
        """
        areas = [printed_area(page, page_pixels(page)) for page in question.pages]
        most = max_new_tokens or needed_tokens_of(answer_schema(question.schema))
        room = answer_room(context, most)
        budget = TokenBudget(context, self._num_prompt_tokens(question), room)
        least = self._plans(question, areas, budget, Detail.LOW)
        num_left = budget.num_free - sum(plan.num_tokens for plan in least)
        texts = self._texts(question.pages, min(num_left, context // _TEXT_SHARE))
        num_text = budget.num_text + sum(text.num_tokens for text in texts)
        budget = replace(budget, num_text=num_text)
        views = _named_views(question, self._plans(question, areas, budget, self._viewing.detail))
        prompt = self._prompt(question, {text.page_number: text.text for text in texts})
        ids = self._chat.ids(_headings(views), prompt)
        planned = QuestionPlan(views, ids, (*map(str, views), *map(str, texts)))
        _check_length(planned, context)
        return planned

    def _prompt(self, question: Question, texts: dict[int, str]) -> str:
        text = build_prompt(
            question.schema,
            question.instructions,
            num_pages=len(question.pages),
            texts=texts,
            keys=keys_told(question.schema, self._viewing.answer_form),
        )
        return self._chat.defused(text)

    def _num_prompt_tokens(self, question: Question) -> int:
        """Return the tokens of a prompt without images and stored text, with all headings."""
        is_split = question.is_closer or self._viewing.detail is Detail.HIGH
        num_views = len(question.pages) * (1 + MAX_PARTS * is_split)
        heading = page_heading(question.pages[-1].number, part_name(0, 1, is_located=True))
        # What the template puts around an image, and tokens that split where texts meet.
        num_heading = self._count(heading) + 5
        num_question = self._chat.num_overhead + self._count(self._prompt(question, {}))
        return num_question + num_views * num_heading

    def _plans(
        self, question: Question, areas: Sequence[Box], budget: TokenBudget, detail: Detail
    ) -> list[PagePlan]:
        """Return each page's views; where they do not fit together, the largest get less."""
        if len(question.pages) == 1:
            return [self._page_plan(question, 0, areas[0], budget, detail)]
        try:
            return self._shared(question, areas, budget, detail)
        except EngineError as error:
            told = f"{len(areas)} pages do not fit one question: page {error.page}: {error}"
            hint = "Ask about fewer pages, or use a model with a longer context."
            raise EngineError(Reason.TOO_LARGE, told, hint=hint) from error

    def _shared(
        self, question: Question, areas: Sequence[Box], budget: TokenBudget, detail: Detail
    ) -> list[PagePlan]:
        plans = [self._page_plan(question, i, area, budget, detail) for i, area in enumerate(areas)]
        shares = fair_shares([plan.num_tokens for plan in plans], budget.num_free)
        for i, share in enumerate(shares):
            if plans[i].num_tokens > share:
                own = replace(budget, limit=share)
                plans[i] = self._page_plan(question, i, areas[i], own, detail)
        return plans

    def _page_plan(
        self, question: Question, index: int, area: Box, budget: TokenBudget, detail: Detail
    ) -> PagePlan:
        page, layout = question.pages[index], self._viewing.layout
        if question.is_closer and detail is not Detail.LOW:
            return plan_closer(page, layout, budget, focus=question.focus, area=area)
        return plan_page(page, layout, budget, detail=detail, area=area)

    def _texts(self, pages: Sequence[Page], num_free: int) -> list[ToldText]:
        """Return the stored text that is told beside the images; ``auto`` cuts none."""
        told = []
        for page in pages:
            lines = [self._chat.defused(line) for line in self._lines(page)]
            if not lines:
                continue
            # Each line's end is a token of its own.
            counts = [count + 1 for count in self._chat.num_tokens(_tellable(lines, num_free))]
            num_heading = self._count(text_heading(page.number))
            kept = _num_that_fit(counts, num_free - num_heading)
            if kept < len(lines) and self._viewing.with_text == "auto":
                return []
            if kept:
                num_tokens = num_heading + sum(counts[:kept])
                text = "\n".join(lines[:kept])
                told.append(ToldText(page.number, text, num_tokens, kept, len(lines) - kept))
                num_free -= num_tokens
        return told

    def _lines(self, page: Page) -> list[str]:
        is_told = self._viewing.with_text == "yes" or (
            self._viewing.with_text == "auto" and page.word_source is WordSource.TEXT_LAYER
        )
        return list(text_lines(page.words)) if is_told else []


def _tellable(lines: Sequence[str], num_free: int) -> Sequence[str]:
    """Return the lines that are worth counting the tokens of; some pages hold a million words."""
    lengths = accumulate(map(len, lines))
    num_short = sum(1 for length in lengths if length <= _MOST_TOKEN_CHARS * num_free)
    return lines[:num_short]


def _num_that_fit(counts: Sequence[int], num_free: int) -> int:
    num_used = 0
    for index, count in enumerate(counts):
        num_used += count
        if num_used > num_free:
            return index
    return len(counts)


def _named_views(question: Question, plans: Sequence[PagePlan]) -> tuple[ShownView, ...]:
    views: list[ShownView] = []
    is_located = question.is_closer and question.focus is not None
    for page, plan in zip(question.pages, plans, strict=True):
        views += [ShownView(page, plan.whole)] if plan.whole else []
        views += [
            ShownView(page, view, part_name(i, len(plan.parts), is_located=is_located))
            for i, view in enumerate(plan.parts)
        ]
    return tuple(views)


def _headings(views: Sequence[ShownView]) -> list[str]:
    """Return what stands before each image.

    Nothing before the whole of a page that is asked about alone: so models were trained, and a
    closer look begins like the first question, whose keys and values are kept.
    """
    headings = [page_heading(shown.page.number, shown.part) for shown in views]
    is_one_page = len({shown.page.number for shown in views}) == 1
    if len(views) == 1 or (is_one_page and not views[0].part):
        headings[0] = ""
    return headings


def _check_length(planned: QuestionPlan, context: int) -> None:
    if planned.num_tokens >= context:
        raise EngineError(
            Reason.TOO_LARGE,
            f"the pages and their question take {planned.num_tokens} tokens; "
            f"the model reads {context}",
            hint="Use a model with a longer context, or fewer fields.",
        )
