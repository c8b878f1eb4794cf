"""What one ``ask`` was asked to do, checked at birth.

Knows nothing of where options come from nor of who obeys them.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from docextract.core import ModelOptions, OptionError, ReadOptions, check_engine


@dataclass(frozen=True, slots=True)
class AskOptions:
    """Everything one call was asked to do.

    Attributes:
        inputs: files, folders, globs, or ``-`` for a list of paths on stdin.
        questions: each asked of every input.
        questions_file: more questions; see ``question_set.read_questions``.
        fields: fields in one line (``schema.dsl``) instead of questions.
        is_together: ask about all pages of all inputs at once, for one answer.
        engine: one of ``ENGINES``.
        answers: the answers file of the replay engine.
        model: which weights the llava engine loads.
        read: how documents are opened.
        num_workers: worker processes; None for one per usable core.
    """

    inputs: tuple[str, ...] = ()
    questions: tuple[str, ...] = ()
    questions_file: Path | None = None
    fields: str | None = None
    is_together: bool = False
    engine: str = "auto"
    answers: Path | None = None
    model: ModelOptions = field(default_factory=ModelOptions)
    read: ReadOptions = field(default_factory=ReadOptions)
    num_workers: int | None = None

    def __post_init__(self) -> None:
        check_engine(self.engine, self.answers, self.model)
        is_free = bool(self.questions) or self.questions_file is not None
        if is_free and self.fields is not None:
            raise OptionError("--question and --fields exclude each other", "Ask twice.")
        if not is_free and not (self.fields or "").strip():
            raise OptionError(
                "there is no question",
                'Try -q "What is the total?", --questions FILE or --fields "total: money, date".',
            )

    @property
    def schema_spec(self) -> str | None:
        """What ``load_schema`` takes for ``fields``; None where questions are asked."""
        # A name alone would be looked for among the schemas.
        return None if self.fields is None else f"{self.fields.strip().rstrip(',')},"
