"""What the gateway, which takes uploads, and the ingest service, which looks at them, have to agree on."""

import unicodedata
from enum import StrEnum
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field
from pydantic_settings import BaseSettings, SettingsConfigDict

JOB_KIND = "upload"
"""Kind of the job that every upload is."""
PREFIX = "uploads/"
"""Begins the key of every upload's object, and the path of every file that came as one."""
LONGEST_NAME = 200
"""Bytes of UTF-8: file systems take 255, and a name that is taken is given a number."""

NOT_IN_NAMES = frozenset('<>:"|?*')
"""What Windows refuses in names, beside slashes and control characters."""
DEVICES = frozenset({"con", "prn", "aux", "nul", *(f"{port}{number}" for port in ("com", "lpt") for number in range(1, 10))})
"""Names that Windows takes for devices, whatever their suffix."""
INVISIBLE = frozenset({"Cc", "Cf", "Cs", "Zl", "Zp"})
"""Unicode categories of what cannot be seen or turns the text around: control, format, surrogate, separator of lines."""


class UploadState(StrEnum):
    """How far an upload is. `completed`: all bytes are there, to be looked at; those after it are final but for `failed`."""

    OPEN = "open"
    COMPLETED = "completed"
    STORED = "stored"
    DUPLICATE = "duplicate"
    REJECTED = "rejected"
    FAILED = "failed"
    ABORTED = "aborted"
    EXPIRED = "expired"


class UploadRequest(BaseModel):
    """The request of a job of kind `upload`; `content_type` is what the sender takes it for, and decides nothing."""

    model_config = ConfigDict(frozen=True)

    path: str = Field(description="The name, where jobs tell what they are about.")
    name: str
    size: int | None = Field(description="Bytes; null for a stream that did not say.")
    content_type: str | None = None
    last_modified: int | None = Field(None, description="Milliseconds since 1970.")


class UploadSettings(BaseSettings):
    """Read from the environment, `SPILLWAY_UPLOAD_` before each name."""

    model_config = SettingsConfigDict(env_prefix="SPILLWAY_UPLOAD_", frozen=True, extra="ignore", env_ignore_empty=True)

    lifetime: float = Field(
        24 * 3600.0, ge=60, description="Seconds without a sign of life after which an unfinished upload is removed."
    )
    link_lifetime: int = Field(3600, ge=1, le=7 * 24 * 3600, description="Seconds that the link for a part works.")
    streams: int = Field(
        4, ge=1, description="Uploads by PUT that a gateway takes at a time, up to three parts in memory each."
    )
    patience: float = Field(60.0, gt=0, description="Seconds without a byte after which an upload by PUT is given up.")
    cleaning_interval: float = Field(3600.0, gt=0, description="Seconds between two looks for what uploads left behind.")


def object_key(upload_id: UUID, name: str) -> str:
    """Where the bytes of an upload lie."""
    return f"{PREFIX}{upload_id}/{name}"


def safe_name(given: str) -> str:
    """What a file may be called: the last part of what was given, in NFC, without what file systems refuse; may be empty."""
    base = unicodedata.normalize("NFC", given).replace("\\", "/").rpartition("/")[2]
    visible = "".join(sign for sign in base if unicodedata.category(sign) not in INVISIBLE)
    plain = "".join("_" if sign in NOT_IN_NAMES else sign for sign in visible).strip().rstrip(". ")
    return _shortened(f"_{plain}" if plain.partition(".")[0].rstrip().casefold() in DEVICES else plain)


def numbered(name: str, number: int) -> str:
    """The name for the `number`-th file that is called so: `falls (2).mp4`."""
    if number == 1:
        return name
    stem, suffix = split(name)
    return f"{stem} ({number}){suffix}"


def split(name: str) -> tuple[str, str]:
    """A name's stem, never empty, and its suffix with the dot."""
    stem, dot, suffix = name.rpartition(".")
    return (stem, dot + suffix) if stem else (name, "")


def _shortened(name: str) -> str:
    if len(name.encode()) <= LONGEST_NAME:
        return name
    stem, suffix = split(name)
    room = LONGEST_NAME - len(suffix.encode())
    if room < 1:
        stem, suffix, room = name, "", LONGEST_NAME
    return stem.encode()[:room].decode("utf-8", "ignore").rstrip(". ") + suffix
