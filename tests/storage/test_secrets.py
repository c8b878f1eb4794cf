"""No key comes out: not into a log, an error, ``run.json``, the store, nor anything else in OUT."""

from __future__ import annotations

import os
import string
import traceback
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support.command_line import start
from support.object_storage import files_below, served_bucket
from support.pdfs import write_invoices

from docextract.batch.runner import run_batch
from docextract.core import (
    DocextractError,
    OptionError,
    RunOptions,
    check_uri,
    shown_uri,
    uri_fault,
)

CHARACTERS = string.ascii_letters + string.digits + "/+=-_.~!$'()*,;"
secrets = st.text(CHARACTERS, min_size=12, max_size=40).map(lambda text: f"Zq{text}9xK")
SIGNATURES = ("X-Amz-Signature", "sig", "Signature", "access_token", "api_key", "X-Goog-Credential")


class Listening:
    """A reporter that keeps all that it is told."""

    def __init__(self):
        self.told = []

    def __getattr__(self, name):
        return lambda *args, **kwargs: self.told.append(repr((name, args, kwargs)))


@pytest.fixture(scope="module")
def bucket(tmp_path_factory):
    with served_bucket() as one:
        folder = tmp_path_factory.mktemp("invoices")
        write_invoices(folder, 1)
        one.put_folder("in", folder)
        yield one


def told_by_a_run(*inputs, **more):
    """Return all that a run says and leaves, and how it ended if it ended badly."""
    pytest.importorskip("obstore")
    listening = Listening()
    with TemporaryDirectory() as folder:
        out = Path(folder) / "out"
        try:
            options = RunOptions(inputs, "total: money", out, "text", num_workers=1, **more)
            run_batch(options, listening)
        except DocextractError as error:
            listening.told += [error.hint, *traceback.format_exception(error)]
        left = [name.encode() + data for name, data in files_below(Path(folder)).items()]
    return b"\n".join([*left, *(text.encode() for text in listening.told)])


@given(secrets, secrets, st.sampled_from(("", "http://127.0.0.1:1")))
@settings(max_examples=4)
def test_no_key_of_the_environment_comes_out(bucket, secret, token, dead):
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("AWS_SECRET_ACCESS_KEY", secret)
        patch.setenv("AWS_SESSION_TOKEN", token)
        patch.setenv("AWS_ENDPOINT_URL", dead or bucket.endpoint)
        said = told_by_a_run("s3://archive/in", upload="s3://archive/out")
    assert b"s3://archive" in said
    assert secret.encode() not in said
    assert token.encode() not in said


@given(secrets, st.sampled_from(SIGNATURES))
@settings(max_examples=4)
def test_nothing_of_a_signed_address_comes_out(secret, name):
    said = told_by_a_run(f"http://127.0.0.1:1/a/bill.pdf?{name}={secret}&x=1#{secret}")
    assert b"http://127.0.0.1:1/a/bill.pdf" in said
    assert secret.encode() not in said


@given(secrets, st.sampled_from(("s3", "gs", "az", "https")))
def test_an_address_with_a_password_is_refused_without_repeating_it(secret, scheme):
    address = f"{scheme}://user:{secret.replace('/', '')}@host/in"
    with pytest.raises(OptionError) as raised:
        check_uri(address)
    assert secret.replace("/", "") not in f"{raised.value} {raised.value.hint}"


@given(st.text(CHARACTERS + " ä\n@:/", max_size=40), secrets)
def test_of_no_address_however_odd_is_the_query_or_the_fragment_shown(path, secret):
    for rest in (f"?{path}={secret}", f"#{secret}", f"?a=1&b={secret}#{path}"):
        address = f"https://host/{path}{rest}"
        assert secret not in shown_uri(address)
        assert secret not in "".join(uri_fault(address) or ())


def test_the_command_line_tells_no_key_either(bucket, tmp_path):
    secret = "Zq" + "SecretOfTheShell" + "9xK"
    os.environ["AWS_SECRET_ACCESS_KEY"] = secret
    for address in ("s3://nobody/in", "s3://archive/in", f"https://u:{secret}@127.0.0.1:1/x.pdf"):
        done = start(
            "run", address, "--schema", "invoice", "--out", tmp_path / "out", "-v", "-j", "1"
        )
        assert secret not in done.stdout + done.stderr
    assert not any(secret.encode() in data for data in files_below(tmp_path).values())
