"""The real servers: what they keep through kill -9, and that nothing of them outlives their owner."""

import json
import os
import signal
import socket
import stat
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import boto3
import nats
import psycopg
import pytest
from botocore.config import Config
from nats.aio.client import Client
from pydantic import SecretStr

from cli.local.errors import AlreadyRunning, PortTaken, ServerFailed
from cli.local.home import Home
from cli.local.ports import HOST, configured_or_free
from cli.local.record import running
from cli.local.settings import PROJECT_ROOT, LocalSettings
from cli.local.stack import Stack
from shared.platform import command_line, run_async

pytestmark = pytest.mark.connected

OUTSIDE_NATS = SecretStr("nats://outside")

NAMES = ("postgres", "nats", "s3")

OWNER = """
import sys, time
from pathlib import Path
from cli.local.settings import LocalSettings
from cli.local.stack import Stack
Stack(LocalSettings(data=Path(sys.argv[1]))).start()
print("up", flush=True)
time.sleep(60)
"""


@pytest.fixture(autouse=True, scope="module")
def _only_embedded_servers() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        for name in LocalSettings.model_fields:
            patch.delenv(f"SPILLWAY_{name.upper()}", raising=False)
        yield


@pytest.fixture(scope="module")
def settings(tmp_path_factory: pytest.TempPathFactory) -> LocalSettings:
    return LocalSettings(data=tmp_path_factory.mktemp("stack") / "data", port=18080)


@pytest.fixture(scope="module")
def reports() -> list[str]:
    return []


@pytest.fixture(scope="module")
def stack(settings: LocalSettings, reports: list[str]) -> Iterator[Stack]:
    stack = Stack(settings, reports.append)
    stack.start()
    yield stack
    stack.stop()
    assert running(settings) is None
    assert not _processes_on(settings.data)


@pytest.fixture(scope="module")
def environment(stack: Stack, settings: LocalSettings) -> dict[str, str]:
    found = running(settings)
    assert found is not None
    return dict(found.environment)


def _until(condition: Callable[[], bool], seconds: float = 20.0) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "waited in vain"
        time.sleep(0.05)


def _processes_on(data: Path) -> list[str]:
    pids = [int(entry.name) for entry in Path("/proc").iterdir() if entry.name.isdecimal()]
    return [line for pid in pids if pid != os.getpid() and str(data / "") in (line := command_line(pid))]


def _query(environment: dict[str, str], statement: str) -> list[Any]:
    with psycopg.connect(environment["SPILLWAY_DATABASE_URL"], autocommit=True) as connection:
        cursor = connection.execute(statement.encode())
        return cursor.fetchall() if cursor.description else []


def _bucket(environment: dict[str, str]) -> Any:
    session = boto3.resource(
        "s3",
        endpoint_url=environment["SPILLWAY_S3_ENDPOINT"],
        aws_access_key_id=environment["SPILLWAY_S3_ACCESS_KEY"],
        aws_secret_access_key=environment["SPILLWAY_S3_SECRET_KEY"],
        region_name="us-east-1",
        config=Config(s3={"addressing_style": "path"}),
    )
    return session.Bucket(environment["SPILLWAY_S3_BUCKET"])


def _streams(environment: dict[str, str], *, add: str | None = None) -> dict[str, int]:
    async def ask() -> dict[str, int]:
        client = await nats.connect(environment["SPILLWAY_NATS_URL"])
        stream = client.jetstream()
        if add is not None:
            await stream.add_stream(name=add, subjects=[add])
            await stream.publish(add, b"kept")
        found = {info.config.name: info.state.messages for info in await stream.streams_info()}
        await client.close()
        return {str(name): messages for name, messages in found.items()}

    return run_async(ask())


def test_services_learn_all_they_need(environment: dict[str, str]) -> None:
    assert set(environment) == {
        "SPILLWAY_DATABASE_URL",
        "SPILLWAY_NATS_URL",
        "SPILLWAY_S3_ENDPOINT",
        "SPILLWAY_S3_ACCESS_KEY",
        "SPILLWAY_S3_SECRET_KEY",
        "SPILLWAY_S3_BUCKET",
    }


def test_the_record_names_owner_and_address_and_is_private(stack: Stack, settings: LocalSettings) -> None:
    found = running(settings)
    assert found is not None
    assert (found.pid, found.gateway) == (os.getpid(), "http://127.0.0.1:18080")
    assert stat.S_IMODE(Home(settings.data).record.stat().st_mode) == 0o600


def test_a_second_owner_is_refused_and_told_who_the_first_is(stack: Stack, settings: LocalSettings) -> None:
    with pytest.raises(AlreadyRunning, match=rf"process {os.getpid()}, http://127\.0\.0\.1:18080"):
        Stack(settings).start()
    assert running(settings) is not None


def test_postgres_is_durable_and_demands_its_password(environment: dict[str, str]) -> None:
    assert _query(environment, "SELECT current_setting('fsync'), current_setting('synchronous_commit')") == [("on", "on")]
    assert _query(environment, "SELECT '[1,2]'::halfvec <-> '[1,3]'::halfvec, similarity('abc', 'abd') > 0") == [(1.0, True)]
    address = environment["SPILLWAY_DATABASE_URL"]
    password = address.split(":")[2].split("@")[0]
    with pytest.raises(psycopg.OperationalError, match="password authentication failed"):
        psycopg.connect(address.replace(password, "wrong"))
    assert not any(password in line for line in _processes_on(Path("/")))


def test_nats_demands_its_password(environment: dict[str, str]) -> None:
    async def connect() -> None:
        host = environment["SPILLWAY_NATS_URL"].split("@")[1]
        client = Client()
        try:
            await client.connect(f"nats://spillway:wrong@{host}", allow_reconnect=False, error_cb=_ignore)
        finally:
            await client.close()

    with pytest.raises(nats.errors.Error, match="Authorization Violation"):
        run_async(connect())


async def _ignore(_: Exception) -> None: ...


def test_data_survives_kill_9_of_each_server(stack: Stack, environment: dict[str, str], reports: list[str]) -> None:
    _query(environment, "CREATE TABLE kept (word text)")
    _query(environment, "INSERT INTO kept VALUES ('kept')")
    _streams(environment, add="kept")
    _bucket(environment).put_object(Key="kept", Body=b"kept")
    before = {name: stack.pid(name) for name in NAMES}
    for name in NAMES:
        stack.kill(name)
    for name in NAMES:
        _until(lambda name=name: stack.pid(name) not in {None, before[name]})  # type: ignore[misc]
        stack.wait_ready(name)
    assert _query(environment, "SELECT word FROM kept") == [("kept",)]
    assert _streams(environment)["kept"] == 1
    assert _bucket(environment).Object("kept").get()["Body"].read() == b"kept"
    assert sorted(line.split()[0] for line in reports) == sorted(NAMES)
    assert all("SIGKILL" in line and "starting it again" in line for line in reports)


def test_a_wiped_nats_is_empty_at_the_same_address(stack: Stack, environment: dict[str, str]) -> None:
    _streams(environment, add="lost")
    stack.wipe_nats()
    assert _streams(environment) == {}


def test_a_restarted_server_keeps_address_and_data(stack: Stack, environment: dict[str, str]) -> None:
    _query(environment, "CREATE TABLE restarted (word text)")
    before = stack.pid("postgres")
    stack.restart("postgres")
    assert stack.pid("postgres") not in {None, before}
    assert _query(environment, "SELECT * FROM restarted") == []


@pytest.mark.skipif(sys.platform != "linux", reason="lists processes through /proc")
@pytest.mark.parametrize("victims", ["owner", "owner and guards"])
def test_nothing_outlives_an_owner_killed_with_kill_9(tmp_path: Path, victims: str) -> None:
    data = tmp_path / "data"
    environment = {**os.environ, "PYTHONPATH": str(PROJECT_ROOT)}
    with subprocess.Popen([sys.executable, "-c", OWNER, data], stdout=subprocess.PIPE, env=environment) as owner:
        assert owner.stdout is not None
        assert owner.stdout.readline() == b"up\n"
        started = _processes_on(data)
        assert len(started) >= 2 * len(NAMES)
        guards = [int(pid.read_text()) for pid in (data / "run").glob("*.pid")] if victims != "owner" else []
        for pid in [owner.pid, *map(_parent, guards)]:
            os.kill(pid, signal.SIGKILL)
    _until(lambda: not _processes_on(data))
    assert running(LocalSettings(data=data)) is None


def _parent(pid: int) -> int:
    return int(Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[1])


def test_what_is_outside_is_not_started(tmp_path: Path) -> None:
    settings = LocalSettings(
        data=tmp_path / "data",
        database_url=SecretStr("postgresql://outside/db"),
        nats_url=OUTSIDE_NATS,
        s3_endpoint="http://outside",
    )
    with Stack(settings) as environment:
        assert environment["SPILLWAY_DATABASE_URL"] == "postgresql://outside/db"
        assert environment["SPILLWAY_NATS_URL"] == "nats://outside"
        assert environment["SPILLWAY_S3_ENDPOINT"] == "http://outside"
        assert not _processes_on(settings.data)


def test_a_server_that_cannot_start_is_told_with_the_end_of_its_log(tmp_path: Path) -> None:
    data = tmp_path / "data"
    (data / "postgres").mkdir(parents=True)
    (data / "postgres" / "PG_VERSION").write_text("9.6\n")
    settings = LocalSettings(data=data, nats_url=OUTSIDE_NATS, s3_endpoint="http://outside")
    with pytest.raises(ServerFailed, match=r"(?s)postgres ended while it was starting; see .*\.log.*configuration file"):
        Stack(settings).start()
    assert running(settings) is None
    assert not (data / "run.json").exists()


@pytest.fixture
def only_nats(tmp_path: Path) -> LocalSettings:
    return LocalSettings(
        data=tmp_path / "data", database_url=SecretStr("postgresql://outside/db"), s3_endpoint="http://outside"
    )


def test_a_port_lost_between_choice_and_use_is_replaced(only_nats: LocalSettings, monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.create_server((HOST, 0)) as other:
        lost = [other.getsockname()[1]]
        monkeypatch.setattr(
            "cli.local.nats.configured_or_free",
            lambda port, setting: lost.pop() if lost else configured_or_free(port, setting),
        )
        with Stack(only_nats) as environment:
            assert not lost
            assert _streams(environment) == {}


def test_a_configured_port_in_use_is_told_at_once(only_nats: LocalSettings) -> None:
    with socket.create_server((HOST, 0)) as other:
        settings = only_nats.model_copy(update={"nats_port": other.getsockname()[1]})
        with pytest.raises(PortTaken, match="SPILLWAY_NATS_PORT"):
            Stack(settings).start()


def test_kill_all_leaves_nothing(only_nats: LocalSettings) -> None:
    stack = Stack(only_nats)
    stack.start()
    stack.kill_all()
    _until(lambda: not _processes_on(only_nats.data))
    stack.stop()
    assert running(only_nats) is None


def test_an_interrupted_initialisation_is_begun_anew(tmp_path: Path) -> None:
    data = tmp_path / "data"
    (data / "postgres-new-interrupted" / "cluster").mkdir(parents=True)
    with Stack(LocalSettings(data=data, nats_url=OUTSIDE_NATS, s3_endpoint="http://outside")) as environment:
        assert _query(environment, "SELECT 1") == [(1,)]
    assert not list(data.glob("postgres-new-*"))


def test_a_record_without_its_owner_counts_as_nobody(tmp_path: Path) -> None:
    home = Home(tmp_path)
    home.record.write_text(json.dumps({"pid": 1, "gateway": "http://127.0.0.1:8080", "environment": {}}))
    assert running(LocalSettings(data=tmp_path)) is None
