import json
from pathlib import Path

from cli.local.s3 import identities_text, server_command, signing_keys


def test_server_binds_every_port_to_this_machine_and_reports_nothing_home() -> None:
    command = server_command(Path("weed"), Path("/data/s3"), Path("/run/s3.json"), 8333, [9333, 9340, 8888, 23646])
    assert {"-ip=127.0.0.1", "-ip.bind=127.0.0.1", "-master.telemetry=false", "-webdav=false"} <= set(command)
    assert {"-s3.port=8333", "-master.port=9333", "-volume.port=9340", "-filer.port=8888", "-admin.port=23646"} <= set(command)


def test_no_secret_is_on_the_command_line() -> None:
    [user] = json.loads(identities_text("key", "secret"))["identities"]
    assert user["credentials"] == [{"accessKey": "key", "secretKey": "secret"}]
    assert "Admin" in user["actions"]


def test_every_inner_server_asks_for_a_token() -> None:
    assert set(signing_keys("k")) == {
        "WEED_JWT_SIGNING_KEY",
        "WEED_JWT_SIGNING_READ_KEY",
        "WEED_JWT_FILER_SIGNING_KEY",
        "WEED_JWT_FILER_SIGNING_READ_KEY",
    }
