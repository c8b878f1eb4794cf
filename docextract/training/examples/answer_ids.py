"""The tokens of an answer as the engine would write them: a greedy walk of its grammar.

Knows nothing of models or pages. What the grammar forces is taken as it forces it, so that no
token is taught that the engine could not choose.
"""

from __future__ import annotations

import json
from typing import Any

from docextract.core import FULL, EngineError, Reason, Tree
from docextract.engine.answers.answer_form import written
from docextract.engine.llava.decode.grammar import Grammars
from docextract.schema import Schema


def answer_text(answer: Tree, schema: Schema, form: str = FULL) -> str:
    """Return an answer as compact JSON, its keys in the order the grammar wants.

    Raises:
        EngineError: the answer lacks what its schema asks.
    """
    try:
        ordered = written(answer, schema, form)
    except (KeyError, TypeError) as error:
        raise EngineError(Reason.INVALID_ANSWER, f"the answer does not fit: {error}") from error
    return json.dumps(ordered, ensure_ascii=False, separators=(",", ":"))


def answer_ids(answer: Tree, schema: Schema, grammars: Grammars, tokenizer: Any) -> list[int]:
    """Return the tokens of an answer, without what ends it.

    Args:
        answer: tree of printed text.
        schema: that was asked.
        grammars: of the model's tokenizer.
        tokenizer: a fast tokenizer of transformers.

    Raises:
        EngineError: the grammar does not accept the answer.
    """
    text = answer_text(answer, schema, grammars.form).encode()
    grammar = grammars.start(schema)
    ids: list[int] = []
    num_done = 0
    planned: list[int] = []
    while not grammar.is_finished:
        forced = grammar.accept_forced()
        if not forced and not grammar.is_finished:
            planned = planned or _tokens(tokenizer, text[num_done:])
            if not planned:
                raise EngineError(Reason.INVALID_ANSWER, "the answer ends before its grammar")
            forced = [planned[0]]
            grammar.accept(planned[0])
        for token in forced:
            piece = grammar.text_of(token)
            if text[num_done : num_done + len(piece)] != piece:
                raise EngineError(Reason.INVALID_ANSWER, "the grammar forces another answer")
            num_done += len(piece)
            # A forced token may be cut otherwise than planned: what follows is planned anew.
            planned = planned[1:] if planned[:1] == [token] else []
        ids += forced
    if num_done != len(text):
        raise EngineError(Reason.INVALID_ANSWER, "the answer goes on behind its grammar")
    return ids


def _tokens(tokenizer: Any, text: bytes) -> list[int]:
    # ``<s>`` in an answer is what a page prints, not the token of that name.
    encoded = tokenizer(text.decode(), add_special_tokens=False, split_special_tokens=True)
    ids: list[int] = encoded["input_ids"]
    return ids
