"""Folders and private files under the data folder."""

import json
import os
import secrets
import tempfile
from dataclasses import asdict, dataclass, fields
from pathlib import Path

from cli.local.errors import LocalStackError


@dataclass(frozen=True)
class Home:
    """The data folder, which only its owner may enter."""

    root: Path

    @property
    def logs(self) -> Path:
        return self.root / "logs"

    @property
    def run(self) -> Path:
        """Folder of what matters only while the stack runs: generated configuration, process ids."""
        return self.root / "run"

    @property
    def lock(self) -> Path:
        return self.root / "lock"

    @property
    def record(self) -> Path:
        """File that says who runs the stack, and where."""
        return self.root / "run.json"

    @property
    def credentials(self) -> Path:
        """File in which the gateway writes, at its first start, how its first person signs in, and a key of theirs."""
        return self.root / "credentials.json"

    def create(self) -> None:
        """Make the folders that are missing, closed to other users."""
        for folder in (self.root, self.logs, self.run):
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)

    def log(self, name: str) -> Path:
        return self.logs / f"{name}.log"

    def pid_file(self, name: str) -> Path:
        return self.run / f"{name}.pid"


@dataclass(frozen=True)
class Credentials:
    """Random passwords of this data folder's servers."""

    postgres_password: str
    nats_password: str
    s3_access_key: str
    s3_secret_key: str
    s3_signing_key: str


def load_credentials(home: Home) -> Credentials:
    """Read `secrets.json`, made on first use; raises LocalStackError when it cannot be understood."""
    path = home.root / "secrets.json"
    if not path.exists():
        made = Credentials(**{field.name: secrets.token_hex(20) for field in fields(Credentials)})
        write_private(path, json.dumps(asdict(made), indent=2))
    try:
        return Credentials(**json.loads(path.read_text()))
    except (ValueError, TypeError) as error:
        raise LocalStackError(
            f"{path} is damaged; put it back from a backup, as the data beside it opens with these passwords only."
        ) from error


def write_private(path: Path, text: str) -> None:
    """Write a file that only its owner can read, whole or not at all."""
    descriptor, draft = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    Path(draft).replace(path)
