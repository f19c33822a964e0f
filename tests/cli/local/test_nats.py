import json
import subprocess
from pathlib import Path

from cli.local.nats import configuration_text
from cli.local.programs import in_wheel


def test_configuration_is_private_to_this_machine_and_has_a_password(tmp_path: Path) -> None:
    configuration = json.loads(configuration_text(tmp_path, 4222, 8222, "word"))
    assert configuration["listen"] == "127.0.0.1:4222"
    assert configuration["http"] == "127.0.0.1:8222"
    assert configuration["authorization"] == {"user": "spillway", "password": "word"}
    assert configuration["jetstream"]["store_dir"] == tmp_path.as_posix()


def test_the_server_accepts_the_configuration(tmp_path: Path) -> None:
    path = tmp_path / "nats.json"
    path.write_text(configuration_text(tmp_path / "store", 4222, 8222, "word"))
    check = subprocess.run([in_wheel("nats-server"), "-t", "-c", path], capture_output=True, text=True, check=False)
    assert check.returncode == 0, check.stderr
