"""A server of this machine that behaves in one of many ways seen or feared in the wild.

Knows nothing of docextract but its probe: replies are written as bytes, so that they can be late,
broken or endless. Run: ``python benchmarks/odd_server.py BEHAVIOUR`` to ask it by hand.
"""

from __future__ import annotations

import gzip
import json
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

Body = dict[str, Any]
Answer = Callable[[Body], Iterator[bytes]]

TRUE = {"invoice_number": "INV-000001", "total": "100.01"}
"""What the fixture of ``server_behaviours`` says."""

_MIB = 2**20
_HUGE = 1_500_000_000


@dataclass(frozen=True, slots=True)
class Behaviour:
    """One way of a server.

    Attributes:
        name: of it.
        what: in a few words.
        answer: the bytes of its reply to all but the probe.
        probe: the bytes of its reply to the probe; obedient if None.
    """

    name: str
    what: str
    answer: Answer
    probe: Answer | None = None


def http(status: int, data: bytes | str | Body, *headers: str) -> bytes:
    """Return a whole reply."""
    raw = json.dumps(data) if isinstance(data, dict) else data
    encoded = raw if isinstance(raw, bytes) else raw.encode()
    return _head(status, f"Content-Length: {len(encoded)}", *headers) + encoded


def _head(status: int, *headers: str) -> bytes:
    lines = [f"HTTP/1.1 {status} Odd", "Connection: close", *headers, "", ""]
    return "\r\n".join(lines).encode()


def says(content: Any, finish: str = "stop", **more: Any) -> Body:
    """Return a chat completion."""
    message = {"role": "assistant", "content": content} | more.pop("message", {})
    choice = {"index": 0, "message": message, "finish_reason": finish} | more.pop("choice", {})
    return {"choices": [choice], "usage": {"prompt_tokens": 9, "completion_tokens": 9}} | more


def _content(content: Any, finish: str = "stop", **more: Any) -> Answer:
    return lambda body: iter([http(200, says(content, finish, **more))])


def _raw(text: str) -> Answer:
    return lambda body: iter([http(200, text)])


def _fails(status: int, data: bytes | str | Body, *headers: str) -> Answer:
    return lambda body: iter([http(status, data, *headers)])


def obey(body: Body) -> Iterator[bytes]:
    """Answer the probe as is wanted, all else with what is true."""
    shape = body.get("response_format", {}).get("json_schema", {}).get("schema", {})
    word = shape.get("properties", {}).get("reply", {}).get("enum", [""])[0]
    content = json.dumps({"reply": word} if word else TRUE, separators=(",", ":"))
    tokens = [{"token": char, "logprob": -0.01} for char in content]
    has_odds = body.get("logprobs")
    more: Body = {"choice": {"logprobs": {"content": tokens}}} if has_odds else {}
    yield http(200, says(content, **more))


def _refuses(text: str, is_refused: Callable[[Body], bool]) -> Answer:
    def answer(body: Body) -> Iterator[bytes]:
        if is_refused(body):
            return iter([http(400, {"error": {"message": text, "type": "invalid_request_error"}})])
        return obey(body)

    return answer


def _shape_of(body: Body) -> str:
    return json.dumps(body.get("response_format", {}))


def _with_tokens(**first: Any) -> Answer:
    content = json.dumps(TRUE, separators=(",", ":"))
    tokens = [{"token": char, "logprob": -0.01} for char in content]
    tokens[0] |= first
    return _content(content, choice={"logprobs": {"content": tokens}})


def _many_tokens(body: Body) -> Iterator[bytes]:
    content = '{"total":"100.01","lines":[' + '{"net":"1"},' * 20_000
    tokens = [{"token": char, "logprob": -0.01} for char in content]
    yield http(200, says(content, choice={"logprobs": {"content": tokens}}))


def _drips(body: Body) -> Iterator[bytes]:
    yield _head(200, "Content-Length: 100000")
    while True:
        time.sleep(1)
        yield b" "


def _drips_head(body: Body) -> Iterator[bytes]:
    yield b"HTTP/1.1 200 OK\r\nX-Slow: "
    while True:
        time.sleep(1)
        yield b"x"


def _endless(body: Body) -> Iterator[bytes]:
    yield _head(200) + b'{"choices": ["'
    while True:
        yield b"x" * _MIB


def _bomb(body: Body) -> Iterator[bytes]:
    zeros = gzip.compress(bytes(16 * _MIB)) * 100
    yield _head(200, "Content-Encoding: gzip", f"Content-Length: {len(zeros)}") + zeros


def _silent(body: Body) -> Iterator[bytes]:
    time.sleep(600)
    yield b""


def _half(body: Body) -> Iterator[bytes]:
    yield _head(200, "Content-Length: 100000") + b'{"choices": ['


def _room(body: Body) -> int:
    return int(body.get("max_tokens") or body.get("max_completion_tokens") or 0)


_ROOM = (
    "This model's maximum context length is 2500 tokens. However, you requested {} tokens "
    "(1500 in the messages, {} in the completion)."
)


def _small_context(body: Body) -> Iterator[bytes]:
    wanted = _room(body)
    if wanted > 1000:
        return iter([http(400, {"error": {"message": _ROOM.format(1500 + wanted, wanted)}})])
    return obey(body)


_TEXT = json.dumps(TRUE)
_PAIRS = [{"field": key, "value": value} for key, value in TRUE.items()]
_NAMES = {"fields": [{"name": key, "value": value} for key, value in TRUE.items()]}
_CAMEL = {"invoiceNumber": TRUE["invoice_number"], "Total": TRUE["total"]}
_TWICE = '{"invoice_number":"INV-000001","total":"100.01","total":null}'
_DEEP = 200_000
_DIGITS = "9" * 10_000
_NEVER = ("Retry-After: 3600",)

BEHAVIOURS = (
    Behaviour("obedient", "keeps to the schema", obey),
    Behaviour("null", "says null everywhere", _content('{"invoice_number":null,"total":null}')),
    Behaviour("think", "thinks in braces first", _content(f"<think>{{so: {{}}}}</think>\n{_TEXT}")),
    Behaviour("prose", "braces in prose around it", _content(f"{{It}} is {_TEXT} {{ok}}")),
    Behaviour("parts", "content in parts", _content([{"type": "text", "text": _TEXT}])),
    Behaviour("wrapped", "one object around it", _content(json.dumps({"invoice": TRUE}))),
    Behaviour("camel", "camelCase keys", _content(json.dumps(_CAMEL))),
    Behaviour("field_list", "a list of fields", _content(json.dumps(_PAIRS))),
    Behaviour("name_list", "a list of names in an object", _content(json.dumps(_NAMES))),
    Behaviour("twice", "a key twice, then null", _content(_TWICE)),
    Behaviour("no_max_tokens", "refuses `max_tokens`", _refuses(
        "Unsupported parameter: 'max_tokens'. Use 'max_completion_tokens' instead.",
        lambda body: "max_tokens" in body)),
    Behaviour("no_temperature", "refuses `temperature`", _refuses(
        "Unsupported value: 'temperature' does not support 0.",
        lambda body: "temperature" in body)),
    Behaviour("no_lengths", "refuses `maxLength`, `anyOf`", _refuses(
        "In response_format schema: 'maxLength' is not permitted.",
        lambda body: "maxLength" in _shape_of(body))),
    Behaviour("small_context", "context too short for the answer", _small_context),
    Behaviour("big_usage", "usage of 10,000 digits", _raw(
        json.dumps(says(_TEXT)).replace('"prompt_tokens": 9', f'"prompt_tokens": {_DIGITS}'))),
    Behaviour("nan_logprob", "a log-probability of NaN", _with_tokens(logprob=float("nan"))),
    Behaviour("bytes_int", "a token of 1500000000 bytes", _with_tokens(bytes=_HUGE)),
    Behaviour("big_number", "a value of 10,000 digits", _content(
        f'{{"invoice_number":"INV-000001","total":{_DIGITS}}}')),
    Behaviour("cut", "cut by the longest answer", _content(_TEXT[:-10], "length")),
    Behaviour("many_tokens", "240,000 tokens with odds", _many_tokens),
    Behaviour("many_lines", "millions of lines", _content(
        '{"invoice_number":"' + "x\\n" * 200_000 + '","total":"100.01"}')),
    Behaviour("unknown_keys", "keys of its own", _content('{"foo":"1","bar":{"baz":"2"}}')),
    Behaviour("no_json", "prose alone", _content("I see an invoice.")),
    Behaviour("all_thought", "thinks to the end", _content("<think>Well, {so}", "length")),
    Behaviour("spent", "empty, `finish_reason` length", _content("", "length")),
    Behaviour("empty", "empty, `finish_reason` stop", _content(None)),
    Behaviour("filtered", "`finish_reason` content_filter", _content("", "content_filter")),
    Behaviour("refusal", "the model refuses", _content(None, message={"refusal": "I can't."})),
    Behaviour("error_200", "an error inside a reply of 200", _raw(
        '{"error":{"message":"no such adapter","code":400}}')),
    Behaviour("deep", "a reply nested 200,000 deep", _raw('{"a":' * _DEEP + "1" + "}" * _DEEP)),
    Behaviour("dense", "a reply of millions of objects", _raw(
        '{"choices":[' + "{}," * 2_500_000 + "1]}")),
    Behaviour("deep_content", "JSON nested 200,000 deep", _content(
        '{"a":' * _DEEP + "1" + "}" * _DEEP)),
    Behaviour("html", "a page of HTML", _raw("<html>Welcome</html>")),
    Behaviour("endless", "a body of gigabytes", _endless),
    Behaviour("bomb", "a gzip bomb of 1.6 GB", _bomb),
    Behaviour("bad_request", "400", _fails(400, "cannot decode image")),
    Behaviour("long_prompt", "400, the page alone is too long", _fails(
        400, "the request exceeds the available context size")),
    Behaviour("failure", "500", _fails(500, "does not match the expected format")),
    Behaviour("no_memory", "500, out of memory", _fails(500, "CUDA out of memory")),
    Behaviour("drip", "one byte a second", _drips),
    Behaviour("head_drip", "one byte a second, in the head", _drips_head),
    Behaviour("silent", "no reply", _silent),
    Behaviour("retry_after", "429, to be asked again in an hour", _fails(429, "later", *_NEVER)),
    Behaviour("busy", "503, always", _fails(503, "loading")),
    Behaviour("half", "half a reply", _half),
    Behaviour("no_page", "404, from the probe on", _fails(404, "no page"), _fails(404, "no page")),
    Behaviour("thinker", "thinks through the probe", obey, _content("", "length")),
)  # fmt: skip


@contextmanager
def serving(behaviour: Behaviour) -> Iterator[str]:
    """Yield the address of a server that behaves so."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.wfile.write(http(200, {"data": [{"id": "odd"}]}))

        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            is_probe = "docextract-probe" in _shape_of(body) or "invoice_number" not in str(body)
            answer = (behaviour.probe or obey) if is_probe else behaviour.answer
            for piece in answer(body):
                self.wfile.write(piece)

        def log_message(self, *args: Any) -> None:
            """Say nothing."""

    class Quiet(ThreadingHTTPServer):
        daemon_threads = True

        def handle_error(self, *args: Any) -> None:
            """Say nothing of clients that left."""

    server = Quiet(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}/v1"
    finally:
        server.shutdown()
        server.socket.close()


def main() -> None:
    """Serve until interrupted."""
    found = {behaviour.name: behaviour for behaviour in BEHAVIOURS}
    with serving(found[sys.argv[1]]) as url:
        sys.stdout.write(f"{url}\n")
        sys.stdout.flush()
        threading.Event().wait()


if __name__ == "__main__":
    main()
