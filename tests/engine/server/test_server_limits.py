"""No server keeps a question longer than it may take, nor fills the memory of who asks."""

from __future__ import annotations

import datetime as dt
import importlib
import shutil
import signal
import subprocess
import sys
import threading
from dataclasses import replace

import pytest
from support.command_line import invoke
from support.fake_server import completion, serving
from support.pdfs import write_invoices

from docextract.cli.options import run_options
from docextract.core import (
    DeviceError,
    EngineError,
    ExitCode,
    ModelOptions,
    Page,
    Patience,
    Reason,
    RunOptions,
    SetupError,
    TableStyle,
)
from docextract.engine.base import Question
from docextract.engine.server import ServerEngine
from docextract.engine.server.http import retrying
from docextract.engine.server.http.allowance import Allowance
from docextract.engine.server.http.client import Client
from docextract.engine.server.http.verdict import Verdict
from docextract.engine.server.requests.ability import Ability
from docextract.engine.server.requests.capabilities import ChosenServer, choose_server
from docextract.schema.loading import load_schema

SHORT = Patience(0.5)
PAGE = Page(1, 30, 40, image=bytes([200]) * 3600, size=(30, 40))
QUESTION = Question("d", (PAGE,), load_schema("invoice_number, total: money"))


@pytest.fixture(scope="module")
def odd(root):
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(root / "benchmarks")
        yield importlib.import_module("odd_server")


@pytest.fixture(autouse=True)
def impatient(monkeypatch):
    """Wait no seconds between two tries."""
    monkeypatch.setattr(retrying, "_BACKOFF_S", 0.0)


@pytest.fixture
def server():
    with serving() as fake:
        yield fake


def ask(odd, name, patience=SHORT):
    """Return the answer of a server that behaves in a way of ``odd_server``."""
    (behaviour,) = (it for it in odd.BEHAVIOURS if it.name == name)
    with odd.serving(behaviour) as url:
        engine = ServerEngine(ChosenServer(url, "odd", Ability(True, True), ""), patience=patience)
        (answer,) = engine.answer([QUESTION])
        engine.close()
    return answer


SLOW = {"drip", "head_drip", "silent"}
ENDS_RUN = {"retry_after", "busy"}
NO_RUN = {"no_page"}


class TestOddServers:
    """What the table of docs/servers.md says, for each."""

    UNREAD = {  # noqa: RUF012
        "unknown_keys": Reason.INVALID_ANSWER, "no_json": Reason.INVALID_ANSWER,
        "all_thought": Reason.INVALID_ANSWER, "spent": Reason.INVALID_ANSWER,
        "empty": Reason.INVALID_ANSWER, "filtered": Reason.REFUSED, "refusal": Reason.REFUSED,
        "error_200": Reason.REFUSED, "deep": Reason.INVALID_ANSWER, "dense": Reason.INVALID_ANSWER,
        "deep_content": Reason.INVALID_ANSWER, "html": Reason.INVALID_ANSWER,
        "endless": Reason.INVALID_ANSWER, "bomb": Reason.INVALID_ANSWER,
        "many_lines": Reason.INVALID_ANSWER, "bad_request": Reason.REFUSED,
        "long_prompt": Reason.TOO_LARGE, "failure": Reason.ENGINE_UNAVAILABLE,
        "no_memory": Reason.ENGINE_UNAVAILABLE, "drip": Reason.ENGINE_UNAVAILABLE,
        "head_drip": Reason.ENGINE_UNAVAILABLE, "silent": Reason.ENGINE_UNAVAILABLE,
        "half": Reason.ENGINE_UNAVAILABLE,
    }  # fmt: skip
    IN_PART = frozenset({"null", "big_number", "cut", "many_tokens"})

    def test_each_is_read_or_refused_with_a_remedy(self, odd):
        for name in (it.name for it in odd.BEHAVIOURS if it.name not in ENDS_RUN | NO_RUN):
            answer = ask(odd, name, SHORT if name in SLOW else Patience(30.0))
            if name in self.UNREAD:
                assert answer.error is not None, name
                assert answer.error.reason is self.UNREAD[name], name
                assert answer.error.hint, name
            else:
                assert answer.error is None, name
                assert answer.values == odd.TRUE or name in self.IN_PART, name

    @pytest.mark.parametrize("name", sorted(ENDS_RUN))
    def test_a_busy_one_ends_the_run(self, odd, name, monkeypatch):
        monkeypatch.setattr(retrying, "_BACKOFF_S", 60.0)
        with pytest.raises(DeviceError, match="--timeout") as error:
            ask(odd, name, Patience(30.0))
        assert "goes on where this run ended" in error.value.hint

    def test_memory(self, odd, root):
        names = [
            "bytes_int",
            "endless",
            "bomb",
            "deep",
            "dense",
            "big_usage",
            "many_lines",
            "many_tokens",
        ]
        code = (
            "import resource, sys\n"
            f"sys.path[:0] = {[str(root / 'tests/engine/server'), str(root / 'benchmarks')]!r}\n"
            "import odd_server, test_server_limits as tests\n"
            "from docextract.core import Patience\n"
            "def peak(): return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024\n"
            "tests.ask(odd_server, 'obedient', Patience(60.0))\n"
            "before = peak()\n"
            f"for name in {names!r}:\n"
            "    tests.ask(odd_server, name, Patience(60.0))\n"
            "    print(name, peak() - before)\n"
        )
        done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
        assert done.returncode == 0, done.stderr
        grown = dict(line.split() for line in done.stdout.splitlines())
        assert list(grown) == names
        # The server lives in this process too, and makes what it sends.
        assert max(map(int, grown.values())) < 400, grown


class TestPatience:
    def test_tries_share_their_time(self, server):
        server.reply = lambda body: (503, "later")
        with pytest.raises(SetupError, match="still answers after 6 retries: 503"):
            ServerEngine(choose_server(server.url, None)).answer([QUESTION])
        assert len(server.asked) == 7

    @pytest.mark.parametrize(
        ("told", "wanted_s"),
        [
            ("120", 120.0), (" 7 ", 7.0), ("soon", 0.0), ("", 0.0), ("-5", 0.0), (None, 0.0),
            ("9" * 5000, 0.0), ("Thu, 01 Jan 1970 00:00:00 GMT", 0.0),
            ("Thu, 01 Jan 99999999 00:00:00 GMT", 0.0),
        ],
    )  # fmt: skip
    def test_when_to_ask_again(self, told, wanted_s):
        assert retrying._wanted_s(Verdict(429, retry_after=told)) == wanted_s

    def test_a_wait_beyond_the_end_of_the_run_is_not_begun(self):
        now = dt.datetime.now(dt.UTC)
        soon = Allowance(Patience(600.0, until=now + dt.timedelta(seconds=60)))
        assert soon.has(5.0) and not soon.has(300.0)
        assert not Allowance(Patience(600.0, until=now)).has(0.1)
        assert Allowance(Patience(600.0)).has(300.0)
        assert not Allowance(Patience(60.0)).has(300.0)

    def test_the_probe_has_a_limit_too(self, odd):
        (drip,) = (it for it in odd.BEHAVIOURS if it.name == "drip")
        with odd.serving(replace(drip, probe=drip.answer)) as url:
            with pytest.raises(SetupError, match="no whole answer within") as error:
                choose_server(url, None, SHORT)
            assert "--timeout" in error.value.hint

    def test_a_late_list_of_models(self, server):
        with pytest.raises(EngineError) as error:
            Client(server.url, 1, Patience(0.0)).complete({}, Allowance(Patience(0.0)), 9)
        assert error.value.reason is Reason.ENGINE_UNAVAILABLE

    def test_one_slow_answer_holds_up_no_other(self, server):
        may_end, slow, obey = threading.Event(), iter([True]), server.reply

        def hang(body):
            if next(slow, False):
                may_end.wait(60)
            return obey(body)

        session = ServerEngine(choose_server(server.url, None)).begin()
        server.reply = hang
        for _ in range(4):
            session.ask(QUESTION)
        while session.num_open > 1:
            session.step()
        may_end.set()
        while session.num_open:
            session.step()
        session.close()

    def test_after_a_late_answer_others_come(self, server):
        may_end = threading.Event()

        def hang(body):
            may_end.wait(30)
            return completion("{}")

        engine = ServerEngine(choose_server(server.url, None), patience=SHORT)
        obey, server.reply = server.reply, hang
        (late,) = engine.answer([QUESTION])
        may_end.set()
        server.reply = obey
        (fine,) = ServerEngine(choose_server(server.url, None)).answer([QUESTION])
        assert late.error is not None and fine.error is None


class TestCommandLine:
    def options(self, **given) -> RunOptions:
        shared = RunOptions(inputs=("in",), schema="")
        tables = TableStyle()
        return run_options._run_options(schema="x", shared=shared, tables=tables, **given)

    def test_its_limits_reach_the_server(self):
        assert ModelOptions().patience == Patience(600.0)
        assert self.options().model.patience == Patience(600.0)
        assert self.options(timeout=5.0).model.patience.answer_s == 5.0
        ends = self.options(max_minutes=1.0, deadline="2999-01-01T00:00").model.patience.until
        assert ends is not None and ends.year < 2999
        assert self.options(max_minutes=1e12).model.patience.until is None
        past = self.options(max_minutes=1.0, deadline="2001-01-01T00:00").model.patience.until
        assert past is not None and past.year == 2001

    def test_a_run_does_not_sleep_past_its_end(self, odd, tmp_path):
        write_invoices(tmp_path / "in", 1)
        answer = odd._fails(429, "later", "Retry-After: 300")
        with odd.serving(odd.Behaviour("later", "", answer)) as url:
            result = invoke(
                "run", str(tmp_path / "in"), "--schema", "invoice_number, total: money",
                "--out", str(tmp_path / "out"), "--engine", "server", "--url", url,
                "--max-minutes", "1",
            )  # fmt: skip
        assert result.exit_code == ExitCode.SETUP, result.output
        assert "asked again in 300 s" in result.stderr

    def test_an_interrupted_run_waits_for_no_busy_server(self, odd, tmp_path):
        write_invoices(tmp_path / "in", 1)
        is_asked = threading.Event()

        def answer(body):
            is_asked.set()
            return odd._fails(429, "later", "Retry-After: 300")(body)

        with odd.serving(odd.Behaviour("later", "", answer)) as url:
            schema = "invoice_number, total: money"
            args = ["run", "in", "--schema", schema, "--engine", "server", "--url", url]
            command = [sys.executable, "-m", "docextract", *args]
            process = subprocess.Popen(command, cwd=tmp_path, stderr=subprocess.DEVNULL)
            try:
                assert is_asked.wait(60)
                process.send_signal(signal.SIGINT)
                assert process.wait(60) == ExitCode.INTERRUPTED
            finally:
                process.kill()


class TestCertificates:
    @pytest.fixture
    def certificate(self, tmp_path):
        """A certificate of this machine that no authority has signed."""
        if shutil.which("openssl") is None:
            pytest.skip("openssl, which makes the certificate, is not installed")
        path = tmp_path / "own.pem"
        command = "openssl req -x509 -nodes -newkey rsa:2048 -days 2 -subj /CN=127.0.0.1"
        names = ["-addext", "subjectAltName=IP:127.0.0.1"]
        files = ["-keyout", str(path), "-out", str(path.with_suffix(".crt"))]
        subprocess.run([*command.split(), *names, *files], check=True, capture_output=True)
        path.write_bytes(path.read_bytes() + path.with_suffix(".crt").read_bytes())
        return path

    def test_one_that_nobody_trusts_and_one_that_is_named(self, certificate, monkeypatch):
        with serving(certificate) as server:
            assert server.url.startswith("https://127.0.0.1")
            with pytest.raises(DeviceError, match="not by a certificate") as error:
                choose_server(server.url, None)
            assert "REQUESTS_CA_BUNDLE" in error.value.hint
            monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(certificate.with_suffix(".crt")))
            assert choose_server(server.url, None).model == "tiny"

    def test_a_server_that_speaks_no_tls(self):
        with serving() as server, pytest.raises(DeviceError) as error:
            choose_server(server.url.replace("http:", "https:"), None)
        assert "http://" in error.value.hint
