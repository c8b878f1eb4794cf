"""What earlier runs into an output folder say of the next one: what is done, and how fast.

Knows nothing of inputs. Reads the store as it is, also beside a run that is going on.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path

from docextract.batch.planning.asked import about
from docextract.batch.planning.rereading import Rereading
from docextract.core import BRIEF, Document, OptionError, RunOptions, Tree, fingerprint
from docextract.engine import choose_engine, load_engine
from docextract.pipeline.kinds.kind_model import weights_id
from docextract.schema.loading import load_schema, trusted_spec
from docextract.store import Store, StoredRecords, record_key
from docextract.verify.confidence.weights import load_calibration

_SECONDS_PER_PDF_PAGE = 0.1
_SECONDS_PER_IMAGE_PAGE = 2.0
"""Where nothing was measured: a page with a text layer and a page by OCR, of one A4 invoice
each, in one worker on a core of 2024; see docs/batch.md."""


@dataclass(frozen=True, slots=True)
class Speed:
    """Pages of earlier runs and the seconds they took in a worker."""

    num_pages: int
    seconds: float


@dataclass(frozen=True, slots=True)
class Earlier:
    """What is known before a run.

    Attributes:
        store: outcomes, or None where there was no run.
        fingerprint: under which outcomes would count, empty if that is not known.
        speeds: by media type.
        is_parallel: whether the engine works in every worker, and not in one place.
        rereading: what was read under other settings; None where that is not known.
    """

    store: StoredRecords | None = None
    fingerprint: str = ""
    speeds: dict[str, Speed] = field(default_factory=dict)
    is_parallel: bool = True
    rereading: Rereading | None = None

    @property
    def num_measured_pages(self) -> int:
        """Pages that speeds were measured on."""
        return sum(speed.num_pages for speed in self.speeds.values())

    def why_again(self, document: Document) -> str | None:
        """Return why a document that was read before is to be read again; None if it was not."""
        if self.store is None or self.rereading is None:
            return None
        return self.rereading.why(self.store.read_as(record_key(document)))

    def seconds_per_page(self, media_type: str) -> float:
        """Return the seconds a page took, or those of another machine if none was read."""
        speed = self.speeds.get(media_type)
        if speed is not None:
            return speed.seconds / speed.num_pages
        is_image = media_type.startswith("image/")
        return _SECONDS_PER_IMAGE_PAGE if is_image else _SECONDS_PER_PDF_PAGE


@contextmanager
def open_earlier(options: RunOptions, has_schema: bool) -> Iterator[Earlier]:
    """Yield what is known before a run with these options.

    Args:
        options: those of the run.
        has_schema: whether they name a schema; else the newest run's outcomes count.

    Raises:
        UsageError: the schema is wrong, or no model has the name.
        SetupError: the engine cannot be used.
        StoreError: the store cannot be read.
    """
    model = replace(options.model, patience=BRIEF)
    choice = choose_engine(options.engine, options.answers, model)
    is_parallel = choice.name not in ("llava", "server")
    # The llava engine tells its fingerprint only with its weights loaded.
    now = _about(options) if has_schema and is_parallel else None
    mark = "" if now is None else str(now["fingerprint"])
    name = None if now is None else str(now["schema_name"])
    try:
        store = Store.read_only(options.out or Path(), schema=name)
    except OptionError:
        yield Earlier(fingerprint=mark, is_parallel=is_parallel)
        return
    with store:
        speeds = {
            kind: Speed(num_pages, seconds)
            for kind, num_pages, seconds in store.speeds(choice.name)
        }
        rereading = None if now is None else Rereading(store, now)
        yield Earlier(store, mark or _newest(store), speeds, is_parallel, rereading)


def _about(options: RunOptions) -> Tree:
    choice = choose_engine(options.engine, options.answers, options.model)
    engine = load_engine(choice)
    try:
        calibration = load_calibration(options.calibration, options.ok_at)
        spec = options.schema
        if not options.trust_here:
            spec, _ = trusted_spec(spec, options.inputs)
        schema = load_schema(spec)
        weights = weights_id(calibration.id, len(schema.among))
        mark = fingerprint(schema.id, options.read, asdict(engine.info), weights)
        return about(options, schema, choice, engine.info, mark)
    finally:
        engine.close()


def _newest(store: StoredRecords) -> str:
    run = store.last_run()
    return str(run["options"].get("fingerprint", "")) if run else ""
