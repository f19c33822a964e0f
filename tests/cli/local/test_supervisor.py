"""Real child processes, watched: small ones that behave as services do."""

import io
import os
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import pytest
from rich.console import Console

from cli.local.errors import LocalStackError, NotReady
from cli.local.health import State
from cli.local.ports import free_ports
from cli.local.supervisor import ServiceSpec, Supervisor, service_environment
from shared.platform import command_line, kill

SERVICE = """
import http.server, os, signal, sys, threading
from shared import platform

platform.watch_lifeline(lambda: os._exit(9))

class Ready(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        answer = os.environ.get("ANSWER", "all well").encode()
        self.send_response(503 if "ANSWER" in os.environ else 200)
        self.end_headers()
        self.wfile.write(answer)
    def log_message(self, *_): ...

server = http.server.HTTPServer(("127.0.0.1", int(sys.argv[1])), Ready)
signal.signal(signal.SIGTERM, lambda *_: threading.Thread(target=server.shutdown).start())
print("listening", flush=True)
server.serve_forever()
print("stopped in order", flush=True)
"""

STUBBORN = """
import signal, time
signal.signal(signal.SIGTERM, signal.SIG_IGN)
print("not listening", flush=True)
time.sleep(60)
"""

WORDY = """
import signal, threading
stop = threading.Event()
signal.signal(signal.SIGTERM, lambda *_: stop.set())
print("begins", flush=True)
stop.wait()
print("last words\\n" * 2000, flush=True)
"""


class Stage:
    """Builds supervisors whose output can be read, and stops them."""

    def __init__(self, logs: Path) -> None:
        self.logs = logs
        self.output = io.StringIO()
        self._supervisors: list[Supervisor] = []

    def run(self, specs: Sequence[ServiceSpec], console: Console | None = None) -> Supervisor:
        supervisor = Supervisor(specs, {"FROM_STACK": "yes"}, self.logs, console or Console(file=self.output))
        self._supervisors.append(supervisor)
        supervisor.start()
        return supervisor

    def close(self) -> None:
        for supervisor in self._supervisors:
            supervisor.stop(grace=2)

    def wait_for(self, text: str) -> None:
        until(lambda: text in self.output.getvalue())


@pytest.fixture
def stage(tmp_path: Path) -> Iterator[Stage]:
    stage = Stage(tmp_path / "logs")
    yield stage
    stage.close()


def until(condition: Callable[[], bool], seconds: float = 15.0) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "waited in vain"
        time.sleep(0.02)


def python(name: str, code: str, *arguments: str, env: dict[str, str] | None = None, health: str | None = None) -> ServiceSpec:
    return ServiceSpec(name, [sys.executable, "-c", code, *arguments], env or {}, health)


def service(name: str, **env: str) -> ServiceSpec:
    [port] = free_ports(1)
    return python(name, SERVICE, str(port), env=env, health=f"http://127.0.0.1:{port}/readyz")


def test_services_become_ready_and_stop_in_order(stage: Stage) -> None:
    supervisor = stage.run([service("one"), service("two")])
    supervisor.wait_ready(15)
    assert {health.state for health in supervisor.health().values()} == {State.READY}
    supervisor.stop(grace=10)
    assert "two      | stopped in order" in stage.output.getvalue()
    assert "one      | stopped in order" in stage.output.getvalue()
    assert supervisor.pid("one") is None
    assert {health.state for health in supervisor.health().values()} == {State.STOPPED}


def test_what_a_service_says_last_is_shown_before_it_has_stopped(stage: Stage) -> None:
    supervisor = stage.run([python("wordy", WORDY)])
    stage.wait_for("begins")
    supervisor.stop(grace=10)
    assert stage.output.getvalue().count("last words") == 2000


def test_every_line_is_prefixed_plainly_and_logged_as_it_is(stage: Stage) -> None:
    stage.run([python("talker", "print('one\\ntwo')\nimport time; time.sleep(60)")])
    stage.wait_for("talker   | one\ntalker   | two\n")
    assert (stage.logs / "talker.log").read_text() == "one\ntwo\n"


def test_names_are_coloured_on_a_terminal(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("NO_COLOR", raising=False)
    console = Console(file=stage.output, force_terminal=True, color_system="standard")
    stage.run([python("talker", "print('[bold]one')\nimport time; time.sleep(60)")], console)
    stage.wait_for("\x1b[36mtalker   | \x1b[0m[bold]one\n")


def test_a_killed_service_comes_back(stage: Stage) -> None:
    supervisor = stage.run([service("one")])
    supervisor.wait_ready(15)
    before = supervisor.pid("one")
    supervisor.kill("one")
    until(lambda: supervisor.health()["one"].state is not State.READY)
    supervisor.wait_ready(15)
    assert supervisor.pid("one") not in {None, before}
    assert supervisor.health()["one"].restarts == 1
    assert "one was ended by SIGKILL; starting it again in 1 s" in stage.output.getvalue()


def test_what_a_killed_service_left_in_its_group_is_killed_too(stage: Stage) -> None:
    code = (
        "import subprocess, sys, time\n"
        "child = subprocess.Popen([sys.executable, '-S', '-c', 'import time; time.sleep(60)'])\n"
        "print('child', child.pid, flush=True)\n"
        "time.sleep(60)"
    )
    supervisor = stage.run([python("parent", code)])
    stage.wait_for("child ")
    child = int(stage.output.getvalue().split("child ")[1].split()[0])
    pid = supervisor.pid("parent")
    assert pid is not None
    kill(pid)
    until(lambda: command_line(child) == "")


def test_a_service_that_ends_is_started_again_after_growing_pauses(stage: Stage) -> None:
    stage.run([python("failing", "raise SystemExit(3)")])
    stage.wait_for("failing ended with exit code 3; starting it again in 2 s")
    assert "failing ended with exit code 3; starting it again in 1 s" in stage.output.getvalue()


def test_a_service_that_does_not_stop_is_killed(stage: Stage) -> None:
    supervisor = stage.run([python("stubborn", STUBBORN)])
    stage.wait_for("not listening")
    pid = supervisor.pid("stubborn")
    assert pid is not None
    supervisor.stop(grace=0.3)
    assert "stubborn did not stop in time and was killed" in stage.output.getvalue()
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)


def test_kill_all_ends_everything_for_good(stage: Stage) -> None:
    supervisor = stage.run([python("stubborn", STUBBORN)])
    supervisor.kill_all()
    until(lambda: supervisor.health()["stubborn"].state is State.STOPPED)
    supervisor.stop(grace=1)
    assert "killed" not in stage.output.getvalue()


def test_who_is_not_ready_is_named_with_its_own_reason(stage: Stage) -> None:
    supervisor = stage.run([service("fine"), service("sick", ANSWER="no database")])
    until(lambda: supervisor.health()["fine"].state is State.READY)
    with pytest.raises(NotReady, match="sick is starting") as caught:
        supervisor.wait_ready(1.0)
    assert "no database" in str(caught.value)
    assert "fine" not in str(caught.value)


def test_an_unknown_name_is_told_the_known_ones(stage: Stage) -> None:
    with pytest.raises(LocalStackError, match="no service three; there are one"):
        Supervisor([service("one")], {}, stage.logs, Console()).pid("three")


def test_a_services_environment_overrides_the_stacks_and_offers_a_lifeline() -> None:
    environment = service_environment({"A": "stack", "B": "stack"}, {"B": "own"})
    assert (environment["A"], environment["B"], environment["SPILLWAY_LIFELINE"]) == ("stack", "own", "stdin")
    assert environment["PATH"] == os.environ["PATH"]
