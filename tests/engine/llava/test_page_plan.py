"""Which views a page gets: trimmed, within its budget, sharp enough to read where possible."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from docextract.core import Box, EngineError, Page, Word
from docextract.engine.llava.prompt.page_plan import Detail, plan_closer, plan_page
from docextract.engine.llava.prompt.token_budget import TokenBudget, fair_shares
from docextract.engine.llava.vision.crop import inked_area, print_height, printed_area
from docextract.engine.llava.vision.image_spec import ImageLayout
from docextract.engine.llava.vision.tiles import page_pixels

NEXT = ImageLayout(336, 14, ((1, 2), (2, 1), (2, 2), (3, 1), (1, 3)))
LLAVA_15 = ImageLayout(336, 14)
PLENTY = TokenBudget(32768)
A4_PX, A4_PT = (1240, 1754), (595, 842)


def a4(point=10.0, words=40):
    """Return an A4 page at 150 dpi whose words are ``point`` points high."""
    height = point / A4_PT[1]
    boxes = [Box(0.1, 0.05 + i * 0.02, 0.3, 0.05 + i * 0.02 + height) for i in range(words)]
    printed = tuple(Word(f"word{i}", box) for i, box in enumerate(boxes))
    return Page(1, *A4_PT, words=printed, size=A4_PX)


def covered(views):
    """Return whether every point of a fine raster of the page stands in a view."""
    raster = [(i / 50, j / 50) for i in range(51) for j in range(51)]
    boxes = [view.box for view in views]
    return all(
        any(box.left <= x <= box.right and box.top <= y <= box.bottom for box in boxes)
        for x, y in raster
    )


def dpi(view):
    """Return a view's resolution, which pages of known size have."""
    assert view.effective_dpi is not None
    return view.effective_dpi


class TestDetail:
    def test_low_is_the_whole_page(self):
        plan = plan_page(a4(), NEXT, PLENTY, detail=Detail.LOW)
        (whole,) = plan.shown
        assert plan == plan_page(a4(), NEXT, PLENTY)
        assert whole.box == Box(0, 0, 1, 1)
        assert plan.num_tokens == 2256
        assert whole.effective_dpi == pytest.approx(57.5, abs=0.5)

    def test_high_shows_parts_with_the_whole(self):
        plan = plan_page(a4(), NEXT, PLENTY, detail=Detail.HIGH)
        assert len(plan.shown) == 5
        assert covered(plan.shown[1:])

    def test_high_takes_what_fits(self):
        plan = plan_page(a4(), NEXT, TokenBudget(8000), detail=Detail.HIGH)
        assert plan.num_tokens <= 8000
        assert 1 < len(plan.shown) < 5
        alone = plan_page(a4(), NEXT, TokenBudget(6100), detail=Detail.HIGH)
        assert alone.whole is None
        assert covered(alone.parts)
        only = plan_page(a4(), NEXT, TokenBudget(4096), detail=Detail.HIGH)
        assert len(only.shown) == 1

    @given(
        st.integers(30, 3000),
        st.integers(30, 3000),
        st.integers(300, 20000),
        st.sampled_from(Detail),
        st.sampled_from([NEXT, LLAVA_15]),
    )
    def test_no_plan_exceeds_its_budget(self, width, height, tokens, detail, layout):
        page = Page(1, width, height, size=(width, height))
        budget = TokenBudget(tokens + 700, num_text=500, num_answer=200)
        try:
            plan = plan_page(page, layout, budget, detail=detail)
        except EngineError:
            assert tokens < 3000
            return
        assert plan.num_tokens <= tokens
        assert covered(plan.shown)
        for focus in (None, Box(0.4, 0.5, 0.5, 0.52)):
            closer = plan_closer(page, layout, budget, focus=focus)
            assert 0 < closer.num_tokens <= tokens


class TestCloserLook:
    def test_the_fewest_parts_that_make_small_print_legible(self):
        small = plan_closer(a4(point=10), NEXT, PLENTY)
        assert small.whole == plan_page(a4(point=10), NEXT, PLENTY).whole
        assert covered(small.parts)
        assert all(dpi(view) > dpi(small.shown[0]) * 1.4 for view in small.parts)
        tiny = plan_closer(a4(point=6), NEXT, PLENTY)
        assert tiny.num_tokens >= small.num_tokens
        assert len(tiny.parts) == 4

    def test_parts_show_more_of_a_legible_page_too(self):
        plan = plan_closer(a4(point=20), NEXT, PLENTY)
        assert len(plan.parts) == 2

    def test_no_part_of_what_is_shown_pixel_by_pixel(self):
        photo = Page(1, 300, 400, size=(300, 400))
        assert plan_closer(photo, NEXT, PLENTY).parts == ()

    def test_lines_of_an_upright_page_are_cut_only_into_quadrants(self):
        for point in range(4, 14):
            parts = plan_closer(a4(point), NEXT, PLENTY).parts
            assert len(parts) == 4 or all(view.box.width == 1 for view in parts)
        wide = Page(1, 842, 300, size=(1754, 625), words=a4().words)
        assert plan_closer(wide, NEXT, PLENTY).parts

    def test_a_model_with_one_square_looks_closer_too(self):
        plan = plan_closer(a4(), LLAVA_15, TokenBudget(4096))
        assert plan.whole is not None
        assert plan.num_tokens <= 4096
        assert covered(plan.parts)

    def test_a_page_without_words_is_judged_by_its_dpi(self):
        page = Page(1, *A4_PT, size=A4_PX)
        assert plan_closer(page, NEXT, PLENTY).parts
        photo = Page(1, 400, 500, size=(400, 500))
        assert plan_page(photo, NEXT, PLENTY).shown[0].effective_dpi is None

    def test_the_whole_page_stays_away_where_there_is_no_room_for_it(self):
        plan = plan_closer(a4(), NEXT, TokenBudget(5000))
        assert plan.whole is None
        assert covered(plan.parts)
        assert plan.num_tokens <= 5000

    def test_as_many_parts_as_fit_a_short_context(self):
        plan = plan_closer(a4(), NEXT, TokenBudget(3200))
        (part,) = plan.parts
        assert part.box.top == 0
        assert plan.whole is None


class TestBudget:
    def test_too_little_room_says_what_was_needed_and_had(self):
        budget = TokenBudget(4096, num_text=2500, num_answer=1000)
        with pytest.raises(EngineError) as error:
            plan_page(a4(), NEXT, budget)
        assert error.value.page == 1
        told = str(error.value)
        for number in ("596", "4096", "2500", "1000"):
            assert number in told
        needed = int(told.split()[0])
        assert 596 < needed < 2256
        fits = TokenBudget(4096 + needed - 596, num_text=2500, num_answer=1000)
        assert plan_page(a4(), NEXT, fits).num_tokens == needed

    def test_a_prompt_larger_than_the_context_leaves_nothing(self):
        with pytest.raises(EngineError, match="0 can be had"):
            plan_page(a4(), NEXT, TokenBudget(4096, num_text=9000))

    def test_a_limit_counts_as_well_as_the_context(self):
        assert plan_page(a4(), NEXT, TokenBudget(32768, limit=1500)).num_tokens <= 1500
        with pytest.raises(EngineError, match="the budget allows 100"):
            plan_page(a4(), NEXT, TokenBudget(32768, limit=100))

    @given(st.lists(st.integers(0, 500), min_size=1, max_size=9), st.integers(0, 2000))
    def test_shares_are_fair(self, wanted, total):
        shares = fair_shares(wanted, total)
        assert sum(shares) <= total
        assert all(0 <= share <= want for share, want in zip(shares, wanted, strict=True))
        cut = [share for share, want in zip(shares, wanted, strict=True) if share < want]
        if sum(wanted) <= total:
            assert shares == wanted
        else:
            assert max(shares) <= max(cut) + 1, "nobody has more than one that was cut"
            assert total - sum(shares) < len(wanted)

    def test_no_image_no_plan(self):
        with pytest.raises(EngineError, match="without its image"):
            plan_page(Page(1, 10, 10), NEXT, PLENTY)


def around(focus, page, layout=NEXT, **options):
    """Return the view of a focus."""
    (view,) = plan_closer(page, layout, PLENTY, focus=focus, **options).parts
    return view


class TestNeighbourhood:
    @given(st.floats(0, 0.9), st.floats(0, 0.95), st.sampled_from([NEXT, LLAVA_15]))
    def test_the_target_is_inside_and_larger_than_on_the_whole_page(self, left, top, layout):
        target = Box(left, top, left + 0.1, top + 0.012)
        page = a4()
        view = around(target, page, layout)
        assert view.box.left <= target.left + 1e-9
        assert view.box.right >= min(target.right, 1) - 1e-9
        assert view.box.top <= target.top + 1e-9
        assert view.box.bottom >= min(target.bottom, 1) - 1e-9
        (whole,) = plan_page(page, layout, PLENTY, detail=Detail.LOW).shown
        assert view.scale > whole.scale * 1.3
        assert view.num_tokens <= whole.num_tokens

    def test_a_value_right_of_its_label_is_in_view(self):
        view = around(Box(0.2, 0.5, 0.3, 0.512), a4())
        assert view.box.right > 0.6
        assert view.box.bottom > 0.55

    @given(st.floats(0.05, 0.6), st.floats(0.1, 0.8), st.floats(0.5, 0.9))
    def test_it_fills_the_smallest_grid(self, left, top, right):
        area = Box(0.04, 0.03, max(right, left + 0.3), 0.97)
        view = around(Box(left, top, left + 0.1, top + 0.01), a4(), area=area)
        assert view.grid == (1, 2)
        assert view.resized.rows >= 330

    def test_a_target_larger_than_the_window_is_seen_whole(self):
        target = Box(0, 0.1, 1, 0.9)
        view = around(target, a4())
        assert view.box.height >= 0.8
        assert view.box.width == 1


def drawn(boxes, size=(620, 877), paper="white", ink="black"):
    """Return a page with text drawn at the upper left of each box."""
    from PIL import Image, ImageDraw

    image = Image.new("RGB", size, paper)
    draw = ImageDraw.Draw(image)
    for left, top in boxes:
        draw.text((left * size[0], top * size[1]), "Invoice 12.50", fill=ink)
    width, height = size
    return Page(1, width, height, image=image.tobytes(), size=size)


@pytest.mark.model
class TestPrintedArea:
    def test_margins_are_trimmed(self):
        page = drawn([(0.2, 0.1), (0.6, 0.8)])
        area = printed_area(page, page_pixels(page))
        assert 0.15 < area.left < 0.2
        assert 0.05 < area.top < 0.11
        assert 0.6 < area.right < 0.85
        assert 0.8 < area.bottom < 0.86

    def test_white_on_black_counts_as_print(self):
        page = drawn([(0.2, 0.1), (0.6, 0.8)], paper="black", ink="white")
        assert printed_area(page, page_pixels(page)).top > 0.05

    def test_a_stamp_without_words_is_kept(self):
        page = drawn([(0.1, 0.1), (0.5, 0.7)])
        words = (Word("Invoice", Box(0.1, 0.1, 0.2, 0.12)),)
        page = replace(page, words=words)
        assert printed_area(page, page_pixels(page)).bottom > 0.7
        assert printed_area(page).bottom < 0.6

    def test_a_box_that_reaches_beyond_its_print_widens_nothing(self):
        page = drawn([(0.2, 0.1), (0.6, 0.8)])
        area = printed_area(page, page_pixels(page))
        ink = inked_area(page_pixels(page))
        assert ink is not None
        loose = Word("Total", Box(0.6, ink.bottom - 0.02, ink.right + 0.009, ink.bottom + 0.009))
        assert printed_area(replace(page, words=(loose,)), page_pixels(page)) == area
        # Print too faint to be told from paper is print.
        faint = Word("Page 1", Box(0.85, 0.95, 0.95, 0.97))
        assert printed_area(replace(page, words=(faint,)), page_pixels(page)).bottom > 0.97

    def test_a_speck_is_not_print(self):
        page = drawn([])
        pixels = page_pixels(page)
        pixels[:, 3, 5] = 150
        assert inked_area(pixels) is None
        assert printed_area(page, pixels) == Box(0, 0, 1, 1)

    def test_one_line_is_not_blown_up(self):
        page = drawn([(0.9, 0.02)])
        area = printed_area(page, page_pixels(page))
        assert area.width >= 0.4 - 1e-9
        assert area.height >= 0.4 - 1e-9

    @given(st.lists(st.tuples(st.floats(0, 1), st.floats(0, 1)), min_size=1, max_size=5))
    def test_every_word_is_inside(self, corners):
        boxes = [Box(x, y, min(1.0, x + 0.1), min(1.0, y + 0.01)) for x, y in corners]
        page = Page(1, 10, 10, words=tuple(Word("x", box) for box in boxes))
        area = printed_area(page)
        assert 0 <= area.left < area.right <= 1
        assert 0 <= area.top < area.bottom <= 1
        for box in boxes:
            assert area.union(box) == area

    def test_print_height_is_the_median(self):
        assert print_height(a4(point=10).words) == pytest.approx(10 / 842)
        assert print_height(()) is None

    def test_trimming_makes_print_larger(self):
        page = a4()
        area = Box(0.1, 0.08, 0.9, 0.75)
        trimmed = plan_page(page, NEXT, PLENTY, detail=Detail.LOW, area=area).shown[0]
        assert dpi(trimmed) > 70
