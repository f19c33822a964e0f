"""The gateway on a port of its own, in the test's own loop."""

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from functools import partial

import httpx
from nats.aio.client import Client

from cli.local.ports import free_ports
from services.search.app import create_app
from services.search.moments.queries import QueryVectors
from services.search.resources import Resources
from services.search.server import serve
from services.search.settings import SearchSettings
from shared.embedder import Embedder
from shared.service import Platform
from tests.support.footage import model
from tests.support.identity import key_of, person
from tests.support.waiting import until_so


@asynccontextmanager
async def served(
    platform: Platform,
    nats: Client,
    find: Callable[[str], Embedder] = lambda _: model,
    given: Mapping[str, object] | None = None,
) -> AsyncIterator[httpx.AsyncClient]:
    """A client of a gateway that runs until the end of the block, with an administrator's key; neither relay nor sweeper does.

    `find` gives embedders by the names of their models, `given` are settings beside the port.
    """
    settings = SearchSettings.model_validate({"port": free_ports(1)[0], **(given or {})})
    resources = Resources(platform, settings, nats, QueryVectors(find, remembered=10))
    app = create_app(resources)
    headers = (await key_of(platform.database, await person(platform.database))).headers
    stop = asyncio.Event()
    serving = asyncio.create_task(serve(app, settings, stop, before_end=nats.close))
    try:
        url = f"http://127.0.0.1:{settings.port}"
        async with httpx.AsyncClient(base_url=url, headers=headers, trust_env=False, timeout=60.0) as client:
            await until_so(partial(answers, client))
            yield client
    finally:
        stop.set()
        await serving
        await resources.recorder.close()
        await resources.known.noted()


async def answers(client: httpx.AsyncClient) -> bool:
    """Whether the gateway listens yet."""
    try:
        return (await client.get("/livez")).is_success
    except httpx.ConnectError:
        return False
