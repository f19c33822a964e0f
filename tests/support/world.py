"""Every service as its own process, as `./spillway up` runs them, for flow and chaos tests."""

import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from rich.console import Console

from cli.credentials import key_in
from cli.demo.command import MODEL
from cli.gateway import Gateway
from cli.local.home import Home
from cli.local.ports import free_ports
from cli.local.services import service_specs
from cli.local.settings import LocalSettings
from cli.local.stack import Stack
from cli.local.supervisor import Supervisor
from shared.migrate import migrate
from shared.platform import run_async
from shared.settings import PlatformSettings
from tests.support.commands import environment
from tests.support.stack import platform_settings

IMPATIENT = {
    "SPILLWAY_ACK_WAIT": "3",
    "SPILLWAY_SWEEP_INTERVAL": "1",
    "SPILLWAY_SWEEP_GRACE": "4",
    "SPILLWAY_WHISPER_MODEL": str(MODEL),
    "SPILLWAY_WHISPER_CHUNK_LENGTH": "15",
    "SPILLWAY_WHISPER_LANGUAGE": "en",
    "SPILLWAY_LOG_LEVEL": "INFO",
}
"""Short leases and deadlines, so that what is lost is missed within seconds."""


@dataclass(frozen=True)
class World:
    """The servers, the services and the gateway of one test."""

    stack: Stack
    supervisor: Supervisor
    gateway: Gateway
    settings: PlatformSettings
    logs: Path

    def environment(self, data: Path) -> dict[str, str]:
        """The environment of a person who uses this installation as its first administrator."""
        assert self.gateway.key.text is not None
        return environment(data, SPILLWAY_URL=self.gateway.address, SPILLWAY_API_KEY=self.gateway.key.text)

    def finished(self, job_id: str, *, within: float) -> dict[str, Any]:
        """The job once every file of it is settled; raises TimeoutError with what is pending."""
        deadline = time.monotonic() + within
        job: dict[str, Any] = {}
        while time.monotonic() < deadline:
            try:
                job = self.gateway.job(job_id)
            except Exception as error:  # the gateway or its database may be the victim
                job = {"finished": False, "error": repr(error)}
            if job["finished"]:
                return job
            time.sleep(0.25)
        raise TimeoutError(f"still unfinished after {within} s: {job}; logs are in {self.logs}")


@contextmanager
def world(
    folder: Path, *, environment: Mapping[str, str] | None = None, modules: Mapping[str, str] | None = None
) -> Iterator[World]:
    """Servers and services with data in `folder`; `modules` replaces the module that a service is started from."""
    settings = LocalSettings(data=folder, port=free_ports(1)[0])
    stack = Stack(settings, report=lambda line: None)
    with stack as addresses:
        platform = platform_settings(addresses, ack_wait=float(IMPATIENT["SPILLWAY_ACK_WAIT"]))
        run_async(migrate(platform))
        specs = service_specs(settings, {**IMPATIENT, **(environment or {})})
        specs = [
            replace(spec, command=[sys.executable, "-m", *(modules or {}).get(spec.name, f"services.{spec.name}").split()])
            for spec in specs
        ]
        with (folder / "console.log").open("w") as log:
            supervisor = Supervisor(specs, addresses, folder / "logs", Console(file=log))
            with supervisor:
                supervisor.wait_ready(120.0)
                with Gateway(f"http://127.0.0.1:{settings.port}", key_in(Home(folder).credentials)) as gateway:
                    yield World(stack, supervisor, gateway, platform, folder / "logs")
