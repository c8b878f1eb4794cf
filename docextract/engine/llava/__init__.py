"""The LLaVA-NeXT engine: torch, transformers and bitsandbytes are imported here alone.

Knows nothing of documents, normalisation or stores; page pixels in, raw answers out. Its one door
is ``llava_engine``, which is not opened here: a run by text alone only asks which weights
there are.
"""
