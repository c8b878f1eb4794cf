"""Measures decoding in slots against the plain loop of tutorials and against batched ``generate``.

Knows nothing of accuracy: weights are random and the answers dictated, every pass is run.
Run: ``python benchmarks/decode.py`` (about half an hour of CPU) or ``--small`` (seconds). One
thread, each way in a process of its own; CPU seconds, because wall time says what else ran.
"""

from __future__ import annotations

import argparse
import json
import resource
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from decode_model import (
    LARGE,
    SMALL,
    DictatedDecoder,
    Scale,
    build_model,
    make_questions,
    target_answers,
)

from docextract.core import FULL, SPARSE
from docextract.engine.base import Question
from docextract.engine.llava.decode.grammar import Grammars, RowGrammar
from docextract.engine.llava.forward import attention
from docextract.engine.llava.forward.captured_step import CapturedSteps
from docextract.engine.llava.forward.kv_cache import SlotCache
from docextract.engine.llava.vision.encoder import Encoder
from docextract.engine.llava.weights.load import LoadedModel
from docextract.engine.prompt import build_prompt

NUM_ROWS = 4
WAYS = ("plain", "batched", "slots", "sparse")


@dataclass
class Measured:
    """One way of decoding all pages.

    Attributes:
        num_forwards: passes through the decoder.
        num_fed: tokens through it, padding included.
        num_tokens: tokens of all answers.
        cpu_s: of everything but loading.
        model_s: the part of it spent in the model and in image preprocessing.
        peak_mib: largest resident memory of the process, weights included.
    """

    num_forwards: int = 0
    num_fed: int = 0
    num_tokens: int = 0
    cpu_s: float = 0.0
    model_s: float = 0.0
    peak_mib: float = 0.0


class Meter:
    """Counts passes and the CPU time inside the model's parts.

    ``generate`` makes attention masks and room for keys and values inside the decoder; where slots
    do it, it counts as the model's as well.
    """

    def __init__(self, loaded: LoadedModel) -> None:
        """Hook the embeddings, decoder, head and vision parts, and what prepares images."""
        self.found = Measured()
        model = loaded.model
        self._wrap(model.model.language_model, self._count)
        for part in (
            model.get_input_embeddings(),
            model.get_output_embeddings(),
            model.model.vision_tower,
            model.model.multi_modal_projector,
        ):
            self._wrap(part)
        self._time(loaded.processor.image_processor, "preprocess")
        self._time(Encoder, "prepare")
        self._time(attention, "_mask")
        self._time(SlotCache, "_allocate")

    def _time(self, owner: Any, name: str) -> None:
        """Count a function; what prepares images works in a thread."""
        plain = getattr(owner, name)

        def timed(*args: Any, **options: Any) -> Any:
            start = time.thread_time()
            done = plain(*args, **options)
            self.found.model_s += time.thread_time() - start
            return done

        setattr(owner, name, timed)

    def _wrap(self, module: Any, count: Callable[[dict[str, Any]], None] | None = None) -> None:
        started = [0.0]

        def before(_: Any, __: Any, options: dict[str, Any]) -> None:
            if count:
                count(options)
            started[0] = time.thread_time()

        def after(*_: Any) -> None:
            self.found.model_s += time.thread_time() - started[0]

        module.register_forward_pre_hook(before, with_kwargs=True)
        module.register_forward_hook(after)

    def _count(self, options: dict[str, Any]) -> None:
        rows, width = options["inputs_embeds"].shape[:2]
        self.found.num_forwards += 1
        self.found.num_fed += rows * width


def chat_text(loaded: LoadedModel, question: Question) -> str:
    """Return the whole prompt of a question."""
    prompt = build_prompt(question.schema, question.instructions)
    content = [{"type": "image"}, {"type": "text", "text": prompt}]
    message = {"role": "user", "content": content}
    return str(
        loaded.processor.apply_chat_template([message], add_generation_prompt=True, tokenize=False)
    )


class DictatedProcessor:
    """A logits processor with a grammar per row, for ``generate``."""

    def __init__(self, grammars: Sequence[RowGrammar] | None, targets: Sequence[list[int]]) -> None:
        """Take targets that end in the end-of-sequence token, and their grammars if any."""
        self._grammars = grammars
        self._targets = targets
        self._at = -1

    def __call__(self, input_ids: Any, scores: Any) -> Any:
        """Mask as the grammar says, then leave the target's token alone."""
        import torch

        self._at += 1
        chosen = [target[min(self._at, len(target) - 1)] for target in self._targets]
        if self._grammars is not None:
            masks = torch.zeros(len(chosen), -(-scores.shape[1] // 32), dtype=torch.int32)
            for row, (grammar, target) in enumerate(
                zip(self._grammars, self._targets, strict=True)
            ):
                if 0 < self._at < len(target):
                    grammar.accept(target[self._at - 1])
                if self._at < len(target) - 1:
                    grammar.fill_mask(masks, row)
            bits = (masks[:, :, None] >> torch.arange(32, dtype=torch.int32)) & 1
            is_forbidden = bits.flatten(1)[:, : scores.shape[1]] == 0
            scores = scores.masked_fill(is_forbidden, float("-inf"))
        for row, token in enumerate(chosen):
            scores[row] = float("-inf")
            scores[row, token] = 0.0
        return scores


class Ways:
    """The ways to answer all pages; each returns the texts."""

    def __init__(
        self,
        loaded: LoadedModel,
        questions: Sequence[Question],
        targets: Sequence[str],
        form: str = FULL,
    ) -> None:
        """Take a target for each question, written in a form."""
        self.loaded = loaded
        self.questions = questions
        self.targets = targets
        self._form = form
        self._tokenizer = loaded.processor.tokenizer
        num_tokens = loaded.model.get_output_embeddings().weight.shape[0]
        self.grammars = Grammars(self._tokenizer, num_tokens)

    def plain(self) -> list[str]:
        """Run ``processor`` and ``generate``, one image at a time, no grammar."""
        texts = []
        for i in range(len(self.questions)):
            texts += self._generate([i], None)
        return texts

    def batched(self) -> list[str]:
        """Run ``generate`` over left-padded batches with a grammar per row."""
        texts = []
        for first in range(0, len(self.questions), NUM_ROWS):
            indices = list(range(first, min(first + NUM_ROWS, len(self.questions))))
            grammars = [self.grammars.start(self.questions[i].schema) for i in indices]
            texts += self._generate(indices, grammars)
        return texts

    def _generate(self, indices: list[int], grammars: list[RowGrammar] | None) -> list[str]:
        import torch
        from PIL import Image
        from transformers import LogitsProcessorList

        targets = [
            [*self._tokenizer(self.targets[i])["input_ids"], self._tokenizer.eos_token_id]
            for i in indices
        ]
        pages = [self.questions[i].pages[0] for i in indices]
        images = [Image.frombytes("RGB", page.size or (1, 1), page.image or b"") for page in pages]
        inputs = self.loaded.processor(
            images=images,
            text=[chat_text(self.loaded, self.questions[i]) for i in indices],
            return_tensors="pt",
            padding=True,
            add_special_tokens=False,
        ).to(self.loaded.model.device, self.loaded.model.dtype)
        with torch.inference_mode():
            out = self.loaded.model.generate(
                **inputs,
                do_sample=False,
                max_new_tokens=max(map(len, targets)),
                logits_processor=LogitsProcessorList([DictatedProcessor(grammars, targets)]),
            )
        answers = out[:, inputs["input_ids"].shape[1] :]
        return list(self._tokenizer.batch_decode(answers, skip_special_tokens=True))

    def slots(self, num_slots: int = NUM_ROWS, captured: CapturedSteps | None = None) -> list[str]:
        """Run the engine's decoder with so many slots."""
        decoder = DictatedDecoder(self.loaded, self.targets, num_slots, self._form, captured)
        rows = decoder.decode(self.questions)
        return [b"".join(self.grammars.text_of(row.tokens)).decode() for row in rows]

    def sparse(self) -> list[str]:
        """Do the same with answers of what is there alone, under short names."""
        return self.slots()


def measure(name: str, scale: Scale) -> Measured:
    """Answer all pages one way.

    Raises:
        ValueError: an answer is not the target.
    """
    form = SPARSE if name == "sparse" else FULL
    targets = target_answers(scale.num_pages, scale.max_rows, form)
    ways = Ways(build_model(scale), make_questions(scale.num_pages), targets, form)
    meter = Meter(ways.loaded)
    start = time.process_time()
    texts: list[str] = getattr(ways, name)()
    meter.found.cpu_s = time.process_time() - start
    if texts != ways.targets:
        raise ValueError(f"{name} gave other answers than the targets")
    meter.found.num_tokens = sum(
        len(ways.loaded.processor.tokenizer(text)["input_ids"]) for text in texts
    )
    meter.found.peak_mib = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return meter.found


def measure_apart(name: str, is_small: bool) -> Measured:
    """Measure in a process of its own, so that peaks are not each other's."""
    command = [sys.executable, __file__, "--only", name, *(["--small"] if is_small else [])]
    done = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True)
    return Measured(**json.loads(done.stdout.splitlines()[-1]))


def report(found: dict[str, Measured]) -> None:
    """Print the ways side by side, then the ratios that matter."""
    print(
        f"{'':10}{'forwards':>10}{'tokens':>8}{'fed':>9}{'CPU s':>9}{'tok/CPU s':>11}"
        f"{'peak MiB':>10}{'host %':>8}"
    )
    for name, item in found.items():
        host = 100 * (1 - item.model_s / item.cpu_s)
        print(
            f"{name:10}{item.num_forwards:10}{item.num_tokens:8}{item.num_fed:9}{item.cpu_s:9.1f}"
            f"{item.num_tokens / item.cpu_s:11.1f}{item.peak_mib:10.0f}{host:8.1f}"
        )
    slots = found["slots"]
    for name in ("plain", "batched"):
        other = found[name]
        print(
            f"slots against {name}: {other.num_forwards / slots.num_forwards:.2f}x fewer forwards, "
            f"{other.cpu_s / slots.cpu_s:.2f}x tokens per CPU second"
        )
    sparse = found["sparse"]
    print(
        f"sparse against full answers: {slots.num_forwards / sparse.num_forwards:.2f}x fewer "
        f"forwards, {slots.num_tokens / sparse.num_tokens:.2f}x fewer tokens"
    )


def main() -> None:
    """Measure all ways, or one for the process that measures all."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--small", action="store_true", help="three pages, a tiny model")
    parser.add_argument("--only", choices=WAYS, help="one way, as JSON")
    options = parser.parse_args()
    if options.only:
        import torch

        torch.set_num_threads(1)
        print(json.dumps(asdict(measure(options.only, SMALL if options.small else LARGE))))
        return
    report({name: measure_apart(name, options.small) for name in WAYS})


if __name__ == "__main__":
    main()
