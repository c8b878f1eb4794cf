"""llama.cpp's own HTTP server over a model, in a process of its own: its end takes all with it.

Run: ``python -m support.llama_cpp_server MODEL EYES CONTEXT_TOKENS NUM_SLOTS``. Its first line says
where it listens; it ends when its standard input does.
"""

from __future__ import annotations

import sys


def main(model: str, eyes: str, context_tokens: str, num_slots: str) -> None:
    """Serve until nobody holds the other end of standard input."""
    import xllamacpp

    params = xllamacpp.CommonParams()
    params.model.path = model
    params.mmproj.path = eyes
    params.hostnames, params.port = ["127.0.0.1"], 0
    params.n_ctx, params.n_parallel = int(context_tokens), int(num_slots)
    params.cpuparams.n_threads = 1
    params.use_jinja = True
    params.warmup = False
    server = xllamacpp.Server(params)
    print("LISTENS", server.listening_address, flush=True)
    sys.stdin.read()


if __name__ == "__main__":
    main(*sys.argv[1:])
