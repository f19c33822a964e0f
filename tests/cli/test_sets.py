"""`./spillway tag …`, `collection …` and `searches …` as they are typed, against a running gateway."""

import asyncio
import subprocess
from collections.abc import AsyncIterator, Callable, Coroutine
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from nats.js import JetStreamContext

from cli.set_files import MOST, is_below, parts
from shared import bus
from shared.database import Database
from shared.service import Platform
from shared.settings import PlatformSettings
from tests.support.commands import answer_of, environment_at, spillway
from tests.support.searching import CLIENTS, library
from tests.support.serving import served

pytestmark = pytest.mark.timeout(240)  # each command is a process of its own

Typed = Callable[..., Coroutine[Any, Any, "subprocess.CompletedProcess[str]"]]


def test_many_files_are_named_in_several_requests() -> None:
    assert [len(part) for part in parts(str(at) for at in range(2 * MOST + 1))] == [MOST, MOST, 1]
    assert list(parts([])) == []


@pytest.mark.parametrize(
    ("path", "folder", "expected"),
    [
        ("/films/a.mp4", "/films", True),
        ("/films/a.mp4", "/films/", True),
        ("D:\\films\\a.mp4", "D:\\films", True),
        ("/films2/a.mp4", "/films", False),
        ("/films", "/films", False),
    ],
)
def test_what_is_in_a_folder_is_below_it(path: str, folder: str, *, expected: bool) -> None:
    assert is_below(path, folder) == expected


@pytest.fixture
async def typed(
    platform: Platform, settings: PlatformSettings, stream: JetStreamContext, tmp_path: Path
) -> AsyncIterator[Typed]:
    nats = await bus.connect(settings.nats_url.get_secret_value(), name="test-gateway")
    async with served(platform, nats) as client:
        env = environment_at(client, tmp_path)

        async def run(*words: str) -> "subprocess.CompletedProcess[str]":
            return await asyncio.to_thread(spillway, *words, env=env)

        yield run


async def found(typed: Typed, *options: str) -> set[UUID]:
    told = answer_of(await typed("search", *options, "--json"))
    return {UUID(file["id"]) for file in told["files"]}


@pytest.mark.connected
async def test_tags_are_put_on_files_and_folders_and_taken_again(database: Database, typed: Typed) -> None:
    ids = await library(database)
    assert "There is no such tag" in (await typed("tag", "ls")).stdout
    put = await typed("tag", "add", "Best", "grotto.mp4", str(ids["party"]))
    assert put.stdout == "2 files tagged “Best”; 2 have it now.\n"
    assert answer_of(await typed("tag", "add", "best", f"{CLIENTS}", "--json"))["added"] == 1
    assert await found(typed, "--tag", "BEST") == {ids["smith"], ids["party"], ids["jones"]}
    await typed("tag", "add", "pond", "--search", "pond build")
    assert await found(typed, "--tag", "best", "--tag", "pond") == {ids["jones"]}
    taken = await typed("tag", "remove", "best", CLIENTS, "--kind", "video")
    assert taken.stdout == "“Best” was taken from 2 files.\n"
    assert await found(typed, "tag:best", "--has", "embedding") == {ids["party"]}
    listed = answer_of(await typed("tag", "ls", "--json"))["tags"]
    assert [(tag["name"], tag["files"]) for tag in listed] == [("Best", 1), ("pond", 1)]
    assert (await typed("tag", "ls", "po")).stdout.split() == ["tag", "files", "pond", "1"]


@pytest.mark.connected
async def test_tags_are_renamed_merged_and_forgotten(database: Database, typed: Typed) -> None:
    ids = await library(database)
    await typed("tag", "add", "pond", str(ids["jones"]))
    await typed("tag", "add", "ponds", "--all")
    refused = await typed("tag", "rename", "ponds", "POND")
    assert (refused.returncode, "spillway tag merge" in refused.stderr) == (1, True)
    assert (await typed("tag", "rename", "pond", "Pool")).stdout == "“pond” is “Pool” now, on 1 file.\n"
    assert (await typed("tag", "merge", "ponds", "pool")).stdout == "“ponds” is “Pool” now, which 4 files have.\n"
    assert (await typed("tag", "rm", "POOL")).stdout == "“Pool” is forgotten; the files stay.\n"
    assert answer_of(await typed("tag", "ls", "--json")) == {"tags": []}
    unknown = await typed("tag", "rm", "pool")
    assert (unknown.returncode, "There is no tag “pool”" in unknown.stderr) == (1, True)


@pytest.mark.connected
@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        ((), "Say which files"),
        (("nowhere.mp4",), "no file at nowhere.mp4"),
        (("grotto.mp4", "--kind", "video"), "is no folder of the library"),
    ],
)
async def test_files_that_are_not_said_or_not_there_are_told(
    database: Database, typed: Typed, words: tuple[str, ...], sentence: str
) -> None:
    await library(database)
    refused = await typed("tag", "add", "best", *words)
    assert (refused.returncode, sentence in refused.stderr) == (1, True), refused.stderr


@pytest.mark.connected
async def test_collections_are_filled_shown_searched_and_worked_on(database: Database, typed: Typed) -> None:
    ids = await library(database)
    made = answer_of(await typed("collection", "create", "Best of", "--description", "For the site.", "--json"))
    assert (made["name"], made["description"], made["files"]) == ("Best of", "For the site.", 0)
    told = await typed("collection", "add", "best of", str(ids["photo"]), "grotto.mp4")
    assert told.stdout == "2 files added to “Best of”; it has 2 now.\n"
    shown = (await typed("collection", "show", "Best of")).stdout.splitlines()
    assert (shown[0], shown[1], shown[-1]) == ("Best of", "For the site.", "2 files")
    assert shown[2].endswith("waterfall.jpg")
    assert await found(typed, "--collection", "best of") == {ids["photo"], ids["smith"]}
    begun = answer_of(await typed("batch", "proxy", "--collection", "Best of", "--force", "--json"))
    assert (begun["total_files"], begun["image_count"]) == (2, 1)
    await typed("tag", "add", "seen", "--collection", "Best of")
    assert await found(typed, "--tag", "seen") == {ids["photo"], ids["smith"]}
    removed = await typed("collection", "remove", "Best of", "--tag", "seen", "--kind", "image")
    assert removed.stdout == "1 file removed from “Best of”.\n"
    assert "Best of" in (await typed("collection", "ls")).stdout
    assert (await typed("collection", "rm", made["id"])).returncode == 0
    gone = await typed("collection", "show", "Best of")
    assert (gone.returncode, "`create` makes one" in gone.stderr) == (1, True)


@pytest.mark.connected
async def test_what_costs_is_priced_by_tag_and_collection(database: Database, typed: Typed) -> None:
    ids = await library(database)
    await typed("tag", "add", "dear", str(ids["smith"]), str(ids["photo"]))
    await typed("collection", "create", "Ours")
    await typed("collection", "add", "Ours", str(ids["smith"]), str(ids["party"]))
    both = answer_of(await typed("nova", "estimate", "--tag", "dear", "--collection", "ours", "--json"))
    assert both["files"] == 1
    assert answer_of(await typed("nova", "estimate", "--tag", "dear", "--json"))["files"] == 2
    assert answer_of(await typed("nova", "stale", "--model", "2-lite", "--tag", "dear", "--json"))["analysed"] == 2


@pytest.mark.connected
async def test_a_search_is_saved_run_and_forgotten(database: Database, typed: Typed) -> None:
    await library(database)
    options = ("waterfall", "--camera", "canon", "--camera", "gopro", "--kind", "video", "--facets", "--limit", "3")
    kept = await typed("search", *options, "--save", "Falls", "--share", "--json")
    assert "everybody sees it" in kept.stderr
    answer = answer_of(kept)
    run = answer_of(await typed("searches", "run", "falls", "--json"))
    assert {**run, "took_ms": 0} == {**answer, "took_ms": 0}
    assert len(answer_of(await typed("searches", "run", "falls", "--limit", "1", "--json"))["moments"]) == 1
    assert "grotto.mp4" in (await typed("searches", "run", "Falls", "--files", "--facets")).stdout
    assert "q=waterfall, limit=3, kind=video, camera=canon, camera=gopro" in (await typed("searches", "ls")).stdout
    again = await typed("search", *options, "--save", "FALLS")
    assert (again.returncode, "already" in again.stderr) == (1, True)
    assert (await typed("searches", "rm", "Falls")).stdout == "The search “Falls” is forgotten.\n"
    assert answer_of(await typed("searches", "ls", "--json")) == {"searches": []}
    assert "There is no search “Falls”" in (await typed("searches", "run", "Falls")).stderr
