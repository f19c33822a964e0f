"""Requests over many connections at once from one process, each answered before the next is sent; as `wrk` does it."""

import asyncio
import json
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass

from cli.local.settings import PROJECT_ROOT

CONNECT_WITHIN = 10.0
END = b"\r\n\r\n"
LENGTH = b"content-length:"


@dataclass(frozen=True)
class Load:
    """What to ask of whom: the requests in turn, for so many seconds."""

    host: str
    port: int
    connections: int
    seconds: float
    paths: Sequence[str]
    headers: Sequence[tuple[str, str]] = ()

    @property
    def requests(self) -> list[bytes]:
        """As they go over the wire."""
        told = "".join(f"{name}: {value}\r\n" for name, value in (("Host", f"{self.host}:{self.port}"), *self.headers))
        return [f"GET {path} HTTP/1.1\r\n{told}\r\n".encode() for path in self.paths]


@dataclass(frozen=True)
class Answered:
    """What came of it: milliseconds of each answer, by the kind of its path, and how many were no success."""

    milliseconds: dict[str, list[float]]
    errors: int
    seconds: float


class Asking(asyncio.Protocol):
    """One connection: sends the next request when the answer to the last is there."""

    def __init__(self, run: "Run") -> None:
        self._run = run
        self._kind = ""
        self._sent = 0.0
        self._buffer = bytearray()
        self._transport: asyncio.Transport | None = None
        self.ended: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Begin."""
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        self._ask()

    def data_received(self, data: bytes) -> None:
        """Take a piece of an answer; ask again when it is whole."""
        self._buffer += data
        status = whole(self._buffer)
        if status is not None:
            self._run.note(self._kind, (time.perf_counter() - self._sent) * 1000, status)
            self._buffer.clear()
            self._ask()

    def connection_lost(self, exc: Exception | None) -> None:
        """The end, which is an error before the time is over."""
        if not self._run.over:
            self._run.errors += 1
        self.ended.set_result(None)

    def _ask(self) -> None:
        assert self._transport is not None
        if self._run.over:
            self._transport.close()
        else:
            self._kind, request = self._run.next()
            self._sent = time.perf_counter()
            self._transport.write(request)


class Run:
    """All connections together."""

    def __init__(self, load: Load) -> None:
        self._requests = [(kind_of(path), request) for path, request in zip(load.paths, load.requests, strict=True)]
        self._turn = 0
        self._until = time.perf_counter() + load.seconds
        self.milliseconds: dict[str, list[float]] = {kind: [] for kind, _ in self._requests}
        self.errors = 0

    @property
    def over(self) -> bool:
        """Whether the time is over."""
        return time.perf_counter() > self._until

    def next(self) -> tuple[str, bytes]:
        """The kind of the next request, and the request."""
        self._turn += 1
        return self._requests[self._turn % len(self._requests)]

    def note(self, kind: str, milliseconds: float, status: int) -> None:
        """An answer came."""
        self.milliseconds[kind].append(milliseconds)
        self.errors += status != 200


def kind_of(path: str) -> str:
    """The path without its query."""
    return path.partition("?")[0]


def whole(buffer: bytearray) -> int | None:
    """The status of an answer that is there as a whole, with a body of the length that it tells."""
    head = buffer.find(END)
    if head < 0:
        return None
    lines = bytes(buffer[:head]).lower()
    at = lines.find(LENGTH)
    length = int(lines[at + len(LENGTH) :].split(b"\r\n", 1)[0]) if at >= 0 else 0
    return int(lines[9:12]) if len(buffer) >= head + len(END) + length else None


async def carried(load: Load) -> Answered:
    """Carry it out."""
    loop = asyncio.get_running_loop()
    run = Run(load)
    began = time.perf_counter()
    async with asyncio.timeout(load.seconds + CONNECT_WITHIN):
        made = [await loop.create_connection(lambda: Asking(run), load.host, load.port) for _ in range(load.connections)]
        await asyncio.gather(*(asking.ended for _, asking in made))
    return Answered(run.milliseconds, run.errors, time.perf_counter() - began)


def loaded(load: Load) -> Answered:
    """Carry out a load by a process of its own."""
    command = [sys.executable, "-m", "tests.bench.http_load"]
    ran = subprocess.run(command, input=json.dumps(asdict(load)).encode(), capture_output=True, cwd=PROJECT_ROOT, check=True)
    return Answered(**json.loads(ran.stdout))


def main() -> None:
    """Carry out the load on stdin; what came of it goes to stdout."""
    task = json.load(sys.stdin)
    json.dump(asdict(asyncio.run(carried(Load(**task)))), sys.stdout)


if __name__ == "__main__":
    main()
