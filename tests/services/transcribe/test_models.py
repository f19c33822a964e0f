"""Where a speech model may be, and what people are told if it is not there."""

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from cli.demo.command import MODEL
from services.transcribe import models
from services.transcribe.models import ModelMissing, Models, folder_of
from shared.errors import Permanent

FIND = """
import sys, time
from services.transcribe.models import ModelMissing, Models
finder = Models()
for _ in range(2):
    began = time.monotonic()
    try:
        print(finder.find(sys.argv[1]))
    except ModelMissing as error:
        print(round(time.monotonic() - began, 2), error)
"""

NOT_FETCHED = (
    'The speech model "small" is not on this machine and could not be fetched. Connect to the internet once and try the file '
    "again, or set SPILLWAY_WHISPER_MODEL to a folder that holds a model."
)


def test_a_folder_is_taken_as_it_is() -> None:
    assert folder_of(str(MODEL)) == str(MODEL)


def test_a_folder_without_a_model_says_what_is_missing(tmp_path: Path) -> None:
    (tmp_path / "model.bin").touch()
    with pytest.raises(ModelMissing, match=r"holds no speech model: config\.json, tokenizer\.json is missing"):
        folder_of(str(tmp_path))
    with pytest.raises(ModelMissing, match="holds no speech model"):
        folder_of(str(tmp_path / "nowhere"))


def test_an_unknown_name_says_which_there_are() -> None:
    with pytest.raises(ModelMissing, match=r'There is no speech model "enormous".*small, .*large-v3'):
        folder_of("enormous")


def test_a_name_that_can_be_none_is_refused() -> None:
    with pytest.raises(ModelMissing, match='"no/such name" is no name of a speech model'):
        folder_of("no/such name")


@pytest.fixture
def silent_server() -> Iterator[str]:
    """A server that takes connections and never answers."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield f"http://127.0.0.1:{server.getsockname()[1]}"


def found(endpoint: str, cache: Path) -> list[str]:
    """What two looks for `small` come to, with the hub at `endpoint`, each with its seconds."""
    environment = {
        **os.environ,
        "HF_ENDPOINT": endpoint,
        "HF_HOME": str(cache),
        "NO_PROXY": "127.0.0.1",
        "no_proxy": "127.0.0.1",
    }
    ran = subprocess.run([sys.executable, "-c", FIND, "small"], env=environment, capture_output=True, text=True, check=True)
    return ran.stdout.splitlines()


def test_without_a_network_it_fails_at_once(tmp_path: Path) -> None:
    [first, second] = found("http://127.0.0.1:9", tmp_path)
    assert first.partition(" ")[2] == second.partition(" ")[2] == NOT_FETCHED
    assert float(first.partition(" ")[0]) < 5


def test_a_network_that_swallows_packets_is_given_up_and_not_asked_again(tmp_path: Path, silent_server: str) -> None:
    [first, second] = found(silent_server, tmp_path)
    assert first.partition(" ")[2] == second.partition(" ")[2] == NOT_FETCHED
    assert models.PROBE <= float(first.partition(" ")[0]) < 2 * models.PROBE
    assert float(second.partition(" ")[0]) < 0.5


def test_a_failure_is_remembered_for_a_while(monkeypatch: pytest.MonkeyPatch) -> None:
    asked = list[str]()

    def missing(model: str) -> str:
        asked.append(model)
        raise ModelMissing("gone")

    now = 100.0
    monkeypatch.setattr(models, "folder_of", missing)
    monkeypatch.setattr(time, "monotonic", lambda: now)
    finder = Models()
    for _ in range(3):
        with pytest.raises(Permanent, match="gone"):
            finder.find("small")
    assert asked == ["small"]
    now += models.MEMORY + 1
    monkeypatch.setattr(models, "folder_of", lambda model: "/there")
    assert finder.find("small") == "/there"
