"""What is done about a server that outlived both its owner and its guard."""

import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from cli.local.guarded import clear_orphan, guard_command
from cli.local.home import Home
from cli.local.server import RunAs, Server
from shared import platform


@pytest.fixture
def home(tmp_path: Path) -> Home:
    home = Home(tmp_path / "data")
    home.create()
    return home


@pytest.fixture
def server(home: Home) -> Server:
    return Server(
        name="sleeper",
        command=(sys.executable, "-S", "-c", "import time; time.sleep(60)", str(home.root / "store")),
        stop_signal="SIGINT",
        prepare=lambda: None,
        probe=lambda: None,
        exports={},
        folder=home.root,
        run_as=RunAs(user=65534, group=65534),
    )


@pytest.fixture
def orphan(server: Server, home: Home) -> Iterator[subprocess.Popen[bytes]]:
    process = platform.start_group(server.command)
    while sys.platform != "win32" and not platform.command_line(
        process.pid
    ):  # empty for an instant while the program is loaded
        time.sleep(0.01)
    home.pid_file(server.name).write_text(str(process.pid))
    yield process
    platform.kill(process.pid)
    process.wait(10)


@pytest.mark.skipif(sys.platform == "win32", reason="Windows does not tell what an unrelated process was started with")
def test_an_orphan_on_this_data_is_stopped(server: Server, home: Home, orphan: subprocess.Popen[bytes]) -> None:
    clear_orphan(server, home)
    assert orphan.wait(10) != 0
    assert not home.pid_file(server.name).exists()


def test_a_process_that_merely_has_the_number_is_left_alone(
    server: Server, orphan: subprocess.Popen[bytes], tmp_path: Path
) -> None:
    other = Home(tmp_path / "other")
    other.create()
    other.pid_file(server.name).write_text(str(orphan.pid))
    clear_orphan(server, other)
    assert orphan.poll() is None


def test_the_guard_is_told_whom_to_become_and_how_to_stop(server: Server, home: Home) -> None:
    command = guard_command(server, home)
    end = command.index("--")
    options, rest = command[:end], command[end + 1 :]
    assert tuple(rest) == server.command
    assert options[options.index("--user") + 1] == "65534"
    assert options[options.index("--signal") + 1] == "SIGINT"
