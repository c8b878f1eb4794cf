"""What this machine gives its workers: ``cores``, and the time that passes while they are watched.

Knows nothing of workers; may import nothing of ours.
"""
