"""Questions in a person's own words, or a few fields, asked of documents there and then.

Knows nothing of runs or terminals: what is asked once is answered and gone; a run keeps. In flow
questions and inputs, out flow replies. Inside: ``questions/``, ``replies/``, what one ``call``
shares, and the two ways between them, documents one by one or all together. May import
``pipeline`` and what it may, an engine to load, and how a run counts (``store.run_summary``).
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from typing import BinaryIO

from docextract.ask.call import Call
from docextract.ask.questions.ask_options import AskOptions
from docextract.ask.questions.question_set import plan_questions
from docextract.ask.replies.replier import Replier
from docextract.ask.replies.reply import FieldsReply, FreeReply, Reply, ReplyStatus
from docextract.ask.replies.reply_file import open_writer
from docextract.ask.sessions import Comparison, Session
from docextract.core import ExitCode, NoDocumentsError, OptionError, SetupError, shown_uri
from docextract.engine import EngineChoice, choose_engine, load_engine
from docextract.pipeline.worker_task import Task
from docextract.schema.loading import load_schema
from docextract.store import exit_code_of
from docextract.workers import WorkerPool, noted_signals, num_usable_cores

__all__ = [
    "AskOptions",
    "Ending",
    "FieldsReply",
    "FreeReply",
    "Reply",
    "ReplyStatus",
    "ask",
    "open_writer",
]


@dataclass(frozen=True, slots=True)
class Ending:
    """How it went.

    Attributes:
        exit_code: what the process ends with.
        bug: message and traceback of the first unexpected error, or empty.
    """

    exit_code: ExitCode
    bug: str = ""


def ask(
    options: AskOptions,
    write: Callable[[Reply], None],
    tell: Callable[[str], None],
    stdin: BinaryIO | None = None,
) -> Ending:
    """Ask, and return how it went.

    Args:
        options: what is asked of what.
        write: takes each reply as soon as all before it are there, in the order of the inputs.
        tell: takes messages for people.
        stdin: where the input ``-`` reads its list of paths.

    Raises:
        UsageError: an option, a file of questions or the fields are wrong, or there are more
            pages than fit together.
        SetupError: the engine or the workers cannot start, or there is no model to ask.
        NoDocumentsError: nothing matched the inputs.
    """
    schema = None if options.schema_spec is None else load_schema(options.schema_spec)
    if schema is not None and schema.among:
        raise OptionError(
            f"what is asked for are the fields of one schema, not of {schema.name}",
            "docextract run FOLDER --schema auto reads each document with that of its kind.",
        )
    errands = plan_questions(options)
    choice = choose_engine(options.engine, options.answers, options.model)
    if schema is None:
        _check_it_understands(choice, options)
    with closing(load_engine(choice)) as engine, noted_signals() as stop:
        tell(f"engine {choice.name}, {choice.why}")
        replier = Replier(engine, options.read, dt.date.today(), schema)
        call = Call(write, tell, stop, stdin)
        num_workers = options.num_workers or num_usable_cores()
        with call.borrowed, WorkerPool(num_workers, options.read) as pool:
            if options.is_together:
                Comparison(call, replier, errands[0]).run(pool)
            else:
                Session(call, replier, _task(options, choice, replier)).run(pool, errands)
            return _ending(call, options)


def _check_it_understands(choice: EngineChoice, options: AskOptions) -> None:
    """Check that the engine can be asked in a person's own words."""
    if choice.name != "text":
        return
    told = "the text engine reads fields by their labels and understands no questions"
    instead = 'Or ask for --fields "total: money, date", which needs no model.'
    if options.engine == "text":
        named = "Name a model: --engine llava --model NAME, or a server: --url."
        raise OptionError(told, f"{named} {instead}")
    remedy = "docextract models list shows what fits here, and models fetch NAME gets it."
    if options.model.name is not None:
        remedy = "--engine llava asks the model on this machine's CPU, slowly."
    raise SetupError(f"{told}; it was {choice.why}", f"{remedy} {instead}")


def _task(options: AskOptions, choice: EngineChoice, replier: Replier) -> Task | None:
    """Return what lets a worker make a record alone: all that text can do happens there."""
    if options.schema_spec is None or replier.schema is None or replier.engine.needs_images:
        return None
    mark = replier.fingerprint(replier.schema)
    return Task(options.schema_spec, choice, options.read.uncut(), mark, replier.today)


def _ending(call: Call, options: AskOptions) -> Ending:
    stopped_by = call.stop.reason
    code = exit_code_of(call.tally, stopped_by, fails_on_review=False)
    if code is ExitCode.NO_DOCUMENTS:
        raise NoDocumentsError(f"no document in {', '.join(map(shown_uri, options.inputs))}")
    if stopped_by:
        call.tell(f"stopped by {stopped_by}: what was answered by then is given")
    return Ending(code, call.tally.bug)
