import os
from pathlib import Path

import pytest

from cli.local.errors import MissingProgram
from cli.local.postgres import find_programs, initdb_command, server_command, stale_pid_environment, url

DATA = Path("/data/postgres")


def test_server_listens_on_this_machine_only_and_keeps_its_promises() -> None:
    command = server_command(Path("/bin/postgres"), DATA, 5432)
    assert command[:3] == [str(Path("/bin/postgres")), "-D", str(DATA)]
    assert {"listen_addresses=127.0.0.1", "port=5432", "unix_socket_directories="} <= set(command)
    assert not any(part.startswith(("fsync=", "synchronous_commit=", "full_page_writes=")) for part in command)


def test_initdb_demands_a_password_of_everybody() -> None:
    command = initdb_command(Path("/bin/initdb"), DATA, Path("/secret"), system="linux")
    assert {"--auth=scram-sha-256", f"--pwfile={Path('/secret')}", "--encoding=UTF8", "--lc-ctype=C.UTF-8"} <= set(command)


@pytest.mark.parametrize(("system", "locale"), [("linux", "C.UTF-8"), ("darwin", "UTF-8"), ("win32", "en-US")])
def test_letters_are_unicode_on_every_system(system: str, locale: str) -> None:
    assert f"--lc-ctype={locale}" in initdb_command(Path("initdb"), DATA, Path("secret"), system)


def test_url_names_user_password_and_database() -> None:
    assert url(5432, "word") == "postgresql://spillway:word@127.0.0.1:5432/spillway"


def test_the_wheel_holds_the_programs() -> None:
    assert all(program.is_file() for program in find_programs(None).values())


def test_a_folder_without_programs_is_named(tmp_path: Path) -> None:
    with pytest.raises(MissingProgram, match=f"{tmp_path.name}.*SPILLWAY_PG_BIN"):
        find_programs(tmp_path)


def test_a_lock_file_whose_process_is_another_program_is_taken_over(tmp_path: Path) -> None:
    (tmp_path / "postmaster.pid").write_text(f"{os.getpid()}\n{tmp_path}\n")
    assert stale_pid_environment(tmp_path) == {"PG_GRANDPARENT_PID": str(os.getpid())}


@pytest.mark.parametrize("text", ["", "rubbish\n"])
def test_a_lock_file_that_cannot_be_read_is_left_to_postgres(tmp_path: Path, text: str) -> None:
    (tmp_path / "postmaster.pid").write_text(text)
    assert stale_pid_environment(tmp_path) == {}
