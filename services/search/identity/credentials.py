"""The file with the password and the key that the gateway has made for the first administrator."""

import json
import os
import tempfile
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path

from shared.errors import Conflict


@dataclass(frozen=True)
class Credentials:
    """How somebody signs in and how a program does in his name."""

    name: str
    password: str
    api_key: str

    def __repr__(self) -> str:
        return f"Credentials(name={self.name!r})"

    @property
    def text(self) -> str:
        """As JSON."""
        return json.dumps(asdict(self), indent=2) + "\n"


def write(path: Path, credentials: Credentials) -> None:
    """Write the file, whole or not at all, for its owner's eyes from the first byte; raises Conflict if it cannot be."""
    try:
        descriptor, draft = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")  # with mode 600
    except OSError as error:
        raise _unwritable(path, error) from error
    try:
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            file.write(credentials.text)
            file.flush()
            os.fsync(file.fileno())
        os.replace(draft, path)  # noqa: PTH105 - as the next line, about the folder's entries
        _sync_folder(path.parent)
    except OSError as error:
        with suppress(OSError):
            Path(draft).unlink()
        raise _unwritable(path, error) from error


def _sync_folder(folder: Path) -> None:
    if os.name == "posix":  # elsewhere folders cannot be opened, and need not be
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


def _unwritable(path: Path, error: OSError) -> Conflict:
    reason = error.strerror or str(error)
    return Conflict(f"{path} cannot be written ({reason}); set SPILLWAY_SEARCH_CREDENTIALS_FILE to a file that can.")
