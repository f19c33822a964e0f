"""The real provider, run for a test session, and set up over HTTP."""

import subprocess
import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from functools import partial
from pathlib import Path

import httpx

from cli.local.ports import free_ports
from cli.local.settings import PROJECT_ROOT
from tests.support.waiting import until_so

CLIENT_ID = "spillway-tests"
CLIENT_SECRET = "kept between the two of us: +%&"
PASSWORD = "in the evening light"
START = 60.0
"""Seconds that the provider is given, on a machine that has other work."""


class RealProvider:
    """django-oauth-toolkit in a process of its own."""

    def __init__(self, port: int) -> None:
        self.origin = f"http://127.0.0.1:{port}"
        self.issuer = f"{self.origin}/o"

    @property
    def environment(self) -> dict[str, str]:
        """The gateway's settings for it."""
        return {
            "SPILLWAY_OIDC_ISSUER": self.issuer,
            "SPILLWAY_OIDC_CLIENT_ID": CLIENT_ID,
            "SPILLWAY_OIDC_CLIENT_SECRET": CLIENT_SECRET,
            "SPILLWAY_OIDC_NAME": "the studio's accounts",
            "SPILLWAY_OIDC_ROLE_GROUPS": '{"admin": ["chiefs"], "editor": ["cutters", "sound"], "viewer": ["staff"]}',
        }

    async def has(self, name: str, *groups: str, display_name: str = "", email: str = "") -> None:
        """Make a person in these groups, or change one."""
        told = {"display_name": display_name, "email": email, "password": PASSWORD, "groups": groups}
        await self._set_up("PUT", f"people/{name}", told)

    async def knows(self, gateway: httpx.URL) -> None:
        """Register a gateway."""
        redirect_uri = str(gateway.join("/api/oidc/callback"))
        told = {"client_id": CLIENT_ID, "client_secret": CLIENT_SECRET, "redirect_uri": redirect_uri}
        await self._set_up("PUT", "client", told)

    async def takes_a_new_key(self) -> None:
        """Sign with another key from now on."""
        await self._set_up("POST", "key", {})

    async def answers(self) -> bool:
        """Whether it listens yet."""
        try:
            async with httpx.AsyncClient(trust_env=False) as client:
                return (await client.get(f"{self.issuer}/.well-known/openid-configuration")).is_success
        except httpx.TransportError:
            return False

    async def _set_up(self, method: str, place: str, told: object) -> None:
        async with httpx.AsyncClient(trust_env=False) as client:
            (await client.request(method, f"{self.origin}/control/{place}", json=told)).raise_for_status()


@asynccontextmanager
async def real_provider(folder: Path) -> AsyncIterator[RealProvider]:
    """A provider that nobody has an account at yet; what it says goes into `log` in the folder."""
    provider = RealProvider(free_ports(1)[0])
    with process_of(provider, folder) as process:
        await until_so(partial(is_up, provider, process, folder / "log"), within=START)
        yield provider


@contextmanager
def process_of(provider: RealProvider, folder: Path) -> Iterator["subprocess.Popen[bytes]"]:
    """Its process, killed at the end of the block."""
    port = str(httpx.URL(provider.origin).port)
    with (folder / "log").open("wb") as output:
        process = subprocess.Popen(
            [sys.executable, "-m", "tests.support.oidc", str(folder), port],
            cwd=PROJECT_ROOT,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
        )
        try:
            yield process
        finally:
            process.kill()
            process.wait()


async def is_up(provider: RealProvider, process: "subprocess.Popen[bytes]", log: Path) -> bool:
    """Whether it listens yet; raises RuntimeError if it is gone."""
    if process.poll() is not None:
        raise RuntimeError(f"The provider has ended; {log} says why.")
    return await provider.answers()
