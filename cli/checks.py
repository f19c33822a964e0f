"""The doctor's checks: each looks at one thing and answers in a sentence."""

import os
import platform
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from pydantic import ValidationError

from cli.local.errors import LocalStackError
from cli.local.ports import is_free
from cli.local.postgres import find_programs
from cli.local.privileges import identity_for
from cli.local.programs import in_wheel
from cli.local.record import running
from cli.local.settings import LocalSettings
from shared import bus
from shared.blobs import Blobs
from shared.database import Database
from shared.errors import SpillwayError
from shared.platform import run_async
from shared.settings import PlatformSettings

ROOM = 5_000_000_000
"""Bytes of disk below which a library of any size does not fit."""


class State(StrEnum):
    """How good a finding is; only `bad` keeps Spillway from working."""

    GOOD = "good"
    NOTE = "note"
    BAD = "bad"


@dataclass(frozen=True)
class Finding:
    """What one check found."""

    name: str
    state: State
    sentence: str


def python() -> Finding:
    """The interpreter and the system."""
    return Finding("Python", State.GOOD, f"{platform.python_version()} on {platform.system()} {platform.machine()}.")


def data_folder() -> Finding:
    """Whether the data folder can be written, and how much room there is."""
    data = LocalSettings().data
    existing = next(path for path in (data, *data.parents) if path.exists())
    if not os.access(existing, os.W_OK):
        return Finding("Data folder", State.BAD, f"{existing} cannot be written; set SPILLWAY_DATA to a folder that can.")
    free = shutil.disk_usage(existing).free
    room = f"{data}, {free / 1e9:.0f} GB free"
    if free < ROOM:
        advice = "proxies of a larger library will not fit; free some, or set SPILLWAY_DATA"
        return Finding("Data folder", State.NOTE, f"{room}: {advice}.")
    return Finding("Data folder", State.GOOD, f"{room}.")


def servers() -> Finding:
    """Whether the embedded servers' programs are there and start."""
    settings = LocalSettings()
    try:
        postgres = settings.database_url or version_of(find_programs(settings.pg_bin)["postgres"], "--version")
        nats = settings.nats_url or version_of(in_wheel("nats-server"), "--version")
        s3 = settings.s3_endpoint or version_of(in_wheel("weed"), "version")
    except (LocalStackError, OSError, subprocess.SubprocessError) as error:
        return Finding("Servers", State.BAD, f"{error} Delete .venv and run ./spillway again if it does not help.")
    named = [name if isinstance(name, str) else "one elsewhere" for name in (postgres, nats, s3)]
    return Finding("Servers", State.GOOD, f"Postgres: {named[0]}; NATS: {named[1]}; S3: {named[2]}.")


def root() -> Finding:
    """Whether Postgres can run as this user."""
    settings = LocalSettings()
    if settings.database_url is not None or sys.platform == "win32" or os.geteuid() != 0:
        return Finding("User", State.GOOD, "An ordinary user, which Postgres wants.")
    try:
        identity = identity_for(find_programs(settings.pg_bin)["postgres"], settings.data, settings.data / "postgres")
    except (LocalStackError, OSError) as error:
        return Finding("User", State.BAD, str(error))
    how = "in a user namespace" if identity.prefix else "as the user nobody"
    return Finding("User", State.GOOD, f"root; Postgres, which refuses root, runs {how}.")


def ffmpeg() -> Finding:
    """Whether ffmpeg runs, and with which encoders."""
    import imageio_ffmpeg  # noqa: PLC0415 - only the doctor needs it here

    try:
        program = Path(imageio_ffmpeg.get_ffmpeg_exe())
        encoders = output_of(program, "-hide_banner", "-encoders")
    except (RuntimeError, OSError, subprocess.SubprocessError) as error:
        return Finding("ffmpeg", State.BAD, f"It does not run: {error}. Delete .venv and run ./spillway again.")
    missing = [name for name in ("libx264", "aac", "flac", "mjpeg") if not re.search(rf"\b{name}\b", encoders)]
    if missing:
        advice = "unset IMAGEIO_FFMPEG_EXE to use the one that comes with Spillway"
        return Finding("ffmpeg", State.BAD, f"{program} lacks {', '.join(missing)}; {advice}.")
    try:
        return Finding("ffmpeg", State.GOOD, f"{version_of(program, '-version')}; {encoding()}.")
    except (SpillwayError, ValueError) as error:
        return Finding("ffmpeg", State.BAD, str(error))


def encoding() -> str:
    """What proxies are encoded with, and why not by NVENC; raises EncoderFailed or ValueError if that is not to be."""
    from shared.media_encoders import Wish  # noqa: PLC0415 - only the doctor needs it here
    from shared.media_nvenc import chosen  # noqa: PLC0415 - as above

    wish = os.environ.get("SPILLWAY_PROXY_ENCODER") or Wish.AUTO
    if wish not in set(Wish):
        raise ValueError(f"SPILLWAY_PROXY_ENCODER is {wish}; set it to {', '.join(Wish)}.")
    choice = run_async(chosen(Wish(wish)))
    fault = f" (NVENC: {choice.fault})" if choice.fault else ""
    return f"proxies are encoded by {choice.require()}{fault}"


def speech_model() -> Finding:
    """Whether the speech model is on this machine."""
    model = os.environ.get("SPILLWAY_WHISPER_MODEL", "small")
    if Path(model).is_dir():
        return Finding("Speech model", State.GOOD, f"The folder {model}.")
    from faster_whisper import download_model  # noqa: PLC0415 - loads CTranslate2

    try:
        download_model(model, local_files_only=True)
    except ValueError as error:
        return Finding("Speech model", State.BAD, f"SPILLWAY_WHISPER_MODEL names none: {error}")
    except OSError:  # huggingface_hub's "not in the cache" errors are FileNotFoundError
        advice = "it is fetched the first time a file is transcribed, or set SPILLWAY_WHISPER_MODEL to a folder that holds one"
        return Finding("Speech model", State.NOTE, f"{model} is not on this machine yet: {advice}.")
    return Finding("Speech model", State.GOOD, f"{model} is on this machine.")


def gateway_port() -> Finding:
    """Whether the gateway's port is free, or used by ourselves."""
    settings = LocalSettings()
    if owner := running(settings):
        return Finding("Gateway", State.GOOD, f"Spillway runs at {owner.gateway} (process {owner.pid}).")
    if is_free(settings.port):
        return Finding("Gateway", State.GOOD, f"Port {settings.port} is free; Spillway does not run.")
    if "port" in settings.model_fields_set:
        return Finding("Gateway", State.BAD, f"Port {settings.port} is in use; set SPILLWAY_PORT to another.")
    return Finding("Gateway", State.NOTE, f"Port {settings.port} is in use; a free one will be taken.")


def outside_servers() -> Finding:
    """Whether servers that the settings name elsewhere answer."""
    local = LocalSettings()
    named = {"Postgres": local.database_url, "NATS": local.nats_url, "S3": local.s3_endpoint}
    if not any(named.values()):
        return Finding("Outside servers", State.GOOD, "None are named; Postgres, NATS and S3 run here.")
    away = run_async(away_of(local))
    if away:
        return Finding("Outside servers", State.BAD, "; ".join(away))
    return Finding("Outside servers", State.GOOD, f"{', '.join(name for name, url in named.items() if url)} answer.")


async def away_of(local: LocalSettings) -> list[str]:
    """A sentence for each named server that cannot be used."""
    away = []
    try:
        if local.database_url:
            database = Database(local.database_url.get_secret_value(), connections=2)
            await database.open()
            await database.close()
    except SpillwayError as error:
        away.append(f"SPILLWAY_DATABASE_URL: {error}")
    try:
        if local.nats_url:
            client = await bus.connect(local.nats_url.get_secret_value(), name="spillway-doctor")
            await client.close()
    except SpillwayError as error:
        away.append(f"SPILLWAY_NATS_URL: {error}")
    try:
        if local.s3_endpoint:
            await Blobs(PlatformSettings.model_validate({"database_url": "", "nats_url": "", **s3_settings()})).make_bucket()
    except SpillwayError as error:
        away.append(f"SPILLWAY_S3_ENDPOINT: {error}")
    return away


def s3_settings() -> dict[str, str]:
    """The S3 settings of this process's environment."""
    prefix = "SPILLWAY_S3_"
    return {name.removeprefix("SPILLWAY_").lower(): value for name, value in os.environ.items() if name.startswith(prefix)}


def bedrock() -> list[Finding]:
    """Whether Amazon Bedrock can be used; nobody is asked where it is neither wanted nor set up."""
    from shared.bedrock.checks import check  # noqa: PLC0415 - only the doctor needs it here
    from shared.models.bedrock_settings import BedrockSettings  # noqa: PLC0415 - as above

    try:
        settings = BedrockSettings()
    except ValidationError as error:
        wrong = "; ".join(f"{'.'.join(map(str, fault['loc']))}: {fault['msg']}" for fault in error.errors())
        return [Finding("Bedrock", State.BAD, f"Its settings are wrong: {wrong}.")]
    wanted = os.environ.get("SPILLWAY_ANALYST") == "bedrock" or os.environ.get("SPILLWAY_EMBEDDER") == "nova"
    found = run_async(check(settings, wanted=wanted))
    return [Finding(one.name, State(one.state), one.sentence) for one in found]


def version_of(program: Path, argument: str) -> str:
    """The first line of what a program says of its version."""
    return output_of(program, argument).splitlines()[0].strip()


def output_of(program: Path, *arguments: str) -> str:
    """What a program prints; raises CalledProcessError if it fails."""
    ran = subprocess.run([program, *arguments], capture_output=True, text=True, check=True, timeout=30)
    return ran.stdout or ran.stderr


CHECKS: tuple[Callable[[], Finding], ...] = (
    python,
    data_folder,
    servers,
    root,
    outside_servers,
    ffmpeg,
    speech_model,
    gateway_port,
)
