"""One process per service: started, watched, restarted, and stopped together."""

import contextlib
import os
import subprocess
import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Self

import httpx
from rich.console import Console
from rich.text import Text

from cli.local.errors import LocalStackError, NotReady
from cli.local.health import Answer, ServiceHealth, State, ask, judge
from cli.local.keeper import Keeper
from cli.local.logs import open_log
from cli.local.settings import PROJECT_ROOT
from shared import platform

COLOURS = ("cyan", "magenta", "green", "yellow", "blue", "bright_red", "bright_cyan", "bright_magenta")

_POLL_WHILE_STARTING, _POLL = 0.2, 1.0
LAST_WORDS = 2.0
"""Seconds at a stop for what a service said last; something that it started may hold its output open for longer."""


@dataclass(frozen=True)
class ServiceSpec:
    """What to run: a unique name, its command line, extra environment, and the address of its /readyz."""

    name: str
    command: Sequence[str]
    env: Mapping[str, str] = field(default_factory=dict)
    health_url: str | None = None


class Supervisor:
    """Runs services; also a context manager that starts them and stops them."""

    def __init__(self, specs: Sequence[ServiceSpec], env: Mapping[str, str], logs_dir: Path, console: Console) -> None:
        """`env` is what every service has beside this process's own environment, such as the stack's addresses."""
        self._specs = {spec.name: spec for spec in specs}
        self._env = env
        self._logs_dir = logs_dir
        self._console = console
        self._keepers = {spec.name: self._keeper(spec) for spec in specs}
        self._answers: dict[str, Answer] = {}
        self._stopping = threading.Event()
        self._poller: threading.Thread | None = None
        self._relays: dict[str, threading.Thread] = {}

    def start(self) -> None:
        """Start every service; returns at once."""
        self._stopping.clear()
        for keeper in self._keepers.values():
            keeper.start()
        self._poller = threading.Thread(target=self._poll, name="health", daemon=True)
        self._poller.start()

    def wait_ready(self, timeout: float = 60.0) -> None:
        """Wait until every service is ready; raises NotReady naming those that are not after so many seconds."""
        deadline = time.monotonic() + timeout
        while missing := {name: health for name, health in self.health().items() if health.state is not State.READY}:
            if time.monotonic() >= deadline:
                listed = "; ".join(f"{name} is {health.state} ({health.detail})" for name, health in missing.items())
                raise NotReady(f"Not every service became ready: {listed}. Their logs are in {self._logs_dir}.")
            time.sleep(0.05)

    def stop(self, grace: float = 25.0) -> None:
        """Ask every service to stop, wait up to `grace` seconds for all together, then kill what is left.

        What they said last is shown before this returns.
        """
        self._stopping.set()
        deadline = time.monotonic() + grace
        for keeper in self._keepers.values():
            keeper.request_stop()
        for keeper in self._keepers.values():
            keeper.join(deadline - time.monotonic())
        if self._poller is not None:
            self._poller.join()
            self._poller = None
        for relay in self._relays.values():
            relay.join(LAST_WORDS)

    def kill(self, name: str) -> None:
        """Kill -9 one service and its children; it is started again after the first pause (1 s)."""
        self._keeper_of(name).kill()

    def kill_all(self) -> None:
        """Kill everything at once, for a second Ctrl-C."""
        for keeper in self._keepers.values():
            keeper.kill_for_good()

    def pid(self, name: str) -> int | None:
        """Process id of a service, None while it is down."""
        return self._keeper_of(name).pid

    def health(self) -> dict[str, ServiceHealth]:
        """State of every service by name, as of the last poll (once a second)."""
        return {
            name: judge(
                self._answers.get(name),
                alive=keeper.pid is not None,
                stopping=keeper.stopping,
                has_address=self._specs[name].health_url is not None,
                restarts=keeper.restarts,
            )
            for name, keeper in self._keepers.items()
        }

    def __enter__(self) -> Self:
        try:
            self.start()
        except BaseException:
            self.stop()
            raise
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.stop()

    def _keeper_of(self, name: str) -> Keeper:
        try:
            return self._keepers[name]
        except KeyError:
            raise LocalStackError(f"There is no service {name}; there are {', '.join(self._keepers)}.") from None

    def _keeper(self, spec: ServiceSpec) -> Keeper:
        return Keeper(
            spec.name,
            launch=lambda: self._launch(spec),
            ask_to_stop=lambda process: platform.terminate(process.pid),
            report=lambda line: self._show("spillway", "bold", line),
        )

    def _launch(self, spec: ServiceSpec) -> subprocess.Popen[bytes]:
        process = platform.start_group(
            spec.command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            env=service_environment(self._env, spec.env),
        )
        relay = threading.Thread(target=self._relay, args=(spec.name, process), name=f"log-{spec.name}", daemon=True)
        relay.start()
        self._relays[spec.name] = relay
        return process

    def _relay(self, name: str, process: subprocess.Popen[bytes]) -> None:
        assert process.stdout is not None
        colour = COLOURS[list(self._specs).index(name) % len(COLOURS)]
        with process.stdout as output, open_log(self._logs_dir / f"{name}.log") as log:
            for line in output:
                log.write(line)
                self._show(name, colour, line.decode(errors="replace").rstrip("\r\n"))

    def _show(self, name: str, style: str, line: str) -> None:
        width = max(len("spillway"), *map(len, self._specs), 0)
        text = Text.assemble((f"{name:<{width}} | ", style), Text.from_ansi(line))
        # Whoever read our output may have gone; the service and its log file go on.
        with contextlib.suppress(OSError, SystemExit):
            self._console.print(text, soft_wrap=True, highlight=False)

    def _poll(self) -> None:
        with httpx.Client(timeout=2.0, trust_env=False) as client:
            while not self._stopping.is_set():
                for name, spec in self._specs.items():
                    if spec.health_url is not None:
                        restarts = self._keepers[name].restarts
                        self._answers[name] = ask(client, spec.health_url, self._answers.get(name), restarts)
                all_ready = all(health.state is State.READY for health in self.health().values())
                self._stopping.wait(_POLL if all_ready else _POLL_WHILE_STARTING)


def service_environment(stack: Mapping[str, str], own: Mapping[str, str]) -> dict[str, str]:
    """Build a service's whole environment: ours, the stack's addresses, its own, and how to notice that we are gone."""
    return {
        **os.environ,
        **stack,
        **own,
        platform.LIFELINE_VARIABLE: "stdin",
        "PYTHONPATH": str(PROJECT_ROOT),
        "PYTHONSAFEPATH": "1",
        "PYTHONUNBUFFERED": "1",
    }
