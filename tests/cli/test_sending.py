"""Files sent in parts to a real gateway and a real object store."""

import asyncio
import os
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path
from uuid import UUID

import httpx
import pytest
from nats.js import JetStreamContext

from cli.credentials import Key
from cli.gateway import Gateway
from cli.sending import TRIES, Sender
from shared import bus
from shared.blobs import Blobs
from shared.errors import Invalid
from shared.parts import USUAL_PART
from shared.service import Platform
from shared.settings import PlatformSettings
from shared.uploads import object_key
from tests.support.serving import served

pytestmark = pytest.mark.connected

BODY = os.urandom(1 << 16) * (3 * USUAL_PART // (1 << 16)) + b"the rest"
"""Three whole parts and a rest."""


@dataclass
class Line(httpx.BaseTransport):
    """A way to the object store that lets so many parts through, and counts them."""

    lets_through: int = 1_000
    begun: int = 0
    inner: httpx.HTTPTransport = field(default_factory=httpx.HTTPTransport)

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        assert "authorization" not in request.headers  # the link is what opens the store, and the key is not its business
        self.begun += 1
        if self.begun > self.lets_through:
            raise httpx.ConnectError("the line is down")
        return self.inner.handle_request(request)

    def close(self) -> None:
        self.inner.close()


@pytest.fixture
async def gateway(platform: Platform, settings: PlatformSettings, stream: JetStreamContext) -> AsyncIterator[Gateway]:
    nats = await bus.connect(settings.nats_url.get_secret_value(), name="test-gateway")
    async with served(platform, nats) as http:
        key = Key("the test", http.headers["Authorization"].removeprefix("Bearer "))
        with Gateway(str(http.base_url), key) as gateway:
            yield gateway


@pytest.fixture
def film(tmp_path: Path, request: pytest.FixtureRequest) -> Path:
    path = tmp_path / "falls.mp4"
    path.write_bytes(getattr(request, "param", BODY))
    return path


async def send(gateway: Gateway, film: Path, line: Line) -> tuple[str, list[int]]:
    """The upload's id, and how the bytes that went out were told."""
    told: list[int] = []
    with httpx.Client(transport=line) as store:
        sender = Sender(gateway, store, pause=lambda seconds: None)
        return await asyncio.to_thread(sender.send, film, told.append), told


async def test_a_file_is_sent_and_every_byte_is_told(gateway: Gateway, film: Path, blobs: Blobs) -> None:
    line = Line()
    upload_id, told = await send(gateway, film, line)
    upload = await asyncio.to_thread(gateway.upload, upload_id)
    assert (upload["state"], upload["name"]) == ("completed", "falls.mp4")
    assert await blobs.get(upload["key"]) == BODY
    assert sum(told) == len(BODY)
    assert line.begun == 4


async def test_what_was_sent_before_is_not_sent_again(gateway: Gateway, film: Path, blobs: Blobs) -> None:
    with pytest.raises(httpx.ConnectError, match="the line is down"):
        await send(gateway, film, Line(lets_through=2))

    line = Line()
    upload_id, told = await send(gateway, film, line)

    assert line.begun == 2
    assert sum(told) == len(BODY)
    assert await blobs.get(object_key(UUID(upload_id), "falls.mp4")) == BODY


async def test_a_line_that_breaks_now_and_then_does_no_harm(gateway: Gateway, film: Path, blobs: Blobs) -> None:
    @dataclass
    class Shaky(Line):
        def handle_request(self, request: httpx.Request) -> httpx.Response:
            response = super().handle_request(request)
            if self.begun % 2:
                raise httpx.ReadError("the answer is lost")
            return response

    upload_id, told = await send(gateway, film, Shaky())
    assert await blobs.get(object_key(UUID(upload_id), "falls.mp4")) == BODY
    assert sum(told) == len(BODY)
    assert min(told) < 0


@pytest.mark.parametrize("film", [b"small"], indirect=True)
async def test_a_line_that_stays_down_is_given_up(gateway: Gateway, film: Path) -> None:
    line = Line(lets_through=0)
    with pytest.raises(httpx.ConnectError, match="the line is down"):
        await send(gateway, film, line)
    assert line.begun == TRIES


async def test_a_file_that_is_being_written_is_not_sent(gateway: Gateway, film: Path) -> None:
    @dataclass
    class Growing(Line):
        def handle_request(self, request: httpx.Request) -> httpx.Response:
            response = super().handle_request(request)
            with film.open("ab") as file:
                file.write(b"more")
            return response

    with pytest.raises(Invalid, match="changed while it was sent"):
        await send(gateway, film, Growing())
    assert (await asyncio.to_thread(gateway._json, "GET", "/api/uploads"))["uploads"] == []


async def test_a_file_that_shrinks_is_not_sent(gateway: Gateway, film: Path) -> None:
    class Shrinking(Sender):
        def _put(self, *arguments: object) -> str:
            film.write_bytes(b"less")
            return super()._put(*arguments)  # type: ignore[arg-type]

    with httpx.Client() as store, pytest.raises(Invalid, match="changed while it was sent"):
        await asyncio.to_thread(Shrinking(gateway, store).send, film, lambda count: None)


@pytest.mark.parametrize("film", [b""], indirect=True)
async def test_what_the_gateway_refuses_is_told_in_its_words(gateway: Gateway, film: Path) -> None:
    with pytest.raises(Invalid, match="empty"):
        await send(gateway, film, Line())
