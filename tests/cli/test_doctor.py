"""The doctor looks at everything, and says in words what is wrong."""

import contextlib
import os
import socket
from pathlib import Path

import pytest

from cli.local.ports import free_ports
from tests.support.commands import environment, spillway


def findings(text: str) -> dict[str, str]:
    lines = [line for line in text.splitlines() if ": " in line]
    return {line[2:].partition(": ")[0]: line for line in lines}


def test_a_healthy_machine_is_ready(tmp_path: Path) -> None:
    ran = spillway(
        "doctor", env=environment(tmp_path, SPILLWAY_WHISPER_MODEL=str(tmp_path), SPILLWAY_PORT=str(free_ports(1)[0]))
    )
    assert ran.returncode == 0, ran.stdout
    found = findings(ran.stdout)
    assert set(found) >= {"Python", "Data folder", "Servers", "User", "Outside servers", "ffmpeg", "Speech model", "Gateway"}
    assert "PostgreSQL" in found["Servers"]
    assert "nats-server" in found["Servers"]
    assert all(line.startswith("✓") for line in found.values() if not line.startswith("Ready")), ran.stdout


def test_how_the_command_line_shows_who_it_is_is_looked_at(tmp_path: Path) -> None:
    env = environment(tmp_path, SPILLWAY_WHISPER_MODEL=str(tmp_path), SPILLWAY_PORT=str(free_ports(1)[0]))
    path = tmp_path / "credentials.json"
    path.write_text('{"api_key": "spw_a"}')
    path.chmod(0o600)
    assert findings(spillway("doctor", env=env).stdout)["Credentials"].startswith(f"✓ Credentials: A key in {path}")
    path.chmod(0o644)
    if os.name == "posix":
        open_to_others = findings(spillway("doctor", env=env).stdout)["Credentials"]
        assert open_to_others.startswith("! Credentials: Others can read")
        assert open_to_others.endswith(f"run: chmod 600 {path}.")
    path.write_text("{")
    damaged = spillway("doctor", env=env)
    assert damaged.returncode == 1
    assert "is damaged" in findings(damaged.stdout)["Credentials"]


def test_servers_elsewhere_that_do_not_answer_are_named_with_their_setting(tmp_path: Path) -> None:
    env = environment(
        tmp_path,
        SPILLWAY_DATABASE_URL="postgresql://nobody:secret@127.0.0.1:1/none?connect_timeout=1",
        SPILLWAY_S3_ENDPOINT="http://127.0.0.1:1",
    )
    ran = spillway("doctor", env=env)
    assert ran.returncode == 1
    line = findings(ran.stdout)["Outside servers"]
    assert line.startswith("✗")
    assert "SPILLWAY_DATABASE_URL" in line
    assert "SPILLWAY_S3_ENDPOINT" in line
    assert "secret" not in ran.stdout


def test_an_unknown_speech_model_is_a_fault_and_a_missing_one_a_note(tmp_path: Path) -> None:
    unknown = spillway("doctor", env=environment(tmp_path, SPILLWAY_WHISPER_MODEL="smal"))
    assert unknown.returncode == 1
    assert "✗ Speech model" in unknown.stdout
    missing = spillway("doctor", env=environment(tmp_path, SPILLWAY_WHISPER_MODEL="small", HF_HOME=str(tmp_path)))
    assert missing.returncode == 0
    assert "! Speech model" in missing.stdout


def test_an_analyst_on_bedrock_needs_credentials(tmp_path: Path) -> None:
    nobody = {"AWS_EC2_METADATA_DISABLED": "true", "AWS_CONFIG_FILE": os.devnull, "AWS_SHARED_CREDENTIALS_FILE": os.devnull}
    without = environment(tmp_path, SPILLWAY_WHISPER_MODEL=str(tmp_path), **nobody)
    assert findings(spillway("doctor", env=without).stdout)["Bedrock"].startswith("✓ Bedrock: Not set up")
    ran = spillway("doctor", env={**without, "SPILLWAY_ANALYST": "bedrock"})
    assert ran.returncode == 1
    assert "AWS_ACCESS_KEY_ID" in findings(ran.stdout)["AWS credentials"]


@pytest.mark.parametrize("configured", [True, False])
def test_a_port_in_use_is_a_fault_only_if_it_was_chosen(tmp_path: Path, configured: bool) -> None:
    with socket.socket() as taken:
        with contextlib.suppress(OSError):  # 8080 may be in use already, which serves as well
            taken.bind(("127.0.0.1", 0 if configured else 8080))
            taken.listen()
        settings = {"SPILLWAY_PORT": str(taken.getsockname()[1])} if configured else {}
        ran = spillway("doctor", env=environment(tmp_path, **settings))
    assert ran.returncode == int(configured)
    assert "in use" in findings(ran.stdout)["Gateway"]
