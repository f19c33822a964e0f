"""The page in a real Chromium: signing in and out, searching, and a file at a moment."""

from collections.abc import AsyncIterator
from pathlib import Path
from uuid import UUID

import httpx
import pytest
from nats.js import JetStreamContext

from services.search.identity import people, sessions
from services.search.identity.passwords import Passwords
from services.search.identity.roles import Role
from shared import bus
from shared.blobs import Blobs
from shared.contracts import Kind
from shared.database import Database
from shared.service import Platform
from shared.settings import PlatformSettings
from tests.support.browser import Tab, Wire, chromium, launched, tab_at
from tests.support.footage import Footage, add_searchable
from tests.support.media import tiny_photo, tiny_video
from tests.support.serving import served

PROGRAM = chromium()
pytestmark = [
    pytest.mark.connected,
    pytest.mark.timeout(120),
    pytest.mark.skipif(PROGRAM is None, reason="there is no Chromium on this machine"),
]

PASSWORD = "the waterfall runs in the evening"
RENDITION = """
    INSERT INTO renditions (file_id, name, revision, key, content_type, bytes)
    VALUES (%(file_id)s, %(name)s, 1, %(key)s, %(content_type)s, %(bytes)s)
"""
SIGN_IN = "!document.getElementById('sign-in').hidden"
SEARCH = "!document.getElementById('search').hidden"
MOMENTS = "document.querySelectorAll('#moments li').length"
CANNOT_GO_ON = "document.querySelector('.fault').innerText"


@pytest.fixture
async def ada(database: Database) -> UUID:
    """Somebody who may look."""
    hashed = await Passwords().hashed(PASSWORD)
    async with database.transaction() as connection:
        person = await people.add(connection, name="ada", role=Role.VIEWER, display_name="Ada Lovelace", password_hash=hashed)
    return person.id


@pytest.fixture
async def http(platform: Platform, settings: PlatformSettings, stream: JetStreamContext) -> AsyncIterator[httpx.AsyncClient]:
    nats = await bus.connect(settings.nats_url.get_secret_value(), name="test-gateway")
    async with served(platform, nats) as client:
        yield client


@pytest.fixture(scope="module")
async def wire(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Wire]:
    assert PROGRAM is not None
    async with launched(PROGRAM, tmp_path_factory.mktemp("profile")) as wire:
        yield wire


@pytest.fixture
async def tab(wire: Wire, http: httpx.AsyncClient, ada: UUID) -> AsyncIterator[Tab]:
    """A browser that has not been here; at the end its page has done nothing that its policy forbids."""
    async with tab_at(wire, str(http.base_url).rstrip("/")) as tab:
        await tab.look()
        yield tab
        assert tab.faults() == []


@pytest.fixture
async def film(database: Database, blobs: Blobs, tmp_path: Path) -> Footage:
    """A film that can be played, and what is said in it."""
    said = ("Hello everybody.", "The pump goes in.", "The waterfall runs.", "The lights are on.")
    film = await add_searchable(database, *said, path="/nas/Smith/pump & falls.mp4")
    await rendered(database, blobs, film, "proxy", tiny_video(tmp_path / "proxy.mp4", seconds=16, size="640x360"), "video/mp4")
    return film


async def rendered(database: Database, blobs: Blobs, file: Footage, name: str, made: Path, content_type: str) -> None:
    key = f"proxy/{file.id}/{made.name}"
    await blobs.put_file(made, key, content_type)
    values = {"file_id": file.id, "name": name, "key": key, "content_type": content_type, "bytes": 1}
    async with database.connection() as connection:
        await connection.execute(RENDITION, values)


async def sign_in(tab: Tab, password: str = PASSWORD) -> None:
    """By the keyboard, as it has the focus."""
    await tab.until(SIGN_IN)
    await tab.value("document.getElementById('name').select()")
    await tab.type("ada")
    await tab.press("Tab")
    await tab.type(password)
    await tab.press("Enter")


async def test_who_is_not_known_signs_in_and_searches(tab: Tab, film: Footage) -> None:
    await tab.go("/?q=waterfall")
    await tab.until(SIGN_IN)
    assert await tab.value("document.activeElement.id") == "name"
    await sign_in(tab, "a wrong one")
    await tab.until(CANNOT_GO_ON)
    assert await tab.text("[role=alert]") == "The name or the password is not right."
    assert await tab.value("document.activeElement.id") == "password"
    await tab.type(PASSWORD)
    await tab.press("Enter")
    await tab.until(MOMENTS)
    assert "Ada Lovelace" in await tab.text("#who")
    assert await tab.value("document.querySelector('[name=q]').value") == "waterfall"
    assert "waterfall" in (await tab.text("#moments mark")).lower()
    assert await tab.value("document.getElementById('password').value") == ""


async def test_password_managers_know_the_form(tab: Tab) -> None:
    await tab.go()
    await tab.until(SIGN_IN)
    fields = (
        "[...document.querySelectorAll('#sign-in input')].map((one) => [one.labels[0].innerText, one.type, one.autocomplete])"
    )
    assert await tab.value(fields) == [["Name", "text", "username"], ["Password", "password", "current-password"]]
    assert await tab.value("document.getElementById('sign-in').method") == "post"


async def test_who_fails_often_is_told_how_long_to_wait(tab: Tab) -> None:
    await tab.go()
    await tab.until(SIGN_IN)
    button = "document.querySelector('#sign-in button')"
    for _ in range(7):
        await sign_in(tab, "a wrong one")
        await tab.until(f"{CANNOT_GO_ON} && (!{button}.disabled || {button}.innerText.startsWith('Wait'))")
        if await tab.value(f"{button}.disabled"):
            break
    assert "too many tries" in await tab.text("[role=alert]")
    assert await tab.value("/^Wait [0-9]+ s$/.test(document.querySelector('#sign-in button').innerText)")
    await tab.until("!document.querySelector('#sign-in button').disabled")
    assert await tab.text("#sign-in button") == "Sign in"


async def test_signing_out_ends_the_session(tab: Tab, film: Footage) -> None:
    await tab.go("/?q=waterfall")
    await sign_in(tab)
    await tab.until(MOMENTS)
    await tab.click("#who button")
    await tab.until(SIGN_IN)
    assert await tab.value("location.search + document.querySelector('#moments').innerText") == ""
    assert await tab.value("fetch('/api/session').then((answer) => answer.status)") == 401


async def test_a_session_that_ends_loses_no_query(
    tab: Tab, film: Footage, ada: UUID, database: Database, platform: Platform
) -> None:
    await tab.go()
    await sign_in(tab)
    await tab.until(SEARCH)
    async with database.transaction() as connection:
        await sessions.end_all(connection, ada)
    await tab.until("fetch('/api/session').then((answer) => answer.status === 401)")  # the gateway remembers for a moment
    await tab.value("document.querySelector('[name=q]').focus()")
    await tab.type("waterfall")
    await tab.until(SIGN_IN)
    assert "Your session has ended" in await tab.text("[role=alert]")
    await tab.value("document.getElementById('name').value = ''")
    await sign_in(tab)
    await tab.until(MOMENTS)
    assert await tab.value("location.search") == "?q=waterfall"


async def test_an_answer_leads_to_its_moment_and_back(tab: Tab, film: Footage) -> None:
    await tab.go("/?q=%22waterfall+runs%22")
    await sign_in(tab)
    await tab.until(MOMENTS)
    found = await tab.value(MOMENTS)
    await tab.click("#moments .name")
    await tab.until("document.querySelector('video')?.readyState >= 2")
    start = film.segments[2].start
    assert await tab.value("new URLSearchParams(location.search).get('t')") == str(start)
    assert await tab.value("document.querySelector('video').currentTime") == pytest.approx(start, abs=0.2)
    assert "The waterfall runs." in await tab.text("[aria-current]")
    assert await tab.text("#file h2") == "pump & falls.mp4"
    assert "/nas/Smith/pump & falls.mp4" in await tab.text("#file")
    await tab.click(".back")
    await tab.until(SEARCH)
    assert await tab.value("[location.search, document.querySelector('video')]") == ["?q=%22waterfall%20runs%22", None]
    assert await tab.value(MOMENTS) == found


async def test_a_line_that_is_clicked_is_played(tab: Tab, film: Footage) -> None:
    await tab.go(f"/?file={film.id}&t=9.5")
    await sign_in(tab)
    await tab.until("document.querySelector('video')?.readyState >= 2")
    await tab.click(".said button:nth-child(2)")
    start = film.segments[1].start
    await tab.until(f"Math.abs(document.querySelector('video').currentTime - {start}) < 1.5")
    assert await tab.value("new URLSearchParams(location.search).get('t')") == f"{start:g}"
    await tab.value("document.querySelector('video').pause()")
    await tab.press("ArrowDown")
    assert "The waterfall runs." in await tab.value("document.activeElement.innerText")
    await tab.press("Enter")
    await tab.until(f"document.querySelector('video').currentTime >= {film.segments[2].start}")


async def test_a_photo_is_shown(tab: Tab, database: Database, blobs: Blobs, tmp_path: Path) -> None:
    photo = await add_searchable(database, path="/nas/Photos/lake.jpg", kind=Kind.IMAGE)
    await rendered(database, blobs, photo, "image", tiny_photo(tmp_path / "lake.jpg"), "image/jpeg")
    await tab.go(f"/?file={photo.id}")
    await sign_in(tab)
    await tab.until("document.querySelector('.shown img')?.naturalWidth === 160")
    assert await tab.value("document.querySelector('.shown img').alt") == "lake.jpg"


async def test_what_cannot_be_shown_says_why(tab: Tab, database: Database) -> None:
    waiting = await add_searchable(database, "Hello.", path="/nas/new.mp4")
    await tab.go(f"/?file={waiting.id}")
    await sign_in(tab)
    await tab.until("document.querySelector('.shown p')")
    assert await tab.text(".shown p") == "It cannot be played: it has no proxy."
    await tab.go("/?file=00000000-0000-7000-8000-000000000000")
    await tab.until("document.querySelector('.parts .fault')")
    assert "There is no file" in await tab.text(".parts .fault")


@pytest.mark.parametrize(("width", "dark"), [(1100, False), (360, False), (360, True)])
async def test_nothing_is_cut_off_on_a_narrow_screen(tab: Tab, film: Footage, width: int, dark: bool) -> None:
    await tab.look(width=width, dark=dark)
    fits = "document.documentElement.scrollWidth <= document.documentElement.clientWidth"
    await tab.go("/?q=waterfall")
    await tab.until(SIGN_IN)
    assert await tab.value(fits)
    await sign_in(tab)
    await tab.until(MOMENTS)
    assert await tab.value(fits)
    await tab.click("#moments .name")
    await tab.until("document.querySelector('video')?.readyState >= 2")
    assert await tab.value(fits)
    assert await tab.value("document.querySelector('.shown').offsetWidth <= document.querySelector('.parts').offsetWidth")
    shade = "getComputedStyle(document.body).backgroundColor"
    assert await tab.value(shade) == ("rgb(16, 22, 26)" if dark else "rgb(246, 248, 249)")
