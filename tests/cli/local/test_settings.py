from pathlib import Path

import pytest

from cli.local.settings import PROJECT_ROOT, LocalSettings


@pytest.fixture(autouse=True)
def _bare_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in LocalSettings.model_fields:
        monkeypatch.delenv(f"SPILLWAY_{name.upper()}", raising=False)


def test_data_lies_in_the_project_unless_set(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert LocalSettings().data == PROJECT_ROOT / ".data"


def test_data_that_is_set_counts_from_the_current_directory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("SPILLWAY_DATA", "elsewhere")
    assert LocalSettings().data == tmp_path.resolve() / "elsewhere"


def test_an_empty_variable_is_as_good_as_none(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SPILLWAY_DATABASE_URL", "")
    assert LocalSettings().database_url is None


def test_every_setting_is_described() -> None:
    assert all(field.description for field in LocalSettings.model_fields.values())


def test_passwords_stay_out_of_logs(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SPILLWAY_NATS_URL", "nats://user:hidden@host:4222")
    assert "hidden" not in repr(LocalSettings())
