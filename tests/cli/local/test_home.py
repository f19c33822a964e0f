import stat
from pathlib import Path

import pytest

from cli.local.errors import LocalStackError
from cli.local.home import Home, load_credentials, write_private


@pytest.fixture
def home(tmp_path: Path) -> Home:
    home = Home(tmp_path / "data")
    home.create()
    return home


def _mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_others_may_not_enter(home: Home) -> None:
    assert {_mode(folder) for folder in (home.root, home.logs, home.run)} == {0o700}


def test_credentials_are_made_once_and_kept_private(home: Home) -> None:
    first = load_credentials(home)
    assert load_credentials(home) == first
    assert _mode(home.root / "secrets.json") == 0o600
    assert len({first.postgres_password, first.nats_password, first.s3_secret_key}) == 3


def test_damaged_credentials_are_not_replaced(home: Home) -> None:
    path = home.root / "secrets.json"
    path.write_text('{"postgres_password": ')
    with pytest.raises(LocalStackError, match="damaged"):
        load_credentials(home)
    assert path.read_text() == '{"postgres_password": '


def test_a_private_file_is_replaced_whole(tmp_path: Path) -> None:
    path = tmp_path / "a.json"
    path.write_text("old")
    write_private(path, "new")
    assert path.read_text() == "new"
    assert list(tmp_path.iterdir()) == [path]
