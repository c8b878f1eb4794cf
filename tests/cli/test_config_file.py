"""Settings: flag, then environment, then file, then default; misspelt ones are errors."""

from __future__ import annotations

import json

import pytest
from support.command_line import FakeRun, invoke, start

from docextract.cli.options.config_file import check_variables, read_settings
from docextract.cli.output.error_boundary import is_json_asked
from docextract.core import OptionError

KNOWN = {"schema", "max-minutes", "jobs", "no-embedded", "deadline", "format", "password"}


@pytest.fixture
def run(monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    return FakeRun(monkeypatch)


@pytest.fixture
def settings(tmp_path):
    def write(text, name="docextract.toml"):
        path = tmp_path / name
        path.write_text(text, encoding="utf-8")
        return path

    return write


def test_flag_beats_variable_beats_file_beats_default(run, settings):
    settings('schema = "receipt"\nmax-minutes = 5\njobs = 1\nno-embedded = true\n')
    done = invoke("run", "in", "-j", 4, env={"DOCEXTRACT_MAX_MINUTES": "6", "DOCEXTRACT_JOBS": "3"})
    assert done.exit_code == 0, done.output
    found = run.options
    assert (found.schema, found.max_minutes, found.num_workers) == ("receipt", 6, 4)
    assert not found.read.use_embedded
    assert found.max_attempts == 3


def test_the_file_that_was_read_is_said_and_can_be_named(run, settings):
    settings('schema = "receipt"')
    other = settings('schema = "invoice"\npassword = "hunter2"', "night.toml")
    done = invoke("run", "in", "--config", other)
    assert run.options.schema == "invoice"
    assert f"settings from {other}" in done.stderr
    assert "hunter2" not in done.output
    assert invoke("run", "in", env={"DOCEXTRACT_CONFIG": str(other)}).exit_code == 0
    assert run.options.schema == "invoice"
    assert "settings" not in invoke("export", "--help").stderr


def test_a_misspelt_key_is_an_error_that_does_not_show_values(run, settings):
    settings('schema = "invoice"\npasword = "hunter2"')
    done = invoke("run", "in")
    assert done.exit_code == 2
    assert "Did you mean 'password'?" in done.stderr
    assert "hunter2" not in done.output
    assert not hasattr(run, "options")


def test_a_misspelt_variable_is_an_error_and_those_of_others_are_not(run):
    done = invoke("run", "in", "-s", "invoice", env={"DOCEXTRACT_MAX_MINUTE": "3"})
    assert done.exit_code == 2
    assert "Did you mean DOCEXTRACT_MAX_MINUTES?" in done.stderr
    assert invoke("run", "in", "-s", "invoice", env={"DOCEXTRACT_TEST_DATA": "x"}).exit_code == 0
    check_variables(["HOME", "DOCEXTRACT_JOBS"], {"DOCEXTRACT_JOBS"})


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("schema = ", "no TOML"),
        ("[run]\nschema = 'invoice'", "no option 'run'"),
        ("schema = {a = 1}", "no text"),
        ("max_minutes = 3", "'max-minutes'"),
    ],
)
def test_a_bad_file_is_named(settings, text, told):
    path = settings(text)
    with pytest.raises(OptionError, match=told) as error:
        read_settings(path, KNOWN)
    assert str(path) in str(error.value)


def test_values_are_what_would_stand_behind_the_option(settings):
    path = settings('deadline = 06:30:00\nformat = ["jsonl", "csv"]\nmax-minutes = 1.5')
    assert read_settings(path, KNOWN) == {
        "deadline": "06:30:00",
        "format": "jsonl,csv",
        "max-minutes": 1.5,
    }
    path.write_bytes(b"schema = '\xff'")
    with pytest.raises(OptionError, match="UTF-8"):
        read_settings(path, KNOWN)
    with pytest.raises(OptionError):
        read_settings(path.parent, KNOWN)


@pytest.mark.parametrize(
    "args",
    [
        ["run", "in", "--log-format", "json"],
        ["run", "--log-format=json", "-s", "invoice"],
        ["run", "in", "-s", "invoice", "--log-format", "json", "--jobs", "many"],
        ["run", "in", "-s", "invoice", "--log-format", "json", "--config", "bad.toml"],
    ],
)
def test_every_error_is_one_json_line_where_the_log_is_json(tmp_path, settings, args):
    settings("schemas = 1", "bad.toml")
    done = start(*args, cwd=tmp_path)
    assert (done.returncode, done.stdout) == (2, "")
    (row,) = map(json.loads, done.stderr.splitlines())
    assert (row["event"], row["exit_code"]) == ("error", 2)


def test_the_flag_says_whether_the_log_is_json_before_the_variable():
    variable = {"DOCEXTRACT_LOG_FORMAT": "json"}
    assert is_json_asked(["run"], variable)
    assert not is_json_asked(["run", "--log-format", "text"], variable)
    assert not is_json_asked(["run", "json"], {})


def planted(folder, schema="invoice"):
    (folder / "docextract.toml").write_text(
        f'schema = "{schema}"\nurl = "http://192.0.2.1/v1"\nmetrics = "/etc/passwd.prom"\n'
    )


@pytest.mark.parametrize("inputs", [["."], ["*.pdf"], [".."], ["a.pdf", "."]])
def test_settings_in_a_folder_that_is_read_are_strangers_and_passed_over(run, tmp_path, inputs):
    planted(tmp_path)
    (tmp_path / "a.pdf").write_bytes(b"%PDF-1.4\n")
    done = invoke("run", *inputs, "--schema", "receipt", "--quiet")
    assert done.exit_code == 0, done.output
    assert (run.options.schema, run.options.model.url) == ("receipt", None)
    assert run.options.metrics is None
    assert "docextract.toml is passed over: it lies in the input" in done.stderr
    assert "--trust-here" in done.stderr


def test_settings_in_a_folder_below_an_input_are_passed_over(run, tmp_path, monkeypatch):
    below = tmp_path / "in" / "below"
    below.mkdir(parents=True)
    planted(below)
    monkeypatch.chdir(below)
    done = invoke("run", tmp_path / "in", "--schema", "receipt")
    assert "is passed over" in done.stderr
    assert run.options.model.url is None


@pytest.mark.parametrize("mode", [0o777, 0o1777])
def test_settings_of_a_folder_that_others_can_write_to_are_passed_over(run, tmp_path, mode):
    planted(tmp_path)
    tmp_path.chmod(mode)
    done = invoke("run", "in", "--schema", "receipt")
    assert "passed over: others can write to" in done.stderr
    assert run.options.model.url is None


def test_settings_that_others_can_write_are_passed_over(run, tmp_path):
    planted(tmp_path)
    (tmp_path / "docextract.toml").chmod(0o666)
    assert "is passed over" in invoke("run", "in", "--schema", "receipt").stderr


@pytest.mark.parametrize("said", [["--trust-here"], ["--config", "docextract.toml"], []])
def test_a_person_can_vouch_for_the_folder_and_is_told_what_its_settings_reach(run, tmp_path, said):
    planted(tmp_path, "my.schemas:Invoice")
    environment = {} if said else {"DOCEXTRACT_TRUST_HERE": "1"}
    done = invoke("run", ".", *said, "--quiet", env=environment)
    assert done.exit_code == 0, done.output
    assert run.options.model.url == "http://192.0.2.1/v1"
    for told in ("url sends pages to a server", "metrics overwrites a file", "schema runs code"):
        assert told in done.stderr


def test_settings_cannot_vouch_for_themselves(run, settings):
    settings('schema = "invoice"\ntrust-here = true')
    assert invoke("run", "in").exit_code == 2
