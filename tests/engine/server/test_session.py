"""Questions side by side: what was answered is handed out before what went wrong is raised."""

from __future__ import annotations

import time

import pytest

from docextract.core import DeviceError
from docextract.engine.base import Answer, Question
from docextract.engine.server.session import ServerSession
from docextract.schema.loading import load_schema

SCHEMA = load_schema("total: money")


@pytest.mark.parametrize("gone_at", [0, 1, 2])
def test_answers_come_before_what_ends_the_run(gone_at):
    def answer(question: Question) -> Answer:
        if question.document_id == str(gone_at):
            raise DeviceError("nobody is there any more")
        return Answer({"total": question.document_id})

    session = ServerSession(answer)
    for number in range(3):
        session.ask(Question(str(number), (), SCHEMA))
    while session._done.qsize() < 3:
        time.sleep(0.01)
    answers = session.step()
    assert {answer.values["total"] for answer in answers.values()} == {"0", "1", "2"} - {
        str(gone_at)
    }
    with pytest.raises(DeviceError):
        session.step()
    session.close()
