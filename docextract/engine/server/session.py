"""Questions that wait for a server side by side, each in a thread of its own.

Knows nothing of HTTP or of what is asked. Threads are daemons: an interrupted run does not stay
for answers that nobody waits for any more.
"""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable

from docextract.engine.base import Answer, Question

NUM_AT_ONCE = 16
"""Requests in flight: a server with one GPU is busy with fewer; the rest waits there."""
_WAIT_S = 0.1
_MOMENT_S = 0.01

_Done = tuple[int, Answer | Exception]


class ServerSession:
    """Answers side by side; more questions may be asked before the first ones are answered.

    Args:
        answer: answers one question; called in other threads.
    """

    def __init__(self, answer: Callable[[Question], Answer]) -> None:
        self._answer = answer
        self._waiting: queue.SimpleQueue[tuple[int, Question] | None] = queue.SimpleQueue()
        self._done: queue.SimpleQueue[_Done] = queue.SimpleQueue()
        self._threads: list[threading.Thread] = []
        self._num_asked = 0
        self._num_open = 0
        self._fault: Exception | None = None

    @property
    def num_open(self) -> int:
        """How many questions have no answer yet."""
        return self._num_open

    @property
    def has_room(self) -> bool:
        """Whether one more question would be sent at once."""
        return self._num_open < NUM_AT_ONCE

    def ask(self, question: Question) -> int:
        """Take a question and return its number."""
        self._num_asked += 1
        self._num_open += 1
        if len(self._threads) < min(self._num_open, NUM_AT_ONCE):
            self._threads.append(threading.Thread(target=self._work, daemon=True))
            self._threads[-1].start()
        self._waiting.put((self._num_asked, question))
        return self._num_asked

    def step(self) -> dict[int, Answer]:
        """Wait a moment and return the answers that came, by number.

        Raises:
            Exception: what answering a question raised: the server is not there any more, or a bug.
        """
        answers: dict[int, Answer] = {}
        # While there is room the caller has better to do than to wait.
        wait_s = _MOMENT_S if self.has_room else _WAIT_S
        while self._num_open > len(answers):
            try:
                is_late = bool(answers) or self._fault is not None
                number, found = self._done.get(timeout=0 if is_late else wait_s)
            except queue.Empty:
                break
            if isinstance(found, Exception):
                self._fault = self._fault or found
                self._num_open -= 1
            else:
                answers[number] = found
        self._num_open -= len(answers)
        # What was answered is handed out first, so that nobody has to ask it again.
        if self._fault is not None and not answers:
            raise self._fault
        return answers

    def close(self) -> None:
        """Leave what is open; a second call does nothing."""
        for _ in self._threads:
            self._waiting.put(None)
        self._threads = []
        self._num_open = 0

    def _work(self) -> None:
        while (item := self._waiting.get()) is not None:
            number, question = item
            try:
                found: Answer | Exception = self._answer(question)
            except Exception as error:  # raised again by step, in the caller's thread
                found = error
            self._done.put((number, found))
