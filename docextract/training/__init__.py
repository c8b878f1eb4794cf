"""Teaches one's own LLaVA-NeXT, in two stages, with the parts that the engine answers with.

Inside: a ``dataset`` of questions with printed answers, how it is ``collect``ed from labels, runs
and known text, ``examples`` as the model reads them, the ``weights`` that are trained, their
``fit`` to examples, the ``outcome`` read by the real engine, and ``jobs``, which put these in
order. In flow labelled documents, out flows an adapter or a model. May import the engine's seam and
its llava room, ``evaluation``, ``verify``, ``documents``, ``workers``, ``store``, ``export``,
``normalise``, ``schema`` and the floor.
"""

from __future__ import annotations
