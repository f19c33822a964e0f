"""The embedded stack: Postgres, NATS and S3 on this machine, for as long as their owner lives."""

import json
import os
import shutil
import sys
import threading
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor, as_completed
from types import TracebackType

from cli.local.errors import AlreadyRunning, LocalStackError, ServerFailed
from cli.local.guarded import READY_WITHIN, GuardedServer
from cli.local.home import Credentials, Home, load_credentials, write_private
from cli.local.keeper import Report
from cli.local.nats import embedded_nats
from cli.local.postgres import embedded_postgres
from cli.local.record import Running, running
from cli.local.s3 import embedded_s3
from cli.local.server import Server
from cli.local.settings import LocalSettings
from shared.platform import FileLock

Describe = Callable[[LocalSettings, Home, Credentials], Server]

_EMBEDDED: Mapping[str, Describe] = {"postgres": embedded_postgres, "nats": embedded_nats, "s3": embedded_s3}

_ATTEMPTS = 3
# Between the choice of a free port and its use another program may take it; and after a kill -9 Postgres waits for the
# last of its old backends to go.


class Stack:
    """Owner of the three servers; `with Stack(settings) as environment:` starts and stops them."""

    def __init__(self, settings: LocalSettings, report: Report = lambda line: print(line, file=sys.stderr)) -> None:
        """`report` receives a line when a server ended and is started again."""
        self._settings = settings
        self._report = report
        self._home = Home(settings.data)
        self._lock = FileLock(self._home.lock)
        self._servers: dict[str, GuardedServer] = {}
        self._stopping = threading.Event()

    def start(self) -> dict[str, str]:
        """Start what is not outside, in parallel, and return the environment for services once all is ready.

        Raises AlreadyRunning when another process holds the data folder, PortTaken when a configured port is in use,
        ServerFailed with the end of its log when a server does not come up.
        """
        self._enter_home()
        self._stopping.clear()
        try:
            self._start_servers()
            environment = self._environment()
            record = Running(os.getpid(), f"http://127.0.0.1:{self._settings.port}", environment)
            write_private(self._home.record, json.dumps(vars(record), indent=2))
        except BaseException:
            self.stop()
            raise
        return environment

    def stop(self) -> None:
        """Stop every server cleanly, then give the data folder free; harmless when nothing runs."""
        self._request_stop()
        for server in self._servers.values():
            server.stop()
        self._servers.clear()
        if self._lock.held:
            self._home.record.unlink(missing_ok=True)
            self._lock.release()

    def kill(self, name: str) -> None:
        """Kill -9 one server ("postgres", "nats", "s3"); it comes back on the same port and data."""
        self._server(name).kill()

    def restart(self, name: str) -> None:
        """Stop one server cleanly and start it again on the same port and data; returns when it is ready."""
        server = self._server(name)
        server.stop()
        server.start()

    def wait_ready(self, name: str, timeout: float = READY_WITHIN) -> None:
        """Wait until one server answers; raises ServerFailed after the limit in seconds."""
        self._server(name).wait_ready(timeout)

    def pid(self, name: str) -> int | None:
        """Process id of the server itself, None while it is down."""
        return self._server(name).pid

    def wipe_nats(self) -> None:
        """Stop NATS, delete all it stored, start it empty on the same port; returns when it is ready."""
        server = self._server("nats")
        server.stop()
        shutil.rmtree(server.server.folder)
        server.server.prepare()
        server.start()

    def kill_all(self) -> None:
        """Kill every server at once, for a second Ctrl-C; data survives as after a power cut."""
        for server in list(self._servers.values()):
            server.kill_for_good()

    def __enter__(self) -> dict[str, str]:
        return self.start()

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.stop()

    def _request_stop(self) -> None:
        self._stopping.set()
        for server in list(self._servers.values()):
            server.request_stop()

    def _server(self, name: str) -> GuardedServer:
        try:
            return self._servers[name]
        except KeyError:
            raise LocalStackError(f"{name} is not run by this stack; it runs {', '.join(self._servers)}.") from None

    def _enter_home(self) -> None:
        try:
            self._home.create()
            self._take_lock()
        except PermissionError as error:
            raise LocalStackError(
                f"{error.filename} belongs to another user; run Spillway as that user, or set SPILLWAY_DATA to another folder."
            ) from error

    def _take_lock(self) -> None:
        # A moment's patience: `running` holds the lock for an instant to see whether it is free.
        if not self._lock.acquire(timeout=0.5):
            raise AlreadyRunning(self._who_runs())
        self._home.lock.write_text(str(os.getpid()))

    def _who_runs(self) -> str:
        owner = running(self._settings)
        advice = "stop it first, or set SPILLWAY_DATA to another folder."
        if owner is not None:
            return f"Spillway already runs on {self._home.root} (process {owner.pid}, {owner.gateway}); {advice}"
        pid = self._home.lock.read_text()
        return f"Spillway is just starting or stopping on {self._home.root} (process {pid}); {advice}"

    def _start_servers(self) -> None:
        credentials = load_credentials(self._home)
        outside = {
            "postgres": self._settings.database_url,
            "nats": self._settings.nats_url,
            "s3": self._settings.s3_endpoint,
        }
        wanted = [name for name, address in outside.items() if address is None]
        with ThreadPoolExecutor(max(len(wanted), 1)) as pool:
            try:
                for start in as_completed([pool.submit(self._start_server, name, credentials) for name in wanted]):
                    start.result()
            except BaseException:
                self._request_stop()  # the others need not become ready first
                raise

    def _start_server(self, name: str, credentials: Credentials) -> None:
        for attempt in range(1, _ATTEMPTS + 1):
            server = _EMBEDDED[name](self._settings, self._home, credentials)
            server.prepare()
            self._servers[name] = GuardedServer(server, self._home, self._report)
            try:
                self._servers[name].start()
            except ServerFailed:
                if attempt == _ATTEMPTS or self._stopping.wait(0.5):
                    raise
            else:
                return

    def _environment(self) -> dict[str, str]:
        outside = {
            "SPILLWAY_DATABASE_URL": self._settings.database_url,
            "SPILLWAY_NATS_URL": self._settings.nats_url,
        }
        environment = {name: value.get_secret_value() for name, value in outside.items() if value is not None}
        environment["SPILLWAY_S3_BUCKET"] = self._settings.s3_bucket
        if self._settings.s3_endpoint is not None:
            environment["SPILLWAY_S3_ENDPOINT"] = self._settings.s3_endpoint
            keys = ("SPILLWAY_S3_ACCESS_KEY", "SPILLWAY_S3_SECRET_KEY")
            environment |= {key: os.environ[key] for key in keys if key in os.environ}
        for server in self._servers.values():
            environment |= server.server.exports
        return environment
