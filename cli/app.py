"""Every command, by name. Only the module of the command that was asked for is imported, so that each starts at once."""

import sys
from dataclasses import dataclass, field
from importlib import import_module
from typing import Any

import httpx
import typer

from cli.console import fail
from cli.local.errors import LocalStackError
from shared.errors import SpillwayError

DEVELOPERS = "For developers"
PASS_THROUGH = {"context_settings": {"allow_extra_args": True, "ignore_unknown_options": True, "help_option_names": []}}


@dataclass(frozen=True)
class Command:
    """Where a command's function is, and how Typer takes it."""

    module: str
    function: str
    options: dict[str, Any] = field(default_factory=dict)


COMMANDS = {
    "demo": Command("cli.demo.command", "demo"),
    "up": Command("cli.up", "up"),
    "ingest": Command("cli.importing", "ingest"),
    "rescan": Command("cli.rescanning", "rescan"),
    "upload": Command("cli.uploading", "upload"),
    "batch": Command("cli.batching", "batch", PASS_THROUGH),
    "reconcile": Command("cli.reconciling", "reconcile"),
    "search": Command("cli.searching", "search"),
    "searches": Command("cli.saved", "searches", PASS_THROUGH),
    "tag": Command("cli.tagging", "tag", PASS_THROUGH),
    "collection": Command("cli.collecting", "collection", PASS_THROUGH),
    "transcript": Command("cli.transcripts", "transcript", PASS_THROUGH),
    "nova": Command("cli.nova", "nova", PASS_THROUGH),
    "watch": Command("cli.watching", "watch"),
    "share": Command("cli.sharing", "share", PASS_THROUGH),
    "events": Command("cli.events", "events", PASS_THROUGH),
    "audit": Command("cli.auditing", "audit", PASS_THROUGH),
    "people": Command("cli.people", "people", PASS_THROUGH),
    "keys": Command("cli.keys", "keys", PASS_THROUGH),
    "whoami": Command("cli.whoami", "whoami"),
    "doctor": Command("cli.doctor", "doctor"),
    "migrate": Command("cli.up", "migrate"),
    "test": Command("cli.quality", "test", {"rich_help_panel": DEVELOPERS, **PASS_THROUGH}),
    "lint": Command("cli.quality", "lint", {"rich_help_panel": DEVELOPERS}),
    "bench": Command("cli.quality", "bench", {"rich_help_panel": DEVELOPERS, **PASS_THROUGH}),
}


def application(words: list[str]) -> typer.Typer:
    """The commands that these words can mean: the one they begin with, else all."""
    app = typer.Typer(
        help="Finds the moment in footage: proxies, transcripts, analyses and search.",
        no_args_is_help=True,
        add_completion=False,
        pretty_exceptions_show_locals=False,
    )
    app.callback()(lambda: None)  # keeps the command's name in the line even when only one is registered
    wanted = words[0] if words and words[0] in COMMANDS else None
    for name, command in COMMANDS.items():
        if wanted in {None, name}:
            app.command(name, **command.options)(getattr(import_module(command.module), command.function))
    return app


def main() -> None:
    """Run the command; what is foreseen to go wrong ends in a sentence and exit code 1."""
    try:
        application(sys.argv[1:])(prog_name="spillway")
    except (LocalStackError, SpillwayError) as error:
        fail(str(error))
    except httpx.HTTPError as error:
        fail(f"The gateway does not answer as it should: {error}. See what `./spillway up` prints.")
    except BrokenPipeError:
        sys.exit(0)  # whoever read our output has seen enough
