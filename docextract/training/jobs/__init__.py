"""The commands of training in their order: run, check, export, and the folder they share.

In flow a dataset and a base, out flow an adapter or a model and its report. May import all rooms of
``training``, ``engine.llava``, ``export``, ``store`` for the lock and the floor.
"""

from __future__ import annotations
