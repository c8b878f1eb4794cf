"""A person reviews in a real browser: by keyboard alone, by clicks, across crashes and tabs."""

from __future__ import annotations

import hashlib
import json
import shutil

import pytest
from support.pdfs import text_pdf
from support.review_page import browser, draw_doubtful, served, why_no_browser
from support.reviewing import run

from docextract.review.desk.desk import Desk

pytestmark = pytest.mark.skipif(bool(why_no_browser()), reason=why_no_browser())
NUM_DRAWN = 10
# A driver may say that a page is there before the page's own script has run.
SHOWN = "return typeof state !== 'undefined' && state.drawn && state.sheet"


@pytest.fixture(scope="module")
def drawn(tmp_path_factory):
    folder = tmp_path_factory.mktemp("drawn")
    draw_doubtful(folder / "in", NUM_DRAWN)
    run(folder / "out", folder / "in")
    return folder


@pytest.fixture
def drawn_out(drawn, tmp_path):
    shutil.copytree(drawn / "out", tmp_path / "out")
    return tmp_path / "out"


@pytest.fixture(scope="module")
def chrome():
    with browser() as driver:
        yield driver


@pytest.fixture
def page(chrome, drawn_out):
    with served(drawn_out) as (url, process):
        yield Page(chrome, url, process)


class Page:
    """What a person sees and does."""

    def __init__(self, driver, url, process=None):
        self.driver, self.url, self.process = driver, url, process
        driver.get("about:blank")
        driver.get(url)
        self.until(f"{SHOWN} && state.queue.is_complete")

    def run(self, script, *values):
        return self.driver.execute_script(script, *values)

    def until(self, script, *values):
        from selenium.webdriver.support.ui import WebDriverWait

        return WebDriverWait(self.driver, 120, poll_frequency=0.05).until(
            lambda driver: driver.execute_script(script, *values)
        )

    def press(self, *keys):
        """Type keys, wait until what they asked for is done."""
        from selenium.webdriver.common.action_chains import ActionChains

        for key in keys:
            ActionChains(self.driver).send_keys(key).perform()
        self.settle()

    def stop(self, path):
        self.run("const [path] = arguments; inTurn(() => { stopAt(path); return show(); })", path)
        self.settle()

    def walk_to(self, path):
        """Press an arrow until a field is reached: down, and up again from the last."""
        for arrow in (keys().ARROW_DOWN, keys().ARROW_UP):
            before = None
            while path != (here := self.here()) != before:
                before = here
                self.press(arrow)
        assert self.here() == path

    def take_row_out(self):
        from selenium.webdriver.common.action_chains import ActionChains

        actions = ActionChains(self.driver)
        actions.key_down(keys().SHIFT).send_keys(keys().DELETE).key_up(keys().SHIFT).perform()
        self.settle()

    def settle(self):
        self.driver.execute_async_script("const end = arguments[0]; inTurn(() => {}).then(end)")

    def sheet(self):
        return self.run("return state.sheet")

    def field(self, path):
        return next(field for field in self.sheet()["fields"] if field["path"] == path)

    def here(self):
        return self.run("return currentPath()")

    def text(self, css):
        return self.run("return document.querySelector(arguments[0]).textContent", css)

    def click_word(self, text, to=None):
        """Click a word of the page, or drag from it to another."""
        from selenium.webdriver.common.action_chains import ActionChains

        actions = ActionChains(self.driver)
        places = [self.place_of(text)] + ([self.place_of(to)] if to else [])
        actions.w3c_actions.pointer_action.move_to_location(*map(int, places[0][:2]))
        actions.w3c_actions.pointer_action.pointer_down()
        if to:
            actions.w3c_actions.pointer_action.move_to_location(*map(int, places[1][2:]))
        actions.w3c_actions.pointer_action.pointer_up()
        actions.perform()
        self.settle()

    def place_of(self, text):
        """Return middle, and left top or right bottom, of a word on the screen."""
        return self.run(
            """
            const word = state.words.find(([text]) => text === arguments[0]);
            const frame = document.querySelector("#picture").getBoundingClientRect();
            const x = (v) => frame.left + v * frame.width, y = (v) => frame.top + v * frame.height;
            const middle = [x((word[1] + word[3]) / 2), y((word[2] + word[4]) / 2)];
            return [...middle, x(word[3]) + 1, y(word[4]) + 1];
            """,
            text,
        )


def keys():
    from selenium.webdriver.common.keys import Keys

    return Keys


def test_ten_documents_by_keyboard_alone(page, drawn_out):
    assert "in 10 documents" in page.text("#progress")
    for number in range(NUM_DRAWN):
        sha256 = page.sheet()["sha256"]
        page.walk_to("totals.gross")
        page.press("e")
        net = page.field("totals.net")["value"]
        page.press(f"{float(net) * 1.2:.2f}".replace(".", ","), keys().ENTER)
        for _ in range(10):
            if page.sheet()["sha256"] == sha256 and page.sheet()["left"]:
                page.press(keys().ENTER)
        assert number == NUM_DRAWN - 1 or page.sheet()["sha256"] != sha256
    assert page.text("#progress") == "nothing is left"
    statuses = [stored.tree["status"] for stored in Desk.open(drawn_out).documents()]
    assert statuses == ["ok"] * NUM_DRAWN


def test_a_click_assigns_a_word_with_its_place_and_a_drag_several(page):
    page.stop("totals.gross")
    net = page.field("totals.net")["value"]
    page.click_word(net)
    field = page.field("totals.gross")
    assert (field["value"], field["said"]["by"], field["spot"]["page"]) == (net, "anna", 1)
    page.stop("buyer.name")
    page.click_word("3", to="Street")
    assert page.field("buyer.name")["value"] == "3 Quay Street"


def test_keys_say_absent_skip_undo_and_move(page):
    page.stop("due_date")
    due = page.field("due_date")["value"]
    page.press(keys().DELETE)
    assert page.field("due_date")["value"] is None
    page.press("u")
    assert (page.field("due_date")["value"], page.here()) == (due, "due_date")
    page.stop("totals.gross")
    left = page.sheet()["left"]
    page.press("s")
    assert page.run("return state.sheet.skipped") == ["totals.gross"]
    assert len(page.sheet()["left"]) == len(left) - 1
    before = page.here()
    page.press(keys().ARROW_DOWN)
    assert page.here() != before
    page.press(keys().ARROW_UP)
    assert page.here() == before
    first = page.sheet()["sha256"]
    page.press("n")
    assert page.sheet()["sha256"] != first
    page.press("p")
    assert page.sheet()["sha256"] == first
    page.press("?")
    assert page.run("return document.querySelector('#keys').open")
    page.press(keys().ESCAPE)


def test_undo_goes_back_to_the_document_it_is_about(page):
    first = page.sheet()["sha256"]
    page.press("d")
    assert page.sheet()["sha256"] != first
    page.press("u")
    assert page.sheet()["sha256"] == first
    assert page.sheet()["status"] == "review"


def test_what_is_unclear_is_asked_back_and_chosen_by_a_key(page):
    page.stop("issue_date")
    page.press("e", "03/04/2025", keys().ENTER)
    assert "03/04/2025: which?" in page.text("#message")
    assert page.field("issue_date")["said"] is None
    page.press(keys().ESCAPE)
    page.press(keys().ESCAPE)
    page.press("e", "2025-03-04", keys().ENTER)
    assert page.field("issue_date")["value"] == "2025-03-04"


def test_rows_of_a_table_are_edited_added_and_taken_out_by_keys(page):
    page.stop("lines[0].description")
    page.press("e", "Hammer", keys().ENTER)
    table = next(table for table in page.sheet()["tables"] if table["path"] == "lines")
    cell = next(cell for cell in table["rows"][0] if cell["path"] == "lines[0].description")
    assert (cell["value"], cell["status"]) == ("Hammer", "confirmed")
    assert page.here() == "lines[0].description"
    page.press("r", "e", "2 saws", keys().ENTER)
    table = next(table for table in page.sheet()["tables"] if table["path"] == "lines")
    assert len(table["rows"]) == 2
    page.take_row_out()
    table = next(table for table in page.sheet()["tables"] if table["path"] == "lines")
    assert len(table["rows"]) == 1
    page.press(keys().ENTER)
    table = next(table for table in page.sheet()["tables"] if table["path"] == "lines")
    assert {cell["status"] for row in table["rows"] for cell in row} == {"confirmed"}


def test_a_reload_and_a_kill_lose_nothing(page, chrome, drawn_out):
    page.stop("seller.name")
    sha256 = page.sheet()["sha256"]
    page.press("e", "Northwind Limited", keys().ENTER)
    chrome.refresh()
    page.until(SHOWN)
    page.run("return load(arguments[0])", sha256)
    assert page.field("seller.name")["value"] == "Northwind Limited"
    page.process.kill()
    page.process.wait()
    page.press(keys().DELETE)
    assert "has ended" in page.text("#message")
    with served(drawn_out) as (url, _):
        again = Page(chrome, url)
        again.run("return load(arguments[0])", sha256)
        assert again.field("seller.name")["value"] == "Northwind Limited"


def test_two_tabs_do_not_overwrite_each_other_unseen(page, chrome):
    sha256 = page.sheet()["sha256"]
    first = chrome.current_window_handle
    chrome.switch_to.new_window("tab")
    try:
        other = Page(chrome, page.url)
        other.run("return load(arguments[0], 'seller.name')", sha256)
        other.press("e", "Other", keys().ENTER)
        chrome.switch_to.window(first)
        page.stop("seller.name")
        page.press("e", "Mine", keys().ENTER)
        assert "anna changed it" in page.text("#message")
        page.settle()
        assert page.field("seller.name")["value"] == "Other"
        page.press("e", "Mine", keys().ENTER)
        assert page.field("seller.name")["value"] == "Mine"
    finally:
        chrome.switch_to.window(first)


HOSTILE = "<img src=x onerror=document.title='owned'><script>document.title='owned'</script>"


@pytest.fixture
def hostile(tmp_path):
    """A page of 10,000 words, and answers with markup and text that runs from right to left."""
    words = [(20 + 21 * (i % 50), 20 + 9 * (i // 50), f"w{i % 97}") for i in range(10_000)]
    (tmp_path / "in").mkdir()
    path = tmp_path / "in" / "<b>bold<script>.pdf".replace("/", "")
    path.write_bytes(text_pdf(words, size=(1100, 1850)))
    sha256 = hashlib.sha256(path.read_bytes()).hexdigest()
    values = {
        "invoice_number": HOSTILE, "seller": {"name": "\u202eשלום عليكم\u202c", "address": HOSTILE},
        "lines": [{"description": HOSTILE, "net": "1.00"}],
    }  # fmt: skip
    (tmp_path / "answers.jsonl").write_text(json.dumps({"sha256": sha256, "values": values}))
    run(tmp_path / "out", tmp_path / "in", engine="replay", answers=tmp_path / "answers.jsonl")
    return tmp_path / "out"


def test_a_hostile_document_is_text_and_no_request_leaves_this_machine(chrome, hostile):
    chrome.get_log("performance")
    with served(hostile) as (url, _):
        page = Page(chrome, url)
        assert len(page.run("return state.words")) == 10_000
        page.press("a", keys().ARROW_DOWN, "e", keys().ESCAPE, keys().ENTER)
        assert HOSTILE in page.text("#fields")
        assert page.run("return document.title") == "docextract review"
        assert (
            page.run("return document.querySelectorAll('#fields img, #fields script').length") == 0
        )
        isolated = page.run(
            "return getComputedStyle(document.querySelector('.value[dir=auto]')).unicodeBidi"
        )
        assert isolated == "isolate"
        sent = [json.loads(row["message"])["message"] for row in chrome.get_log("performance")]
        urls = {
            message["params"]["request"]["url"]
            for message in sent if message["method"] == "Network.requestWillBeSent"
        }  # fmt: skip
        here = ("http://127.0.0.1:", "blob:http://127.0.0.1:", "data:", "about:")
        assert urls
        assert {sent for sent in urls if not sent.startswith(here)} == set()
