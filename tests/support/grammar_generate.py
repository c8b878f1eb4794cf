"""The reference for decoding: ``generate`` with a grammar as a logits processor, one page alone."""

from __future__ import annotations

from docextract.engine.llava.decode.answer_limits import Limits
from docextract.engine.llava.decode.engine import Decoder
from docextract.engine.llava.prompt.placeholders import expanded
from docextract.engine.llava.vision.tiles import cut_tiles, normalised, page_pixels
from docextract.engine.prompt import build_prompt


class GrammarProcessor:
    """Allows what the grammar allows; what it forces is still decoded, one pass per token."""

    def __init__(self, grammar, num_tokens, eos_id, scaling=1.0):
        self._scaling = scaling
        self.log_probs = []
        self._odds: list[float] = []
        self._grammar, self._num_tokens, self._eos_id = grammar, num_tokens, eos_id
        self._forced = grammar.accept_forced()
        self._is_choice = False

    def __call__(self, input_ids, scores):
        import torch

        if self._is_choice:
            token = int(input_ids[0, -1])
            self.log_probs.append(self._odds[token])
            self._grammar.accept(token)
            self._forced = self._grammar.accept_forced()
        self._is_choice = not self._forced and not self._grammar.is_finished
        if not self._is_choice:
            if self._forced:
                self.log_probs.append(0.0)
            only = self._forced.pop(0) if self._forced else self._eos_id
            return torch.full_like(scores, float("-inf")).index_fill(1, torch.tensor([only]), 0.0)
        self._mask = torch.zeros(1, -(-self._num_tokens // 32), dtype=torch.int32)
        self._grammar.fill_mask(self._mask, 0)
        masked = (scores / self._scaling).masked_fill(
            ~allowed(self._mask, self._num_tokens), float("-inf")
        )
        self._odds = torch.log_softmax(masked, -1)[0].tolist()
        return masked


def allowed(mask, num_tokens):
    import torch

    bits = (mask[:, :, None] >> torch.arange(32, dtype=torch.int32)) & 1
    return bits.flatten(1)[:, :num_tokens].bool()


def model_inputs(loaded, question):
    """Return what transformers reads of a question: a chat text and the tiles of what it shows.

    The tiles are the engine's own, which other tests compare with those of the processors.
    """
    import torch

    decoder = Decoder(loaded, Limits(max_new_tokens=90))
    plan, layout = decoder.plan(question), decoder.encoder.layout
    prompt = build_prompt(question.schema, question.instructions)
    content = [{"type": "image"}, {"type": "text", "text": prompt}]
    text = loaded.processor.apply_chat_template(
        [{"role": "user", "content": content}], add_generation_prompt=True, tokenize=False
    )
    bos = loaded.processor.tokenizer.bos_token
    adds_specials = not (bos and text.startswith(bos))
    ids = loaded.processor.tokenizer(text, add_special_tokens=adds_specials)["input_ids"]
    (shown,) = plan.views
    ids = expanded(ids, loaded.model.config.image_token_id, [shown.view.num_tokens])
    tiles = cut_tiles(page_pixels(shown.page), shown.view, layout)
    inputs = {
        "input_ids": torch.tensor([ids]),
        "attention_mask": torch.ones(1, len(ids), dtype=torch.long),
        "pixel_values": normalised(tiles, layout, loaded.model.dtype),
    }
    if layout.grids:
        region = shown.view.region
        inputs["image_sizes"] = torch.tensor([[region.height, region.width]])
    return inputs


def generate(loaded, grammar, question, max_new_tokens, scaling=1.0):
    """Return tokens and log-probabilities of scores over a scaling, end-of-sequence left out."""
    import torch
    from transformers import LogitsProcessorList

    num_tokens = loaded.model.get_output_embeddings().weight.shape[0]
    eos_id = loaded.processor.tokenizer.eos_token_id
    processor = GrammarProcessor(grammar, num_tokens, eos_id, scaling)
    inputs = model_inputs(loaded, question)
    with torch.inference_mode():
        out = loaded.model.generate(
            **inputs,
            do_sample=False,
            max_new_tokens=max_new_tokens,
            logits_processor=LogitsProcessorList([processor]),
        )
    tokens = out[0, inputs["input_ids"].shape[1] :].tolist()
    return [token for token in tokens if token != eos_id], processor.log_probs


def teacher_forced(loaded, grammar, question, tokens):
    """Return the log-probability of each given token in one pass over the whole answer."""
    import torch

    inputs = model_inputs(loaded, question)
    num_prompt = inputs["input_ids"].shape[1]
    inputs["input_ids"] = torch.cat([inputs["input_ids"], torch.tensor([tokens])], 1)
    del inputs["attention_mask"]
    with torch.inference_mode():
        logits = loaded.model(**inputs).logits[0, num_prompt - 1 : -1]
    num_tokens = logits.shape[1]
    log_probs = [0.0] * len(grammar.accept_forced())
    while len(log_probs) < len(tokens):
        at = len(log_probs)
        mask = torch.zeros(1, -(-num_tokens // 32), dtype=torch.int32)
        grammar.fill_mask(mask, 0)
        odds = logits[at].masked_fill(~allowed(mask, num_tokens)[0], float("-inf")).log_softmax(-1)
        log_probs.append(float(odds[tokens[at]]))
        grammar.accept(tokens[at])
        log_probs += [0.0] * len(grammar.accept_forced())
    return log_probs[: len(tokens)]
