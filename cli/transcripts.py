"""`./spillway transcript list|show|export|import`: the transcripts of a file."""

import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Annotated, Any
from uuid import UUID

import typer
from rich.console import Console
from rich.text import Text

from cli.console import ANSWERS, STATUS, print_json
from cli.gateway import Gateway
from cli.report import clock
from cli.session import session
from shared.errors import Invalid
from shared.subtitles import Format

AMBIGUOUS = 5
"""Paths that are named where several files could be meant."""

File = Annotated[str, typer.Argument(help="A file of the library: its path, the end of its path, or its id.")]
What = Annotated[str, typer.Argument(help="A file of the library, whose best transcript is meant, or a transcript's id.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print one JSON document on stdout.")]

commands = typer.Typer(
    help="Transcripts of a file: list and show them, write them as subtitles, hand subtitles in.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_show_locals=False,
)


def transcript(context: typer.Context) -> None:
    """List, show, export and import the transcripts of a file; `transcript --help` says how."""
    commands(context.args, prog_name="spillway transcript")


@commands.command("list")
def list_(file: File, as_json: AsJson = False) -> None:
    """Every transcript of FILE, the best first."""
    with session() as current:
        transcripts = current.gateway.transcripts(file_at(current.gateway, file))
    if as_json:
        print_json({"transcripts": transcripts})
    else:
        print_list(transcripts, ANSWERS)


@commands.command()
def show(what: What, as_json: AsJson = False) -> None:
    """What is said, with times."""
    with session() as current:
        told = current.gateway.transcript(transcript_at(current.gateway, what))
    if as_json:
        print_json(told)
    else:
        print_segments(told["segments"], ANSWERS)


@commands.command()
def export(
    what: What,
    format_: Annotated[Format, typer.Option("--format", help="What to write; `words` is JSON with every word.")] = Format.SRT,
    output: Annotated[Path | None, typer.Option("-o", "--output", help="Write to this file instead of stdout.")] = None,
    bom: Annotated[bool, typer.Option(help="Begin with a byte order mark, which some programs of Windows need.")] = False,
    timestamps: Annotated[bool, typer.Option(help="In txt, begin each paragraph with its time.")] = False,
) -> None:
    """Write a transcript as subtitles or text."""
    with session() as current:
        transcript_id = transcript_at(current.gateway, what)
        content = current.gateway.export_transcript(transcript_id, format=format_, bom=bom, timestamps=timestamps)
    if output is None:
        sys.stdout.buffer.write(content)
        sys.stdout.buffer.flush()
    else:
        output.write_bytes(content)
        STATUS.print(f"Wrote {output}.", markup=False, soft_wrap=True)


@commands.command("import")
def import_(
    file: File,
    subtitles: Annotated[Path, typer.Argument(help="SRT, WebVTT, ASS or SSA.", exists=True, dir_okay=False)],
    language: Annotated[str | None, typer.Option(help="As en or de; told by a name like film.de.srt unless given.")] = None,
    as_json: AsJson = False,
) -> None:
    """Hand in SUBTITLES as a transcript of FILE."""
    options = {"name": subtitles.name, **({"language": language} if language else {})}
    with session() as current:
        told = current.gateway.import_transcript(file_at(current.gateway, file), subtitles.read_bytes(), **options)
    if as_json:
        print_json(told)
    else:
        print_import(told, subtitles.name, ANSWERS)


def file_at(gateway: Gateway, where: str) -> str:
    """The id of a file of the library that is named by its id or path; raises Invalid."""
    if is_id(where):
        return where
    path = Path(where)
    wanted = str(path.resolve()) if path.exists() else where
    return the_one(wanted, gateway.files_at(wanted))


def the_one(wanted: str, files: Sequence[Mapping[str, Any]]) -> str:
    """The id of the file whose path this is, else of the only one whose path ends so; raises Invalid."""
    if exact := [file["id"] for file in files if file["path"] == wanted]:
        return str(exact[0])
    tail = [file for file in files if _plain(file["path"]).endswith(f"/{_plain(wanted).lstrip('/')}")]
    if not tail:
        raise Invalid(f"The library has no file at {wanted}. Give its path as a search shows it, or import it first.")
    if len(tail) > 1:
        names = "\n  ".join(file["path"] for file in tail[:AMBIGUOUS])
        raise Invalid(f"{len(tail)} files of the library have a path that ends in {wanted}; give more of it:\n  {names}")
    return str(tail[0]["id"])


def transcript_at(gateway: Gateway, what: str) -> str:
    """The id of a transcript that is named by its id, or of the best one of a file; raises Invalid."""
    if is_id(what) and not is_file(gateway, what):
        return what
    found = gateway.transcripts(file_at(gateway, what))
    if not found:
        raise Invalid("The file has no transcript (yet).")
    return str(found[0]["id"])


def is_file(gateway: Gateway, file_id: str) -> bool:
    """Whether the library has a file with this id."""
    try:
        gateway.transcripts(file_id)
    except Invalid:
        return False
    return True


def is_id(text: str) -> bool:
    """Whether a text is an identifier, and no path."""
    try:
        UUID(text)
    except ValueError:
        return False
    return True


def print_list(transcripts: Sequence[Mapping[str, Any]], console: Console) -> None:
    """A row per transcript."""
    if not transcripts:
        console.print("The file has no transcript (yet).")
        return
    for one in transcripts:
        sign = "chosen" if one["best"] and one["chosen"] else "best" if one["best"] else "old" if one["outdated"] else ""
        model = one["name"] or one["model"] if one["source"] == "import" else one["model"]
        task = " (translated)" if one["task"] == "translate" else ""
        made = one["created_at"][:16].replace("T", " ")
        segments = f"{one['segment_count']} segment{'' if one['segment_count'] == 1 else 's'}"
        counts = f"{segments}, {one['doubtful_count']} doubtful, {one['locked_count']} edited"
        told = Text(f"  {model}{task}, {one['language']}: {counts}, made {made}", style="default")
        console.print(Text.assemble((one["id"], "cyan"), (f"  {sign}" if sign else "", "bold")), soft_wrap=True)
        console.print(told, soft_wrap=True)


def print_segments(segments: Sequence[Mapping[str, Any]], console: Console) -> None:
    """A line per segment: when, who, what, and why it may be wrong."""
    for segment in segments:
        time = Text(f"{clock(segment['start'])}-{clock(segment['end'])}  ", style="cyan")
        speaker = Text(f"{segment['speaker']}: " if segment["speaker"] else "", style="bold")
        doubts = Text("".join(f"  ({doubt['reason']})" for doubt in segment["doubts"]), style="yellow")
        console.print(Text.assemble(time, speaker, segment["text"], doubts), soft_wrap=True)


def print_import(told: Mapping[str, Any], name: str, console: Console) -> None:
    """What became of a subtitle file."""
    verb = "is now" if told["created"] else "was already"
    count = f"{told['segment_count']} segment{'' if told['segment_count'] == 1 else 's'}"
    standing = "the best one" if told["best"] else "not the best one"
    line = f"{name} {verb} transcript {told['transcript_id']} ({count}, language {told['language']}, {standing})."
    console.print(line, markup=False, soft_wrap=True)
    for note in told["notes"]:
        console.print(Text(f"  {note}", style="yellow"), soft_wrap=True)


def _plain(path: str) -> str:
    """A path with the separators of one system."""
    return path.replace("\\", "/")
