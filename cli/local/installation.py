"""Spillway whole on this machine: the embedded stack, brought up to date, and every service under the supervisor."""

import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass

from rich.console import Console

from cli.local.errors import PortTaken
from cli.local.ports import free_ports, is_free
from cli.local.record import running
from cli.local.services import service_specs
from cli.local.settings import LocalSettings
from cli.local.signals import stop_on_signals
from cli.local.stack import Stack
from cli.local.supervisor import Supervisor
from shared.migrate import migrate
from shared.observability import configure_logs
from shared.platform import run_async
from shared.settings import PlatformSettings

READY_WITHIN = 120.0
"""Seconds for every service to answer: a cold start on a busy laptop, imports and all."""

Report = Callable[[str], None]


@dataclass(frozen=True)
class Installation:
    """What runs: the servers, the services, and the gateway's address."""

    stack: Stack
    supervisor: Supervisor
    environment: Mapping[str, str]
    address: str


@contextmanager
def installed(
    settings: LocalSettings, log: Console, *, overrides: Mapping[str, str] | None = None, report: Report | None = None
) -> Iterator[Installation]:
    """Run everything for as long as the block lasts; a stop signal ends the block in order, a second one at once.

    `log` takes the services' output, `report` a word on each step.
    """
    tell = report or (lambda step: None)
    configure_logs(level="WARNING", style="console")  # ours, on stderr: stdout belongs to answers
    if running(settings) is None:  # else the stack says best who is there
        settings = settings.model_copy(update={"port": gateway_port(settings)})
    stack = Stack(settings, report=lambda line: log.print(line, markup=False))
    supervisors: list[Supervisor] = []

    def kill_all() -> None:
        for supervisor in supervisors:
            supervisor.kill_all()
        stack.kill_all()

    with stop_on_signals(kill_all):
        tell("starting Postgres, NATS and S3")
        with stack as environment:
            tell("bringing tables, streams and bucket up to date")
            run_async(migrate(platform_settings(environment, settings.port)))
            tell("starting the services")
            specs = service_specs(settings, overrides or {})
            supervisor = Supervisor(specs, environment, settings.data / "logs", log)
            supervisors.append(supervisor)
            with supervisor:
                supervisor.wait_ready(READY_WITHIN)
                yield Installation(stack, supervisor, environment, f"http://127.0.0.1:{settings.port}")


def platform_settings(environment: Mapping[str, str], port: int) -> PlatformSettings:
    """The settings that services will have: this process's environment, with the stack's addresses over it.

    Unless it says otherwise, pages come from the gateway's own port.
    """
    pages = {"SPILLWAY_S3_BROWSER_ORIGINS": " ".join(f"http://{name}:{port}" for name in ("127.0.0.1", "localhost"))}
    merged = {**pages, **os.environ, **environment}
    prefix = "SPILLWAY_"
    values = {name.removeprefix(prefix).lower(): value for name, value in merged.items() if name.startswith(prefix) and value}
    known = {name: value for name, value in values.items() if name in PlatformSettings.model_fields}
    return PlatformSettings.model_validate(known)


def gateway_port(settings: LocalSettings) -> int:
    """The configured port, or, if nobody chose it and it is in use, a free one."""
    if is_free(settings.port):
        return settings.port
    if "port" in settings.model_fields_set:
        raise PortTaken(settings.port, "SPILLWAY_PORT")
    return free_ports(1)[0]
