"""The page's server answers its own page alone, and tells it what stands."""

from __future__ import annotations

import json
import re
import signal
import socket
import struct
import threading
from html.parser import HTMLParser
from pathlib import Path
from types import SimpleNamespace
from urllib.parse import urlsplit

import psutil
import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.command_line import invoke
from support.review_page import Caller, served
from support.reviewing import correct, csv_row

import docextract.review.page
from docextract.core import DocumentError, Reason
from docextract.review.desk.desk import Desk
from docextract.review.page.loopback import ReviewServer
from docextract.review.page.static import static_pages
from docextract.review.pictures.page_pictures import PagePictures
from docextract.review.queue.doubts import Doubt

ROOM = Path(docextract.review.page.__file__).parent
PRIVATE = ["/api/queue", "/api/sheet/0", "/api/words/0/1", "/api/picture/0/1"]


@pytest.fixture
def doubtful(out, anna):
    correct(anna, "luminosa.pdf", "totals.gross", "9.99")
    return out


@pytest.fixture
def caller(doubtful):
    with served(doubtful) as (url, _):
        yield Caller(url)


def sha_of(out, name="luminosa.pdf"):
    return Desk.open(out).find(name).tree["document"]["sha256"]


def waited_for(caller):
    while not (queue := caller.json("/api/queue"))["is_complete"]:
        pass
    return queue


def test_who_lacks_host_origin_or_token_is_refused(caller):
    port = caller.host.partition(":")[2]
    wrong = [
        {"Host": "evil.example"},
        {"Host": f"evil.example:{port}"},
        {"Host": "127.0.0.1:1"},
        {"Host": None},
        {"Origin": "http://evil.example"},
        {"Origin": "null"},
        {"Origin": f"https://127.0.0.1:{port}"},
        {"Sec_Fetch_Site": "cross-site"},
        {"X_Token": None},
        {"X_Token": ""},
        {"X_Token": caller.token[:-1]},
        {"X_Token": "ä".encode().decode("latin-1")},
    ]
    for headers in wrong:
        for path in PRIVATE:
            assert caller.ask(path, **headers)[0] == 403, (path, headers)  # type: ignore[arg-type]
        body = {"sha256": "0", "path": "", "action": "accept", "seen": 0}
        assert caller.ask("/api/say", body, **headers)[0] == 403, headers  # type: ignore[arg-type]
        assert caller.ask("/api/undo", body, **headers)[0] == 403, headers  # type: ignore[arg-type]
    for headers in wrong[:8]:
        assert caller.ask("/", **headers)[0] == 403, headers  # type: ignore[arg-type]


def test_its_own_page_is_served(caller):
    for origin in (None, f"http://{caller.host}"):
        assert caller.ask("/api/queue", Origin=origin, Sec_Fetch_Site="same-origin")[0] == 200
    for path in ("/", "/page.js", "/page.css"):
        status, headers, _ = caller.ask(path, X_Token=None)
        assert status == 200
        policy = headers["Content-Security-Policy"]
        assert "default-src 'none'" in policy
        assert "script-src 'self'" in policy
        assert "unsafe" not in policy
        assert headers["Cache-Control"] == "no-store"
        assert headers["X-Content-Type-Options"] == "nosniff"


def test_what_is_no_question_is_refused(caller):
    assert caller.ask("/api/say", data="{", Content_Type="application/json")[0] == 400
    assert caller.ask("/api/say", data="[]")[0] == 400
    assert caller.ask("/api/say", {"sha256": 1})[0] == 400
    assert caller.ask("/api/say", {}, Content_Type="text/plain")[0] == 400
    assert caller.ask("/api/say", data="", Content_Length=str(2**40))[0] == 400
    assert caller.ask("/api/nothing")[0] == 404
    assert caller.ask("/../../etc/passwd")[0] == 404
    assert caller.ask("/api/say", {}, method="PUT")[0] == 501


def test_a_browser_that_goes_away_is_no_bug(capfd):
    quiet = SimpleNamespace(
        look_through=lambda: None, pictures=SimpleNamespace(warm_up=lambda: None)
    )
    server = ReviewServer(quiet)  # type: ignore[arg-type]
    serving = threading.Thread(target=server.serve)
    serving.start()
    others = set(threading.enumerate())  # Servers of other tests may still be up.
    host, port = urlsplit(server.url).netloc.split(":")
    with socket.create_connection((host, int(port))) as client:
        client.sendall(f"GET /page.css HTTP/1.1\r\nHost: {host}:{port}\r\n\r\n".encode())
        assert client.recv(100).startswith(b"HTTP/1.1 200")
        answering = set(threading.enumerate()) - others
        client.sendall(b"GET / HTTP/1.1\r\nHo")
        # No time to linger: it ends with a reset.
        client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    for thread in answering:
        thread.join()
    server.close()
    serving.join()
    assert len(answering) == 1
    assert capfd.readouterr().err == ""


def test_it_is_bound_to_this_machine_alone(caller):
    assert caller.host.startswith("127.0.0.1:")


def test_the_page_writes_no_text_as_html():
    script = (ROOM / "page.js").read_text("utf-8")
    sinks = r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|eval\(|Function\(|srcdoc"
    assert not re.search(sinks, script)
    page = (ROOM / "page.html").read_text("utf-8")
    assert not re.search(r"<script(?! src=)|\son\w+=|style=|https?:", page)
    assert not re.search(r"https?:|url\(", (ROOM / "page.css").read_text("utf-8"))


def test_a_document_is_shown_said_of_and_undone(caller, doubtful):
    sha256 = sha_of(doubtful)
    (item,) = [item for item in waited_for(caller)["items"] if item["sha256"] == sha256]
    assert item["left"] == 2
    sheet = caller.json(f"/api/sheet/{sha256}")
    assert sheet["left"] == ["totals.net", "totals.tax"]
    by_path = {field["path"]: field for field in sheet["fields"]}
    assert by_path["totals.gross"]["said"]["by"] == "anna"
    assert by_path["totals.net"]["spot"]["page"] == 1
    lines = next(table for table in sheet["tables"] if table["path"] == "lines")
    assert [len(row) for row in lines["rows"]] == [len(lines["columns"])] * 5
    said = {"sha256": sha256, "path": "totals.gross", "action": "correct", "text": "4.553,95",
            "seen": sheet["newest"]}  # fmt: skip
    after = caller.json("/api/say", said)
    assert (after["status"], after["left"]) == ("ok", [])
    assert sha256 not in [item["sha256"] for item in caller.json("/api/queue")["items"]]
    before = caller.json("/api/undo", {"sha256": sha256})
    assert (before["undone"], before["left"]) == ("totals.gross", ["totals.net", "totals.tax"])


def test_words_and_picture_of_a_page(caller, doubtful):
    sha256 = sha_of(doubtful)
    status, headers, data = caller.ask(f"/api/picture/{sha256}/1")
    assert (status, headers["Content-Type"], data[8:12]) == (200, "image/webp", b"WEBP")
    words = caller.json(f"/api/words/{sha256}/1")
    assert "4.553,95" in [word[0] for word in words]
    status, _, data = caller.ask(f"/api/picture/{sha256}/2")
    assert status == 404
    assert "no page" in json.loads(data)["error"].lower() or "None of the pages" in data.decode()


def test_what_is_clicked_is_read_as_its_page_writes(caller, doubtful):
    sha256 = sha_of(doubtful)
    said = {"sha256": sha256, "path": "lines[0].quantity", "action": "correct", "seen": 99}
    status, _, data = caller.ask("/api/say", said | {"text": "1.234"})
    assert (status, json.loads(data)["choices"]) == (409, ["1.2340", "1234"])
    spot = {"page": 1, "box": [0.1, 0.2, 0.3, 0.4], "quote": "1.234"}
    sheet = caller.json("/api/say", said | {"text": "1.234"} | spot)
    lines = next(table for table in sheet["tables"] if table["path"] == "lines")
    cell = next(cell for cell in lines["rows"][0] if cell["path"] == "lines[0].quantity")
    assert (cell["value"], cell["spot"]["box"]) == ("1234", [0.1, 0.2, 0.3, 0.4])
    outside = said | {"text": "1", "page": 1, "box": [0.1, 0.2, 0.3, 1.4]}
    assert caller.ask("/api/say", outside)[0] == 409


def test_who_looked_at_an_older_state_is_told(caller, doubtful):
    sha256 = sha_of(doubtful)
    seen = caller.json(f"/api/sheet/{sha256}")["newest"]
    correct(Desk.open(doubtful, reviewer="bert"), "luminosa.pdf", "totals.net", "5.00")
    said = {"sha256": sha256, "path": "totals.net", "action": "accept", "seen": seen}
    status, _, data = caller.ask("/api/say", said)
    assert status == 409
    assert "bert changed it" in json.loads(data)["error"]


def test_when_the_review_ends_the_exports_show_what_was_said(doubtful):
    with served(doubtful) as (url, process):
        caller, sha256 = Caller(url), sha_of(doubtful)
        said = {"sha256": sha256, "path": "totals.gross", "action": "correct", "text": "4553.95",
                "seen": 99}  # fmt: skip
        caller.json("/api/say", said)
        process.send_signal(signal.SIGINT)
        _, told = process.communicate(timeout=600)
        assert process.returncode == 0
    assert "1 thing said" in told
    assert csv_row(doubtful, "luminosa.pdf")["totals.gross"] == "4553.95"


def test_documents_in_doubt_as_one_file_to_read(doubtful, tmp_path):
    target = tmp_path / "doubts.html"
    done = invoke("review", doubtful, "--html", target)
    assert done.exit_code == 0, done.output
    assert "1 document in" in done.stderr
    text = target.read_text("utf-8")
    assert "3923.69 + 630.26 is not 9.99" in text
    assert "data:image/webp;base64," in text
    assert "<script" not in text
    assert "default-src 'none'" in text


@given(st.text())
def test_no_text_of_a_document_is_markup_in_that_file(text):
    tree = {
        "document": {"path": text, "sha256": "0"}, "status": "review",
        "values": {"a": text}, "fields": {"a": {"status": "unverified", "evidence": []}},
    }  # fmt: skip
    page = "".join(static_pages([(tree, [Doubt(("a",), text, 1.0)])], NoPictures(), 1))  # type: ignore[arg-type]
    tags = HTMLParser()
    seen = []
    tags.handle_starttag = lambda tag, attrs: seen.append(tag)  # type: ignore[method-assign]
    tags.feed(page)
    assert seen == [
        "html", "head", "meta", "meta", "meta", "title", "style", "body", "section", "h1", "div",
        "ul", "li", "table", "tr", "td", "td", "td", "div", "p",
    ]  # fmt: skip


class NoPictures:
    def picture(self, sha256, number):
        raise DocumentError(Reason.VANISHED, "gone")


def test_one_worker_draws_page_after_page_whoever_asks(doubtful):
    # The kernel ends a worker with the thread that started it; a server has one a question.
    sha256, workers = sha_of(doubtful), set()
    with PagePictures(doubtful) as pictures:
        for draw in (pictures.warm_up, lambda: pictures.picture(sha256, 1)):
            asking = threading.Thread(target=draw)
            asking.start()
            asking.join()
            workers.add(leaves(psutil.Process()))
    assert len(workers) == 1


def leaves(process):
    """Return the processes below one that have none below them."""
    below = process.children(recursive=True)
    return frozenset(it.pid for it in below if not it.children())
