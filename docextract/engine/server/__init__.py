"""The server engine: asks a model behind an OpenAI-compatible address, many questions at once.

Knows nothing of documents, normalisation or stores; page pixels in, raw answers out. The server
puts questions side by side; here they only wait for it, each in a thread.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from docextract.core import FULL, EngineError, EngineInfo, Patience
from docextract.engine.answers.answer_form import written_schema
from docextract.engine.answers.answer_json import answer_schema, fitted
from docextract.engine.answers.answer_size import max_tokens_of
from docextract.engine.base import Answer, Question
from docextract.engine.prompt import prompt_version
from docextract.engine.server.http.client import Client
from docextract.engine.server.replies.reply_reader import read_reply
from docextract.engine.server.requests.asking import Asker
from docextract.engine.server.requests.capabilities import ChosenServer
from docextract.engine.server.requests.message import body, content_of
from docextract.engine.server.session import NUM_AT_ONCE, ServerSession

__all__ = ["ServerEngine"]


class ServerEngine:
    """Answers questions by asking a server.

    Attributes:
        info: the served model's name and the prompt; not where the server is, as that does not
            change an answer.
        max_pages: one: servers take one image in a message unless told otherwise.
        can_look_closer: no.
    """

    needs_images = True
    max_pages: int | None = 1
    can_look_closer = False

    def __init__(
        self,
        chosen: ChosenServer,
        with_text: str = "auto",
        *,
        answer_form: str = FULL,
        max_answer_tokens: int | None = None,
        patience: Patience | None = None,
    ) -> None:
        """Open nothing yet.

        Args:
            chosen: the server, and what it was seen to heed.
            with_text: ``auto``, ``yes`` or ``no``: whether a page's words are told beside it.
            answer_form: ``full`` or ``sparse``: how answers are written.
            max_answer_tokens: longest answer; None for what the schema may need.
            patience: how long one question may take.
        """
        self._client = Client(chosen.url, NUM_AT_ONCE, patience)
        self._asker = Asker(self._client, chosen.ability)
        self._model = chosen.model
        self._with_text = with_text
        self._form = answer_form
        self._max_tokens = max_answer_tokens
        self.info = EngineInfo(
            name="server",
            model_id=chosen.model,
            prompt=prompt_version(answer_form),
            with_text=with_text,
            max_answer_tokens=max_answer_tokens,
        )

    def answer(self, questions: Sequence[Question]) -> list[Answer]:
        """Return one answer per question, in order; one that failed holds its error.

        Raises:
            SetupError: the server is not there any more.
        """
        session = self.begin()
        done: dict[int, Answer] = {}
        try:
            numbers = [session.ask(question) for question in questions]
            while session.num_open:
                done |= session.step()
        finally:
            session.close()
        return [done[number] for number in numbers]

    def begin(self) -> ServerSession:
        """Return a place where questions are answered as they come, several at once."""
        return ServerSession(self._answer)

    def close(self) -> None:
        """Close all connections; a second call does nothing."""
        self._client.close()

    def _answer(self, question: Question) -> Answer:
        allowance, shape = self._client.allowance(), answer_schema(question.schema)
        wanted = written_schema(question.schema, self._form)
        views: tuple[str, ...] = ()
        try:
            content, views = content_of(question, self._with_text, self._form)
            asked = self._asker.ask(
                lambda ability, most: body(self._model, content, wanted, ability, most),
                self._max_tokens or max_tokens_of(shape),
                allowance,
            )
            return replace(read_reply(asked.reply, question, self._form), views=views)
        except EngineError as error:
            return Answer(fitted({}, shape), views=views, error=error)
