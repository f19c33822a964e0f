"""Which key the command line shows to whom, and what it says of one that is badly kept."""

import json
import os
import re
from pathlib import Path

import pytest

from cli.credentials import NO_KEY, Key, is_same_place, key_elsewhere, key_here, warning
from cli.local.home import Home
from cli.local.services import GATEWAY, service_specs
from cli.local.settings import LocalSettings
from cli.refusals import refusal
from shared.errors import Invalid

HERE = "http://127.0.0.1:8080"
ELSEWHERE = "https://media.example"
FROM_FILE, NAMED = "spw_fromfile_x", "spw_isnamed0_y"


@pytest.fixture
def settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> LocalSettings:
    """An installation whose gateway has written its file; the environment names neither key nor gateway."""
    for name in ("SPILLWAY_API_KEY", "SPILLWAY_URL"):
        monkeypatch.delenv(name, raising=False)
    kept(tmp_path, json.dumps({"name": "admin", "password": "secret", "api_key": FROM_FILE}))
    return LocalSettings(data=tmp_path)


def kept(data: Path, text: str, mode: int = 0o600) -> Path:
    path = Home(data).credentials
    path.write_text(text)
    path.chmod(mode)
    return path


def test_this_machines_gateway_is_shown_the_key_of_its_file(settings: LocalSettings) -> None:
    key = key_here(settings, HERE)
    assert key.headers == {"Authorization": f"Bearer {FROM_FILE}"}
    assert key.source == str(settings.data / "credentials.json")


def test_the_gateway_is_told_to_write_where_the_command_line_reads(settings: LocalSettings) -> None:
    by_name = {spec.name: spec.env for spec in service_specs(settings, {})}
    assert by_name[GATEWAY]["SPILLWAY_SEARCH_CREDENTIALS_FILE"] == str(Home(settings.data).credentials)
    assert not any("SPILLWAY_SEARCH_CREDENTIALS_FILE" in env for name, env in by_name.items() if name != GATEWAY)


def test_a_named_key_goes_first(settings: LocalSettings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SPILLWAY_API_KEY", f" {NAMED}\n")
    assert key_here(settings, HERE) == key_elsewhere() == Key("SPILLWAY_API_KEY", NAMED)


def test_the_files_key_is_not_for_a_gateway_elsewhere(settings: LocalSettings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SPILLWAY_URL", ELSEWHERE)
    assert key_elsewhere() == NO_KEY
    assert NO_KEY.headers == {}


def test_a_key_that_is_named_for_elsewhere_is_not_for_this_machine(
    settings: LocalSettings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SPILLWAY_API_KEY", NAMED)
    monkeypatch.setenv("SPILLWAY_URL", ELSEWHERE)
    assert key_here(settings, HERE).text == FROM_FILE
    monkeypatch.setenv("SPILLWAY_URL", "http://localhost:8080/")
    assert key_here(settings, HERE).text == NAMED


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        (HERE, "http://localhost:8080", True),
        (HERE, "http://[::1]:8080/", True),
        (HERE, "http://127.0.0.1:8081", False),
        (HERE, "https://127.0.0.1:8080", False),
        ("https://media.example", "https://media.example:443", True),
        ("https://media.example", "https://media.example.evil", False),
        ("https://media.example", "https://media.example@evil", False),
    ],
)
def test_a_place_is_scheme_name_and_port(one: str, other: str, same: bool) -> None:
    assert is_same_place(one, other) is same


def test_without_a_file_there_is_no_key(settings: LocalSettings) -> None:
    Home(settings.data).credentials.unlink()
    assert key_here(settings, HERE).headers == {}


@pytest.mark.parametrize("text", ["", "{", "[]", '"spw_"', '{"api_key": 7}', '{"api_key": "a b"}', "\xff"])
def test_a_damaged_file_says_what_to_do(settings: LocalSettings, text: str) -> None:
    kept(settings.data, text)
    with pytest.raises(Invalid, match=r"damaged; `./spillway people recover admin`"):
        key_here(settings, HERE)


@pytest.mark.skipif(os.name == "nt", reason="folders are opened otherwise there")
def test_a_file_that_cannot_be_read_says_so(settings: LocalSettings) -> None:
    path = Home(settings.data).credentials
    path.unlink()
    path.mkdir()
    with pytest.raises(Invalid, match=r"cannot be read \(Is a directory\); run this as the user whose it is"):
        key_here(settings, HERE)


@pytest.mark.parametrize("text", ["spw_a\nb", "schlüssel", "spw a"])
def test_what_no_header_takes_is_no_key_and_is_not_repeated(monkeypatch: pytest.MonkeyPatch, text: str) -> None:
    monkeypatch.setenv("SPILLWAY_API_KEY", text)
    with pytest.raises(Invalid, match="SPILLWAY_API_KEY is no API key") as refused:
        key_elsewhere()
    assert text not in str(refused.value)


def test_a_key_is_not_shown_by_accident() -> None:
    assert NAMED not in repr(Key("SPILLWAY_API_KEY", NAMED))


@pytest.mark.skipif(os.name == "nt", reason="there are no modes there")
@pytest.mark.parametrize("mode", [0o640, 0o604, 0o620, 0o602])
def test_a_file_that_is_open_to_others_is_warned_of(settings: LocalSettings, mode: int) -> None:
    assert warning(key_here(settings, HERE), HERE) is None
    path = kept(settings.data, json.dumps({"api_key": FROM_FILE}), mode)
    assert f"chmod 600 {path}" in (warning(key_here(settings, HERE), HERE) or "")


@pytest.mark.parametrize(
    ("address", "warned"),
    [("http://media.example", True), ("https://media.example", False), (HERE, False), ("http://localhost:1", False)],
)
def test_a_key_that_others_could_hear_is_warned_of(address: str, warned: bool) -> None:
    assert ("unencrypted" in (warning(Key("SPILLWAY_API_KEY", NAMED), address) or "")) is warned
    assert warning(NO_KEY, address) is None


@pytest.mark.parametrize(
    ("status", "key", "words"),
    [
        (401, NO_KEY, f"{ELSEWHERE} wants to know who asks: set SPILLWAY_API_KEY"),
        (401, Key("/data/credentials.json"), "no key in /data/credentials.json; `./spillway people recover admin`"),
        (401, Key("/data/credentials.json", FROM_FILE), "key of /data/credentials.json.*`./spillway people recover admin`"),
        (401, Key("SPILLWAY_API_KEY", NAMED), "key of SPILLWAY_API_KEY.*set it to another"),
        (403, Key("SPILLWAY_API_KEY", NAMED), "^It takes an editor. `./spillway whoami`"),
        (404, NO_KEY, "^It takes an editor.$"),
    ],
)
def test_a_refusal_says_what_to_do(status: int, key: Key, words: str) -> None:
    said = refusal(status, "It takes an editor.", key, ELSEWHERE)
    assert re.search(words, said)
    assert key.text is None or key.text not in said
