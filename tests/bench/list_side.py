"""A peer of the gateway as a process: on granian in this process's own loop, as the gateway is."""

import os
import sys

from granian.constants import Interfaces
from granian.log import LogLevels
from granian.server.embed import Server

from shared.platform import run_async, watch_lifeline
from tests.bench.list_peers import APPS


async def serve(name: str, url: str, port: int) -> None:
    """Until the process that started this one is gone."""
    server = Server(APPS[name](url), address="127.0.0.1", port=port, interface=Interfaces.ASGI, log_level=LogLevels.error)
    watch_lifeline(lambda: os._exit(0))
    await server.serve()


if __name__ == "__main__":
    run_async(serve(sys.argv[1], os.environ["SPILLWAY_DATABASE_URL"], int(sys.argv[2])))
