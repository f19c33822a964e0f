"""The guests' page in a real Chromium: a span that is cut while they wait, what is said in it, and links that work no more."""

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from uuid import UUID

import httpx
import pytest

from services.proxy.clips.cutter import Cutter
from services.proxy.clips.handlers import Resources, on_clip_requested
from services.search.shares.schemas import MadeShare
from shared.blobs import Blobs
from shared.clock import utc_now
from shared.contracts import Kind
from shared.database import Database
from shared.media import Limits
from shared.service import Platform
from tests.services.search.shares.asking import found, made, run, token_in
from tests.support.browser import Tab, Wire, chromium, launched, tab_at
from tests.support.footage import add_footage
from tests.support.media import tiny_photo, tiny_video
from tests.support.sharing import asked_clips

PROGRAM = chromium()
pytestmark = [
    pytest.mark.connected,
    pytest.mark.timeout(180),
    pytest.mark.skipif(PROGRAM is None, reason="there is no Chromium on this machine"),
]

SAID = ("Hello everybody.", "The pump goes in.", "The waterfall runs.", "The lights are on.")
RENDITION = """
    INSERT INTO renditions (file_id, name, revision, key, content_type, bytes, width, height, duration)
    VALUES (%(file_id)s, %(name)s, 1, %(key)s, %(content_type)s, 1, 640, 360, %(duration)s)
"""
PLAYER = "document.querySelector('video')"
FITS = "document.documentElement.scrollWidth <= innerWidth"


@pytest.fixture(scope="module")
async def wire(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Wire]:
    assert PROGRAM is not None
    async with launched(PROGRAM, tmp_path_factory.mktemp("profile")) as wire:
        yield wire


@pytest.fixture
async def tab(wire: Wire, http: httpx.AsyncClient) -> AsyncIterator[Tab]:
    """A guest's browser; at the end its page has done nothing that its policy forbids."""
    async with tab_at(wire, str(http.base_url).rstrip("/")) as tab:
        await tab.look()
        yield tab
        assert tab.faults() == []


@pytest.fixture
async def film(database: Database, blobs: Blobs, tmp_path: Path) -> UUID:
    """Four sentences, six seconds apart, in a film of 24 seconds."""
    async with database.transaction() as connection:
        film = await add_footage(connection, *SAID, path="/nas/Smith/pump & falls.mp4")
    await rendered(database, blobs, film.id, "proxy", tiny_video(tmp_path / "p.mp4", seconds=24, size="640x360"), "video/mp4")
    await rendered(database, blobs, film.id, "thumbnail", tiny_photo(tmp_path / "t.jpg"), "image/jpeg")
    return film.id


async def rendered(database: Database, blobs: Blobs, file_id: UUID, name: str, made: Path, content_type: str) -> None:
    key = f"proxy/{file_id}/r1/{made.name}"
    await blobs.put_file(made, key, content_type)
    duration = 24.0 if name == "proxy" else None
    await run(database, RENDITION, file_id=file_id, name=name, key=key, content_type=content_type, duration=duration)


async def go(tab: Tab, share: MadeShare) -> None:
    await tab.go("/livez")  # or a new fragment is the same page
    await tab.go(f"/s#{token_in(share)}")


async def cut(platform: Platform) -> None:
    async with platform.database.connection() as connection:
        [event] = await asked_clips(connection)
    await on_clip_requested(event, Resources(platform, Cutter(Limits(seconds=50))))


async def test_a_span_is_waited_for_and_then_plays(tab: Tab, http: httpx.AsyncClient, platform: Platform, film: UUID) -> None:
    share = await made(
        http, film, label="The pump <b>goes in</b>", starts=6, ends=16, with_transcript=True, allow_download=True
    )
    await go(tab, share)
    await tab.until("document.body.innerText.includes('being prepared')")
    assert await tab.text("h1") == "The pump <b>goes in</b>"
    assert await tab.text("#about") == "pump & falls.mp4 · 00:06 \u2013 00:16"
    assert not await tab.value("document.querySelector('progress').hidden")
    await cut(platform)
    await tab.until(f"{PLAYER}?.readyState > 0")
    assert await tab.value(f"Math.abs({PLAYER}.duration - 10) < 0.1")
    assert await tab.value("document.querySelector('progress').hidden && document.getElementById('state').innerText === ''")
    lines = await tab.value("[...document.querySelectorAll('li')].map((line) => line.innerText.split(/\\s*\\n\\s*/))")
    assert lines == [["00:00", "The pump goes in."], ["00:06", "The waterfall runs."]]
    assert "This link works until" in await tab.text("#terms")
    assert (await found(http, share.id)).uses == 1
    assert "thumbnail" not in await tab.value("document.documentElement.outerHTML")


async def test_a_line_leads_to_where_it_is_said_and_shows_it(tab: Tab, http: httpx.AsyncClient, film: UUID) -> None:
    await go(tab, await made(http, film, with_transcript=True))
    await tab.until(f"{PLAYER}?.readyState > 0")
    assert await tab.text("h1") == "pump & falls.mp4"
    assert "thumb" in await tab.value(f"{PLAYER}.poster") or "t.jpg" in await tab.value(f"{PLAYER}.poster")
    await tab.click("li:nth-child(3) button")
    await tab.until(f"{PLAYER}.currentTime >= 12 && {PLAYER}.currentTime < 24")
    await tab.until("document.querySelector('li[aria-current]')?.innerText.includes('The waterfall runs.')")


async def test_an_address_that_works_no_more_is_renewed_where_one_was(tab: Tab, http: httpx.AsyncClient, film: UUID) -> None:
    share = await made(http, film)
    await go(tab, share)
    await tab.until(f"{PLAYER}?.readyState > 0")
    first = await tab.value(f"{PLAYER}.src")
    await tab.value(f"{PLAYER}.currentTime = 9")
    await tab.until(f"!{PLAYER}.seeking")
    await tab.value(f"(() => {{ {PLAYER}.src = {PLAYER}.src.replace('X-Amz-Signature=', 'X-Amz-Signature=0'); }})()")
    await tab.until(f"{PLAYER}.readyState > 0 && {PLAYER}.currentTime === 9 && !{PLAYER}.error")
    assert (await found(http, share.id)).uses == 2
    assert first.partition("?")[0] == str(await tab.value(f"{PLAYER}.src")).partition("?")[0]


async def test_a_picture_is_shown(tab: Tab, http: httpx.AsyncClient, database: Database, blobs: Blobs, tmp_path: Path) -> None:
    async with database.transaction() as connection:
        photo = await add_footage(connection, path="/nas/pool.heic", kind=Kind.IMAGE)
    await rendered(database, blobs, photo.id, "image", tiny_photo(tmp_path / "i.jpg", size=(640, 480)), "image/jpeg")
    await go(tab, await made(http, photo.id, label="The pool"))
    await tab.until("document.querySelector('#stage img')?.naturalWidth === 640")
    assert await tab.value("document.querySelector('#stage img').alt") == "The pool"


async def test_links_that_work_no_more_say_why_and_show_nothing(
    tab: Tab, http: httpx.AsyncClient, database: Database, film: UUID
) -> None:
    for change, words in (
        ("UPDATE shares SET expires_at = now() - interval '1 day'", "This link has expired."),
        ("UPDATE shares SET revoked_at = now()", "This link was withdrawn"),
    ):
        share = await made(http, film, label="The pump")
        await run(database, change)
        await go(tab, share)
        await tab.until(f"document.body.innerText.includes({words!r})")
        assert await tab.value("document.querySelector('video, audio, img, a') === null")
        assert "The pump" not in await tab.text()
    for fragment in ("", "#", f"#{'A' * 64}", "#<script>"):
        await tab.go("/livez")
        await tab.go(f"/s{fragment}")
        await tab.until("document.body.innerText.includes('This link is not complete')")


async def test_a_link_that_is_revoked_while_one_looks_is_not_renewed(tab: Tab, http: httpx.AsyncClient, film: UUID) -> None:
    share = await made(http, film)
    await go(tab, share)
    await tab.until(f"{PLAYER}?.readyState > 0")
    await http.delete(f"/api/shares/{share.id}")
    await tab.value(f"(() => {{ {PLAYER}.src = '/nowhere'; }})()")
    await tab.until("document.body.innerText.includes('This link was withdrawn') && document.querySelector('video') === null")
    assert "pump" not in await tab.text()


async def test_the_page_fits_narrow_and_wide_light_and_dark(
    tab: Tab, http: httpx.AsyncClient, film: UUID, tmp_path: Path
) -> None:
    share = await made(
        http,
        film,
        label="Averyveryverylongwordwithoutanyspaces" * 4,
        with_transcript=True,
        allow_download=True,
        expires_at=(utc_now() + timedelta(days=3)).isoformat(),
    )
    await go(tab, share)
    await tab.until(f"{PLAYER}?.readyState > 1")
    colours = set()
    for width, dark in ((1100, False), (1100, True), (360, False)):
        await tab.look(width=width, dark=dark)
        await tab.until(f"innerWidth === {width}")
        assert await tab.value(FITS)
        assert await tab.value(
            f"(({{ width, height }}) => Math.abs(width * 9 - height * 16) < 20)({PLAYER}.getBoundingClientRect())"
        )
        colours.add(await tab.value("getComputedStyle(document.body).backgroundColor"))
        await tab.picture(tmp_path / f"{width}-{dark}.png")
    assert len(colours) == 2
    assert await tab.value(f"{PLAYER}.getBoundingClientRect().width <= 360")
    assert not await asyncio.to_thread(lambda: any(path.stat().st_size < 5000 for path in tmp_path.glob("*.png")))
