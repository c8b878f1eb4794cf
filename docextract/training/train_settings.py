"""How a model is trained: frozen settings, checked at birth.

Knows nothing of models or datasets, nor of where settings come from.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from enum import StrEnum

from docextract.core import ANSWER_FORMS, DETAILS, FULL, QUANTIZATIONS, TEXT_USES, OptionError, Tree


class Stage(StrEnum):
    """The two stages: the projector alone, then what answers."""

    ALIGN = "align"
    TUNE = "tune"


class Method(StrEnum):
    """What the second stage trains beside the projector."""

    LORA = "lora"
    QLORA = "qlora"
    FULL = "full"
    PROJECTOR = "projector"


PRECISIONS = ("fp32", "bf16")


@dataclass(frozen=True, slots=True)
class TrainSettings:
    """How a model is trained.

    Attributes:
        stage: ``align``, ``tune`` or ``both``.
        method: what the second stage trains.
        rank: of a LoRA.
        steps: of all stages; None for ``epochs``.
        epochs: times that every document is asked about, all stages together.
        align_share: of the steps, where both stages are run.
        lr: learning rate of the second stage; None for what suits the method.
        lr_projector: of the projector in the second stage; None for a tenth of LoRA's, or the
            whole of ``lr`` where all is trained.
        lr_align: of the first stage.
        batch_size: questions a step.
        batch_tokens: most positions in one pass; None for what memory lets in.
        detail: how closely pages are looked at.
        with_text: whether a page's words are told beside its image.
        answer_form: how answers are written, as ``run`` will ask for them.
        seed: of every choice by chance.
        save_every: steps from one checkpoint to the next.
        eval_every: steps from one look at the held-out loss to the next; 0 for never.
        keep: checkpoints kept, two at least, so that one is whole whenever a save is cut.
        quantization: of the base while it is trained; ``nf4`` with ``qlora``.
        precision: of the passes: ``fp32`` or ``bf16``.
        is_read_before_and_after: whether the engine reads the held-out documents.
    """

    stage: str = "both"
    method: Method = Method.LORA
    rank: int = 16
    steps: int | None = None
    epochs: float = 3.0
    align_share: float = 0.5
    lr: float | None = None
    lr_projector: float | None = None
    lr_align: float = 1e-3
    batch_size: int = 16
    batch_tokens: int | None = None
    detail: str = "auto"
    with_text: str = "auto"
    answer_form: str = FULL
    seed: int = 0
    save_every: int = 50
    eval_every: int = 0
    keep: int = 2
    quantization: str = "none"
    precision: str = "fp32"
    is_read_before_and_after: bool = True

    def __post_init__(self) -> None:
        _one_of("--stage", self.stage, (*Stage, "both"))
        _one_of("--detail", self.detail, DETAILS)
        _one_of("--with-text", self.with_text, TEXT_USES)
        _one_of("--answer-form", self.answer_form, ANSWER_FORMS)
        _one_of("--quantization", self.quantization, QUANTIZATIONS)
        _one_of("--precision", self.precision, PRECISIONS)
        if not 0 < self.align_share < 1:
            raise OptionError("--align-share lies between 0 and 1")
        if (self.quantization == "nf4") is not (self.method is Method.QLORA):
            raise OptionError("--method qlora is lora on an nf4 base, and nf4 trains by qlora")
        if self.quantization == "int8":
            raise OptionError("--quantization int8 cannot be trained", "Use --method qlora.")

    @property
    def stages(self) -> tuple[Stage, ...]:
        """The stages in their order."""
        return tuple(Stage) if self.stage == "both" else (Stage(self.stage),)

    def num_steps(self, num_documents: int) -> dict[Stage, int]:
        """Return the steps of each stage.

        Args:
            num_documents: documents that are taught.
        """
        total = self.steps or max(1, round(self.epochs * num_documents / self.batch_size))
        if self.stage != "both":
            return {Stage(self.stage): total}
        first = max(1, round(total * self.align_share))
        return {Stage.ALIGN: first, Stage.TUNE: max(1, total - first)}

    @property
    def tune_rates(self) -> tuple[float, float]:
        """Learning rates of the second stage: of what answers, and of the projector.

        2e-4 with LoRA and 2e-5 for all weights are LLaVA's own
        (github.com/haotian-liu/LLaVA, scripts/v1_5); the projector's is 2e-5 in both.
        """
        is_small = self.method in (Method.LORA, Method.QLORA)
        rate = self.lr or (2e-4 if is_small else 2e-5)
        return rate, self.lr_projector or (rate / 10 if is_small else rate)

    def to_json(self) -> Tree:
        """Return all that decides the weights, by the names of the options."""
        return {
            name: str(it) if isinstance(it, StrEnum) else it for name, it in asdict(self).items()
        }


def _one_of(option: str, value: str, allowed: tuple[str, ...]) -> None:
    if value not in allowed:
        raise OptionError(f"{option}: {value!r} is not one of {', '.join(allowed)}")
