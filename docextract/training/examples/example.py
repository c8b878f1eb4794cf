"""Makes of each item what the model reads and what it should answer.

Knows nothing of weights. The prompt is planned by the engine's own planner: training and serving
cannot differ, as there is one piece of code.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from docextract.core import FULL, EngineError, Page, Reason
from docextract.engine.llava.decode.answer_limits import Limits
from docextract.engine.llava.decode.grammar import Grammars
from docextract.engine.llava.prompt.chat_template import Chat
from docextract.engine.llava.prompt.page_plan import Detail
from docextract.engine.llava.prompt.placeholders import expanded
from docextract.engine.llava.prompt.question_plan import QuestionPlanner, Viewing
from docextract.engine.llava.vision.feature_cache import ViewKey, view_keys
from docextract.engine.llava.vision.image_spec import read_layout
from docextract.engine.llava.weights.load import LoadedModel
from docextract.schema import Schema
from docextract.training.dataset import Item
from docextract.training.examples.answer_ids import answer_ids


@dataclass(frozen=True, slots=True)
class Example:
    """One item as token ids.

    Attributes:
        item_id: of the item.
        document: path and hash, by which its pages are found again.
        pages: numbers of the pages that its views show, one for each view.
        views: in the order the model sees them.
        prompt_ids: an image token for every feature.
        answer_ids: what is taught, with the token that ends it.
    """

    item_id: str
    document: tuple[str, str]
    pages: tuple[int, ...]
    views: tuple[ViewKey, ...]
    prompt_ids: tuple[int, ...]
    answer_ids: tuple[int, ...]

    @property
    def num_tokens(self) -> int:
        """Positions it takes."""
        return len(self.prompt_ids) + len(self.answer_ids)

    @property
    def num_tiles(self) -> int:
        """Squares the vision tower sees of it."""
        return sum(key.view.num_tiles for key in self.views)


class ExampleMaker:
    """Makes examples for one model.

    Attributes:
        context: tokens the model can hold.
        image_token: id of the placeholder.
    """

    def __init__(
        self,
        loaded: LoadedModel,
        schemas: Mapping[str, Schema],
        *,
        detail: str = Detail.AUTO,
        with_text: str = "auto",
        answer_form: str = FULL,
    ) -> None:
        """Take a model's tokenizer and how it sees.

        Args:
            loaded: the model; its weights are not touched.
            schemas: of the dataset, by name.
            detail: as the engine will be asked to look.
            with_text: whether a page's words are told, as the engine will be asked to.
            answer_form: how answers are written, as the engine will be asked to.
        """
        config = loaded.model.config
        layout = read_layout(config, loaded.processor.image_processor)
        num_tokens = int(loaded.model.get_output_embeddings().weight.shape[0])
        self.image_token: int = config.image_token_id
        self.context = int(config.get_text_config().max_position_embeddings)
        self._tokenizer = loaded.processor.tokenizer
        self._grammars = Grammars(self._tokenizer, num_tokens, form=answer_form)
        chat = Chat(loaded.processor, self.image_token)
        self._planner = QuestionPlanner(
            chat, Viewing(layout, Detail(detail), with_text, answer_form)
        )
        self._schemas = schemas
        self._most = Limits().max_new_tokens

    def make(self, item: Item, pages: tuple[Page, ...]) -> Example:
        """Return an item's example; nothing in it is ever cut.

        Args:
            item: what is asked.
            pages: those it shows, with their pixels.

        Raises:
            EngineError: question and answer do not fit the context, not even with the smallest
                grid, or the answer is none of its grammar.
        """
        question = item.question(pages, self._schemas)
        plan = self._planner.plan(question, self.context, self._most)
        ids = answer_ids(item.answer, question.schema, self._grammars, self._tokenizer)
        views = [view_keys(shown.page, [shown.view])[0] for shown in plan.views]
        prompt = expanded(plan.ids, self.image_token, [key.view.num_tokens for key in views])
        taught = (*ids, self._tokenizer.eos_token_id)
        if len(prompt) + len(taught) > self.context:
            told = f"{len(prompt)} tokens of question and {len(taught)} of answer"
            raise EngineError(Reason.TOO_LARGE, f"{told}; the model reads {self.context}")
        numbers = tuple(shown.page.number for shown in plan.views)
        return Example(
            item.id, (item.path, item.sha256), numbers, tuple(views), tuple(prompt), taught
        )

    def close(self) -> None:
        """Drop compiled grammars."""
        self._grammars.close()
