"""Worker processes: how one is started, by whom it is forked, and how it ends.

What a worker does stands in ``worker.py`` beside this room; who feeds it in ``pool.py``.
"""
