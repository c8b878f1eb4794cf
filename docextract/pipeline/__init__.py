"""One document: asked about, answered, judged, looked at again, recorded.

Inside: the order of the steps (``document``), what is asked (``questions``), how questions reach
an engine (``dispatch``), what answers are worth (``assess``), what is asked again and what that
changes (``reask``, ``revision``), the record (``record``), files of several documents
(``splitting``), kinds of documents (``kinds``). Many documents stand side by side in
the ``driver``: it hears what comes of jobs, as ``workers/events`` hands it out, and tells a
``DocumentSink``, such as a run's recorder; the jobs themselves are those of ``worker_task``. In
flow the parts of an opened document, out flows a record. May import ``verify``, ``documents``,
``workers``, the engine's seam and ``core``; no store, no export and, but for ``worker_task``,
which loads one in a worker, no engine.
"""

from __future__ import annotations
