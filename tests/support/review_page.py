"""The review's page as a process of its own, and a browser that looks at it."""

from __future__ import annotations

import http.client
import json
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from importlib.util import find_spec
from pathlib import Path
from urllib.parse import urlsplit

from support.pdfs import invoice_lines, text_pdf

WRONG_TOTAL = "GBP 999.00"


def why_no_browser() -> str:
    """Say what is missing for a test in a browser; nothing where all is there."""
    absent = [name for name in ("chromium", "chromedriver") if shutil.which(name) is None]
    absent += [] if find_spec("selenium") else ["selenium"]
    return f"not installed: {', '.join(absent)}" if absent else ""


@contextmanager
def served(out: Path, *words: str) -> Iterator[tuple[str, subprocess.Popen[str]]]:
    """Start a review and give its address and its process."""
    command = [sys.executable, "-m", "docextract", "review", str(out), "--reviewer", "anna", *words]
    process = subprocess.Popen(
        command,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ},
        # Tests that a shell began in the background ignore Ctrl-C, and so would their children.
        preexec_fn=partial(signal.signal, signal.SIGINT, signal.SIG_DFL),
    )
    try:
        yield process.stdout.readline().strip(), process  # type: ignore[union-attr]
    finally:
        process.kill()
        process.communicate()


@contextmanager
def browser(width: int = 1280, height: int = 850) -> Iterator:  # type: ignore[type-arg]
    from selenium import webdriver
    from selenium.webdriver.chrome.service import Service

    options = webdriver.ChromeOptions()
    options.binary_location = shutil.which("chromium")  # type: ignore[assignment]
    size = f"--window-size={width},{height}"
    for word in ("--headless=new", "--no-sandbox", "--disable-dev-shm-usage", size):
        options.add_argument(word)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL", "performance": "ALL"})
    driver = webdriver.Chrome(options=options, service=Service(shutil.which("chromedriver")))
    try:
        yield driver
    finally:
        driver.quit()


def draw_doubtful(folder: Path, count: int) -> None:
    """Write invoices whose totals do not add up."""
    folder.mkdir(parents=True, exist_ok=True)
    for number in range(1, count + 1):
        lines = invoice_lines(f"INV-{number:05d}", 100 + number)
        wrong = [*lines[:-1], (*lines[-1][:2], WRONG_TOTAL)]
        (folder / f"invoice-{number:02d}.pdf").write_bytes(text_pdf(wrong))


class Caller:
    """Asks a review's server by hand."""

    def __init__(self, url: str) -> None:
        parts = urlsplit(url)
        self.host, self.token = parts.netloc, parts.fragment

    def ask(self, path, body=None, *, method=None, data=None, **headers):
        """Return status, headers and body of a reply; headers with _ for - replace our own."""
        own = {"X-Token": self.token, "Host": self.host, "Content-Type": "application/json"}
        own |= {name.replace("_", "-"): value for name, value in headers.items()}
        sent = {name: value for name, value in own.items() if value is not None}  # type: ignore[redundant-expr]
        connection = http.client.HTTPConnection(self.host, timeout=120)
        payload = data if data is not None else None if body is None else json.dumps(body)
        connection.putrequest(
            method or ("POST" if payload is not None else "GET"), path, skip_host=True
        )
        for name, value in sent.items():
            connection.putheader(name, value)
        encoded = (payload or "").encode()
        if payload is not None and "Content-Length" not in sent:
            connection.putheader("Content-Length", str(len(encoded)))
        connection.endheaders(encoded)
        reply = connection.getresponse()
        found = reply.status, dict(reply.getheaders()), reply.read()
        connection.close()
        return found

    def json(self, path, body=None):
        status, _, data = self.ask(path, body)
        assert status == 200, data
        return json.loads(data)
