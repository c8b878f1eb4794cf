"""From labels, runs and known text to the items of a dataset.

In flow files of truth, output folders of runs and folders of documents, out flow items with
printed answers. May import ``dataset``, ``evaluation`` for labels, ``verify`` for places,
``documents``, ``workers``, ``store``, ``normalise`` and the floor; no model is touched here.
"""

from __future__ import annotations
