"""`./spillway search "words"`: find moments."""

from datetime import datetime
from pathlib import Path
from typing import Annotated, Any

import typer

from cli import saved
from cli.console import ANSWERS, print_json
from cli.report import print_moments
from cli.search_report import print_facets, print_files_found
from cli.session import session

DAYS = ["%Y-%m-%d", "%Y-%m-%dT%H:%M:%S"]
Texts = Annotated[list[str] | None, typer.Option(help="May be given several times.")]


def search(
    words: Annotated[
        str, typer.Argument(help='Words that were said, "phrases", begin*, -without, field:value; or what the moment is about.')
    ] = "",
    limit: Annotated[int, typer.Option(help="At most this many moments.", min=1, max=100)] = 10,
    kind: Annotated[list[str] | None, typer.Option(help="video, image or audio.")] = None,
    family: Texts = None,
    tier: Texts = None,
    functional_type: Annotated[list[str] | None, typer.Option("--type", help="May be given several times.")] = None,
    customer: Texts = None,
    project: Texts = None,
    camera: Texts = None,
    language: Texts = None,
    folder: Annotated[str | None, typer.Option(help="Only files in this folder and below it.")] = None,
    since: Annotated[datetime | None, typer.Option(help="Recorded on this day or later.", formats=DAYS)] = None,
    until: Annotated[datetime | None, typer.Option(help="Recorded before this day.", formats=DAYS)] = None,
    near: Annotated[str | None, typer.Option(help="LATITUDE,LONGITUDE,KILOMETRES.")] = None,
    has: Annotated[list[str] | None, typer.Option(help="proxy, transcript, embedding, failed, chapters, ...")] = None,
    has_not: Annotated[list[str] | None, typer.Option(help="The same, for what files lack.")] = None,
    tag: Annotated[list[str] | None, typer.Option(help="May be given several times: files have all of them.")] = None,
    collection: Texts = None,
    sort: Annotated[str | None, typer.Option(help="relevance, captured, path or duration.")] = None,
    by_file: Annotated[bool, typer.Option("--files", help="Print files with their best moments.")] = False,
    facets: Annotated[bool, typer.Option("--facets", help="Count what there is of each kind, camera, family, ...")] = False,
    save: Annotated[str | None, typer.Option("--save", metavar="NAME", help="Keep this search under a name.")] = None,
    share: Annotated[bool, typer.Option("--share", help="With --save: let everybody see it.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON document on stdout.")] = False,
) -> None:
    """Find the moments that answer WORDS, by word and by meaning."""
    options: dict[str, Any] = {"kind": kind, "family": family, "tier": tier, "type": functional_type, "customer": customer}
    options |= {"project": project, "camera": camera, "language": language, "near": near, "has": has, "has_not": has_not}
    options |= {"captured_from": instant(since), "captured_to": instant(until), "folder": folder and place(folder)}
    options |= {"sort": sort, "facets": facets or None, "tag": tag, "collection": collection}
    given = {name: value for name, value in options.items() if value}
    with session() as current:
        answer = current.gateway.search(words, limit=limit, **given)
        if save:
            saved.save(current.gateway, save, {"q": words, "limit": limit, **given}, shared=share)
    if as_json:
        print_json(answer)
        return
    (print_files_found if by_file else print_moments)(answer, ANSWERS)
    if facets:
        print_facets(answer["facets"], ANSWERS)


def instant(day: datetime | None) -> str | None:
    """The beginning of a day here."""
    return day.astimezone().isoformat() if day else None


def place(folder: str) -> str:
    """A folder of this machine in full, or one of another machine as it was given."""
    return str(Path(folder).resolve()) if Path(folder).exists() else folder
