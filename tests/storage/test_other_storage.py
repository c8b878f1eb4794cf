"""Documents on the web, by Python's own server, in Azure's storage and Google's, by emulators."""

from __future__ import annotations

import base64
import email.utils
import functools
import hashlib
import hmac
import http.server
import json
import os
import re
import shutil
import socket
import subprocess
import threading
import time
import urllib.error
import urllib.request
from pathlib import Path
from typing import ClassVar

import pytest
from support.pdfs import write_invoices
from support.seeing import Silent

from docextract.batch.runner import run_batch
from docextract.core import ExitCode, OptionError, RunOptions

pytest.importorskip("obstore", reason="obstore is not installed")
ACCOUNT = "devstoreaccount1"
KEY = "Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw=="
"""Of azurite: it is in its manual."""


def run(tmp_path, *inputs, **more):
    settings = {"out": tmp_path / "out", "engine": "text", "num_workers": 1} | more
    return run_batch(RunOptions(inputs, "invoice_number, total: money", **settings), Silent())


def records(tmp_path):
    rows = (tmp_path / "out/results.jsonl").read_bytes().splitlines()
    return {row["document"]["path"]: row for row in map(json.loads, rows)}


class Quiet(http.server.SimpleHTTPRequestHandler):
    asked: ClassVar[list[str]] = []

    def log_message(self, *_):
        self.asked.append(self.command)


@pytest.fixture
def site(tmp_path):
    """The address of a site that serves a folder, and the methods it was asked by."""
    write_invoices(tmp_path / "site", 2)

    class Handler(Quiet):
        asked: ClassVar[list[str]] = []

    folder = functools.partial(Handler, directory=os.fspath(tmp_path / "site"))
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), folder) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}", Handler.asked
        server.shutdown()


def test_a_document_on_the_web_is_fetched_once(site, tmp_path):
    address, asked = site
    names = [f"{address}/{path.name}" for path in sorted((tmp_path / "site").iterdir())]
    signed = [f"{name}?X-Amz-Signature=abc" for name in names]
    assert run(tmp_path, *signed).counts == {"ok": 2}
    assert sorted(records(tmp_path)) == names
    assert asked.count("GET") == 2
    again = [f"{name}?X-Amz-Signature=another" for name in names]
    assert run(tmp_path, *again).num_unchanged == 2
    assert asked.count("GET") == 2


class SignedForGet(Quiet):
    """A site whose addresses were signed for GET alone, which serves parts too."""

    def do_HEAD(self):
        self.send_error(403)

    def do_GET(self):
        data = Path(self.translate_path(self.path)).read_bytes()
        asked = re.fullmatch(r"bytes=(\d+)-(\d+)", self.headers.get("Range", ""))
        first, last = map(int, asked.groups()) if asked else (0, len(data) - 1)
        self.send_response(206 if asked else 200)
        if asked:
            self.send_header("Content-Range", f"bytes {first}-{last}/{len(data)}")
        self.send_header("Content-Length", str(last - first + 1))
        self.send_header("ETag", '"one"')
        self.end_headers()
        self.wfile.write(data[first : last + 1])


def test_an_address_signed_for_getting_alone_is_read(tmp_path):
    write_invoices(tmp_path / "site", 1)
    folder = functools.partial(SignedForGet, directory=os.fspath(tmp_path / "site"))
    name = next((tmp_path / "site").iterdir()).name
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), folder) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        address = f"http://127.0.0.1:{server.server_port}/{name}?sig=x"
        assert run(tmp_path, address).counts == {"ok": 1}
        assert run(tmp_path, address).details["storage"]["num_fetched"] == 0
        server.shutdown()


def test_a_page_that_is_not_there_names_nothing(site, tmp_path):
    with pytest.raises(Exception, match=r"no document in http://127.0.0.1:\d+/none.pdf"):
        run(tmp_path, f"{site[0]}/none.pdf")


def test_what_goes_in_the_clear_and_what_is_no_folder_here_is_refused(tmp_path):
    with pytest.raises(OptionError, match="in the clear"):
        run(tmp_path, "http://example.org/a.pdf")
    with pytest.raises(OptionError, match="--out is a folder of this machine"):
        run(tmp_path, "in", out=Path("s3://bucket/out"))
    with pytest.raises(OptionError, match="--watch needs folders of this machine"):
        run(tmp_path, "s3://bucket/in", settle_s=1.0)


@pytest.fixture(scope="module")
def azurite(tmp_path_factory):
    """A container on azurite, where it is installed."""
    program = os.environ.get("AZURITE_BLOB") or shutil.which("azurite-blob")
    if program is None:
        pytest.skip("azurite is not installed: npm install -g azurite, or AZURITE_BLOB=its path")
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    options = ["--blobPort", str(port), "--skipApiVersionCheck", "--silent"]
    where = tmp_path_factory.mktemp("azurite")
    process = subprocess.Popen([program, *options, "--location", where], stdout=subprocess.DEVNULL)
    endpoint = f"http://127.0.0.1:{port}/{ACCOUNT}"
    patch = pytest.MonkeyPatch()
    patch.setenv("AZURE_STORAGE_ACCOUNT_NAME", ACCOUNT)
    patch.setenv("AZURE_STORAGE_ACCOUNT_KEY", KEY)
    patch.setenv("AZURE_STORAGE_ENDPOINT", endpoint)
    patch.setenv("AZURE_ALLOW_HTTP", "true")
    try:
        _make_container(endpoint, "archive")
        yield "az://archive"
    finally:
        patch.undo()
        process.terminate()
        process.wait()


def _make_container(endpoint, name):
    date, version = email.utils.formatdate(usegmt=True), "2021-08-06"
    said = f"PUT{12 * chr(10)}x-ms-date:{date}\nx-ms-version:{version}\n"
    said += f"/{ACCOUNT}/{ACCOUNT}/{name}\nrestype:container"
    signed = hmac.new(base64.b64decode(KEY), said.encode(), hashlib.sha256).digest()
    request = urllib.request.Request(
        f"{endpoint}/{name}?restype=container",
        method="PUT",
        headers={
            "x-ms-date": date, "x-ms-version": version, "Content-Length": "0",
            "Authorization": f"SharedKey {ACCOUNT}:{base64.b64encode(signed).decode()}",
        },
    )  # fmt: skip
    _answered(request)


def _answered(request):
    """Send a request as soon as the server that was started answers."""
    deadline = time.monotonic() + 60
    while True:
        try:
            urllib.request.urlopen(request).close()
            return
        except urllib.error.HTTPError as error:
            raise AssertionError(error.read()) from error
        except OSError:
            assert time.monotonic() < deadline, "the emulator does not start"
            time.sleep(0.05)


def test_azure_is_read_and_written_as_s3_is(azurite, tmp_path):
    import obstore
    from obstore.store import from_url

    store = from_url(azurite, client_options={"allow_http": True})
    write_invoices(tmp_path / "in", 3)
    for path in sorted((tmp_path / "in").iterdir()):
        obstore.put(store, f"in/{path.name}", path)
    put = {"upload": f"{azurite}/results"}
    first = run(tmp_path, f"{azurite}/in", **put)
    assert first.exit_code is ExitCode.OK
    assert first.details["storage"] == {"num_listed": 3, "num_fetched": 3}
    key = sorted(records(tmp_path))[0]
    assert key.startswith("az://archive/in/")
    assert run(tmp_path, f"{azurite}/in").details["storage"]["num_fetched"] == 0
    obstore.put(store, key.removeprefix("az://archive/"), b"%PDF-1.7 of somebody else")
    assert run(tmp_path, f"{azurite}/in").details["storage"]["num_fetched"] == 1
    told = bytes(obstore.get(store, "results/run.json").bytes())
    assert json.loads(told)["exit_code"] == 0
    with pytest.raises(OptionError, match="is there already and differs"):
        run(tmp_path, f"{azurite}/in", **put, upload_mode="create")


@pytest.fixture(scope="module")
def google(tmp_path_factory):
    """The address of fake-gcs-server with a bucket, where it is installed."""
    program = os.environ.get("FAKE_GCS_SERVER") or shutil.which("fake-gcs-server")
    if program is None:
        pytest.skip("fake-gcs-server is not installed; FAKE_GCS_SERVER may be its path")
    with socket.create_server(("127.0.0.1", 0)) as free:
        host = f"127.0.0.1:{free.getsockname()[1]}"
    options = ["-scheme", "http", "-host", "127.0.0.1", "-port", host.partition(":")[2]]
    process = subprocess.Popen(
        [program, *options, "-public-host", host, "-backend", "memory"],
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    keys = {"client_email": "", "private_key": "", "private_key_id": "", "disable_oauth": True}
    patch = pytest.MonkeyPatch()
    patch.setenv(
        "GOOGLE_SERVICE_ACCOUNT_KEY", json.dumps(keys | {"gcs_base_url": f"http://{host}"})
    )
    patch.setenv("GOOGLE_ALLOW_HTTP", "true")
    try:
        body = json.dumps({"name": "archive"}).encode()
        kind = {"Content-Type": "application/json"}
        made = urllib.request.Request(f"http://{host}/storage/v1/b?project=x", body, kind)
        _answered(made)
        yield f"http://{host}"
    finally:
        patch.undo()
        process.terminate()
        process.wait()


def test_google_s_storage_is_listed_and_read_as_s3_is(google, tmp_path):
    """What it takes of uploads cannot be tried: the emulator refuses the way obstore puts."""
    upload = f"{google}/upload/storage/v1/b/archive/o?uploadType=media&name="
    write_invoices(tmp_path / "in", 3)
    for path in sorted((tmp_path / "in").iterdir()):
        _answered(urllib.request.Request(f"{upload}in/{path.name}", path.read_bytes()))
    first = run(tmp_path, "gs://archive/in")
    assert first.exit_code is ExitCode.OK
    assert first.details["storage"] == {"num_listed": 3, "num_fetched": 3}
    assert run(tmp_path, "gs://archive/in").details["storage"]["num_fetched"] == 0
    name = sorted(records(tmp_path))[0].removeprefix("gs://archive/")
    _answered(urllib.request.Request(f"{upload}{name}", b"%PDF-1.7 of somebody else"))
    assert run(tmp_path, "gs://archive/in").details["storage"]["num_fetched"] == 1
