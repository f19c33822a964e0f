"""`./spillway demo`: from a folder of media to search hits, in one command."""

import os
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console

from cli.console import ANSWERS, STATUS, escape_markup, print_json
from cli.credentials import key_here
from cli.demo.queries import queries_for, sample_queries
from cli.gateway import Gateway
from cli.local.installation import Installation, installed
from cli.local.settings import LocalSettings
from cli.local.signals import wait_for_signal
from cli.progress import follow
from cli.report import print_files, print_moments
from cli.session import reached
from cli.up import say, say_how_to_sign_in

HERE = Path(__file__).resolve().parent
SAMPLES = HERE / "samples"
MODEL = HERE / "model"
TINY_MODEL = {"SPILLWAY_WHISPER_MODEL": str(MODEL), "SPILLWAY_WHISPER_CHUNK_LENGTH": "15", "SPILLWAY_WHISPER_LANGUAGE": "en"}
"""How the samples are heard: by a small model of our own that knows their words, so that nothing is downloaded."""


def demo(
    folder: Annotated[
        Path | None, typer.Argument(help="Your media instead of the samples.", exists=True, resolve_path=True)
    ] = None,
    once: Annotated[bool, typer.Option("--once", help="Stop when the answers are printed.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON document on stdout.")] = False,
) -> None:
    """Set everything up, import the samples (or FOLDER), answer three searches, and stay up."""
    began = time.monotonic()
    with (
        running_demo(folder) as installation,
        reached(installation.address, key_here(LocalSettings(), installation.address)) as gateway,
    ):
        files, searches = import_and_search(gateway, folder)
        document = {"files": files, "searches": searches, "seconds": round(time.monotonic() - began, 1)}
        if as_json:
            print_json(document)
        else:
            show(document)
        if not once:
            say(f'search more at [bold]{installation.address}[/] or with `./spillway search "…"`; Ctrl-C stops it')
            say_how_to_sign_in(LocalSettings())
            wait_for_signal()


@contextmanager
def running_demo(folder: Path | None) -> Iterator[Installation]:
    """The installation: with the samples' own model, unless the media or the model is the user's."""
    overrides = TINY_MODEL if folder is None and "SPILLWAY_WHISPER_MODEL" not in os.environ else {}
    with Path(os.devnull).open("w") as nowhere:
        log = Console(file=nowhere)
        with installed(LocalSettings(), log, overrides=overrides, report=say) as installation:
            yield installation


def import_and_search(gateway: Gateway, folder: Path | None) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """What became of each file, and the answers to the searches."""
    say(f"importing {escape_markup(str(folder or SAMPLES))}")
    job_id = gateway.import_path(folder or SAMPLES)
    follow(lambda: gateway.job(job_id), STATUS)
    files = gateway.job_files(job_id)
    queries = sample_queries() if folder is None else queries_for(gateway, files)
    return files, [gateway.search(query, limit=3) for query in queries]


def show(document: Mapping[str, Any]) -> None:
    """The document for people."""
    print_files(document["files"], ANSWERS)
    for answer in document["searches"]:
        ANSWERS.print(f"\n[bold]search “{answer['q']}”[/]")
        print_moments(answer, ANSWERS)
    ANSWERS.print(f"\n[dim]{document['seconds']} s from nothing to here[/]")
