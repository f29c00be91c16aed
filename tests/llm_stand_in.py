"""A provider of language models for tests: a real HTTP server on this machine's loopback, with scripted answers.

It speaks OpenAI's chat completions (any path that ends in `/chat/completions`) and Anthropic's messages
(`/v1/messages`), and is reached as a provider is: by OPENAI_BASE_URL, ANTHROPIC_BASE_URL and so on. A script looks
at what was asked and says what comes back, so one server can be right, wrong, slow, malformed, cut or busy:

    with serving(lambda asked: says({"label": "relevant"})) as stand_in:
        monkeypatch.setenv("OPENAI_BASE_URL", stand_in.url)
        ...
        assert stand_in.count == 1

For measuring it runs as a process of its own, so that it takes no time of whoever asks it:

    python -m tests.llm_stand_in --latency 0.5       # prints its address; ends when its standard input closes
"""

import argparse
import asyncio
import json
import sys
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any

PATIENCE = 30.0
"""Seconds that a connection may stay silent."""
REASONS = {200: "OK", 400: "Bad Request", 401: "Unauthorized", 404: "Not Found", 429: "Too Many Requests"}


@dataclass(frozen=True)
class Asked:
    """A request as it arrived. The names of headers are in lower case."""

    path: str
    headers: Mapping[str, str]
    content: bytes

    @cached_property
    def body(self) -> dict[str, Any]:
        read: dict[str, Any] = json.loads(self.content or b"{}")
        return read

    @property
    def model(self) -> str:
        return str(self.body.get("model", ""))

    @property
    def is_anthropic(self) -> bool:
        return self.path.endswith("/messages")

    @property
    def messages(self) -> list[tuple[str, str]]:
        """(role, content) in order; Anthropic's system prompt comes first, as OpenAI's does."""
        system = self.body.get("system")
        first = [("system", _text_of(system))] if system else []
        return first + [(str(each["role"]), _text_of(each["content"])) for each in self.body.get("messages", [])]

    @property
    def text(self) -> str:
        """All of the prompt."""
        return "\n".join(content for _role, content in self.messages)

    @property
    def bearer(self) -> str:
        return self.headers.get("authorization", "").removeprefix("Bearer ")


def _text_of(content: object) -> str:
    if isinstance(content, list):
        return "".join(str(part.get("text", "")) for part in content)
    return str(content or "")


@dataclass(frozen=True)
class Reply:
    """What comes back: `text` as a model's answer, or `raw` as the whole body, in whatever shape."""

    text: str = ""
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    seconds: float = 0.0
    """Before the answer begins."""
    tokens_in: int = 120
    tokens_out: int = 30
    finish: str = "stop"
    raw: bytes | None = None
    is_cut: bool = False
    """The connection breaks in the middle of the body."""
    drops: bool = False
    """It breaks before the first byte."""


Script = Callable[[Asked], Reply]


def says(answer: object, *, seconds: float = 0.0, tokens_in: int = 120, tokens_out: int = 30) -> Reply:
    """A model's answer: a text as it is, anything else as JSON."""
    text = answer if isinstance(answer, str) else json.dumps(answer, ensure_ascii=False)
    return Reply(text, seconds=seconds, tokens_in=tokens_in, tokens_out=tokens_out)


def fails(status: int, message: str = "", *, retry_after: float | None = None, seconds: float = 0.0) -> Reply:
    """An error as providers put it."""
    error = {"error": {"message": message or f"status {status}", "type": "error", "param": None, "code": None}}
    headers = {} if retry_after is None else {"Retry-After": f"{retry_after:g}"}
    return Reply(status=status, headers=headers, raw=json.dumps(error).encode(), seconds=seconds)


def cut(answer: object = "half of this never arr") -> Reply:
    return replace(says(answer), is_cut=True)


def in_turn(*replies: Reply) -> Script:
    """One after the other; the last one for all that come after."""
    left = list(replies)

    def script(_asked: Asked) -> Reply:
        return left.pop(0) if len(left) > 1 else left[0]

    return script


class StandIn:
    """The server's face for a test. `asked` and `count` tell what reached it, in order of arrival."""

    def __init__(self, script: Script) -> None:
        self.script = script
        self.asked: list[Asked] = []
        self.most_at_once = 0
        self.url = ""
        self._at_once = 0

    @property
    def count(self) -> int:
        return len(self.asked)

    def models(self) -> list[str]:
        return [asked.model for asked in self.asked]

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while (asked := await _read(reader)) is not None and await self._answer(asked, writer):
                pass
        except (ConnectionError, asyncio.IncompleteReadError, asyncio.CancelledError, TimeoutError):
            """Whoever asked has gone, or the test is over."""
        finally:
            writer.close()

    async def _answer(self, asked: Asked, writer: asyncio.StreamWriter) -> bool:
        """Whether the connection stays open."""
        self.asked.append(asked)
        self._at_once += 1
        self.most_at_once = max(self.most_at_once, self._at_once)
        try:
            reply = self.script(asked)
            await asyncio.sleep(reply.seconds)
        finally:
            self._at_once -= 1
        if reply.drops:
            return False
        content = _content_of(reply, asked) if reply.raw is None else reply.raw
        writer.write(_head(reply, len(content)))
        writer.write(content[: len(content) // 2] if reply.is_cut else content)
        await writer.drain()
        return not reply.is_cut


async def _read(reader: asyncio.StreamReader) -> Asked | None:
    """The next request on a connection; None when there is no more."""
    async with asyncio.timeout(PATIENCE):
        try:
            head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
        except asyncio.IncompleteReadError:
            return None
        first, *lines = head.split("\r\n")
        pairs = (line.partition(":") for line in lines if line)
        headers = {name.strip().lower(): value.strip() for name, _, value in pairs}
        content = await reader.readexactly(int(headers.get("content-length") or 0))
    return Asked(first.split(" ")[1].partition("?")[0], headers, content)


def _head(reply: Reply, length: int) -> bytes:
    headers = {"Content-Type": "application/json", "Content-Length": str(length), **reply.headers}
    lines = [f"HTTP/1.1 {reply.status} {REASONS.get(reply.status, 'Server Error')}"]
    return "\r\n".join([*lines, *(f"{name}: {value}" for name, value in headers.items()), "", ""]).encode()


def _content_of(reply: Reply, asked: Asked) -> bytes:
    body = _as_anthropic(reply, asked) if asked.is_anthropic else _as_openai(reply, asked)
    return json.dumps(body).encode()


def _as_openai(reply: Reply, asked: Asked) -> dict[str, object]:
    message = {"role": "assistant", "content": reply.text, "refusal": None}
    return {
        "id": "chatcmpl-standin",
        "object": "chat.completion",
        "created": 1_790_000_000,
        "model": asked.model,
        "choices": [{"index": 0, "message": message, "logprobs": None, "finish_reason": reply.finish}],
        "usage": {
            "prompt_tokens": reply.tokens_in,
            "completion_tokens": reply.tokens_out,
            "total_tokens": reply.tokens_in + reply.tokens_out,
        },
    }


def _as_anthropic(reply: Reply, asked: Asked) -> dict[str, object]:
    """A text, or the one tool that the request asks to be used, which is how Anthropic's models give JSON."""
    tools = asked.body.get("tools") or []
    block: dict[str, object] = {"type": "text", "text": reply.text}
    if tools:
        block = {"type": "tool_use", "id": "toolu_standin", "name": tools[0]["name"], "input": _json(reply.text)}
    return {
        "id": "msg_standin",
        "type": "message",
        "role": "assistant",
        "model": asked.model,
        "content": [block],
        "stop_reason": "tool_use" if tools else "end_turn",
        "stop_sequence": None,
        "usage": {"input_tokens": reply.tokens_in, "output_tokens": reply.tokens_out},
    }


def _json(text: str) -> object:
    try:
        return json.loads(text)
    except ValueError:
        return {"text": text}


@contextmanager
def serving(script: Script = lambda _asked: says("Hello.")) -> Iterator[StandIn]:
    """A stand-in in a thread of this process."""
    stand_in, loop, ready = StandIn(script), asyncio.new_event_loop(), threading.Event()
    thread = threading.Thread(target=_run, args=(stand_in, loop, ready), name="llm stand-in", daemon=True)
    thread.start()
    if not ready.wait(10):
        raise RuntimeError("the stand-in did not start")
    try:
        yield stand_in
    finally:
        loop.call_soon_threadsafe(loop.stop)
        thread.join(10)


def _run(stand_in: StandIn, loop: asyncio.AbstractEventLoop, ready: threading.Event) -> None:
    asyncio.set_event_loop(loop)
    server = loop.run_until_complete(asyncio.start_server(stand_in.serve, "127.0.0.1", 0))
    stand_in.url = _address_of(server)
    ready.set()
    try:
        loop.run_forever()
    finally:
        server.close()
        tasks = asyncio.all_tasks(loop)
        for task in tasks:
            task.cancel()
        loop.run_until_complete(asyncio.gather(*tasks, return_exceptions=True))
        loop.close()


def _address_of(server: asyncio.Server) -> str:
    return f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/v1"


async def _serve_alone(reply: Reply) -> None:
    stand_in = StandIn(lambda _asked: reply)
    async with await asyncio.start_server(stand_in.serve, "127.0.0.1", 0, backlog=512) as server:
        print(_address_of(server), flush=True)  # noqa: T201
        await asyncio.to_thread(sys.stdin.read)


def main(arguments: Sequence[str]) -> None:
    parser = argparse.ArgumentParser(prog="llm_stand_in")
    parser.add_argument("--latency", type=float, default=0.5, help="seconds before each answer")
    parser.add_argument("--answer", default='{"label": "relevant", "confidence": 0.9, "reasoning": "It asks."}')
    parsed = parser.parse_args(arguments)
    asyncio.run(_serve_alone(says(parsed.answer, seconds=parsed.latency)))


if __name__ == "__main__":
    main(sys.argv[1:])
