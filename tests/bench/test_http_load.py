"""Requests over many connections: counted, timed, and taken for whole only when they are."""

import asyncio

import pytest

from tests.bench.http_load import Load, carried, kind_of, whole

ANSWER = b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello"


@pytest.mark.parametrize(
    ("received", "status"),
    [
        (ANSWER, 200),
        (ANSWER[:-1], None),
        (ANSWER[:20], None),
        (b"HTTP/1.1 304 Not Modified\r\netag: x\r\n\r\n", 304),
        (b"HTTP/1.1 503 Service Unavailable\r\ncontent-length: 0\r\n\r\n", 503),
    ],
)
def test_an_answer_is_whole_when_its_body_is(received: bytes, status: int | None) -> None:
    assert whole(bytearray(received)) == status


def test_a_kind_is_the_path_without_its_query() -> None:
    assert kind_of("/api/files?limit=2") == "/api/files"
    assert kind_of("/livez") == "/livez"


async def test_every_answer_is_counted_by_its_kind_and_what_fails_is_an_error() -> None:
    asked: list[bytes] = []

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while head := await reader.readuntil(b"\r\n\r\n"):
            asked.append(head)
            writer.write(ANSWER if b"/good" in head else ANSWER.replace(b"200 OK", b"500 No"))
            await writer.drain()
            if writer.is_closing():
                break

    async def quietly(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            await answer(reader, writer)
        except (asyncio.IncompleteReadError, ConnectionError):
            writer.close()

    server = await asyncio.start_server(quietly, "127.0.0.1", 0)
    async with server:
        port = server.sockets[0].getsockname()[1]
        load = Load("127.0.0.1", port, 4, 0.2, ["/good?1", "/bad", "/good?2"], [("Authorization", "Bearer x")])
        answered = await carried(load)
    assert answered.errors == len(answered.milliseconds["/bad"]) > 0
    assert len(answered.milliseconds["/good"]) > 0
    assert sum(map(len, answered.milliseconds.values())) == len(asked)
    assert all(b"Authorization: Bearer x" in head for head in asked)
