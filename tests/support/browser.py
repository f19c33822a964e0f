"""A real Chromium without a window, spoken to in its own protocol over a pipe."""

import asyncio
import base64
import itertools
import json
import os
import shutil
import subprocess
from asyncio import Future, StreamReader, StreamWriter
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.support.waiting import until_so

PROGRAMS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
FLAGS = (
    "--headless=new",
    "--no-sandbox",  # which it wants as root
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--no-first-run",
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
    "--remote-debugging-pipe",
)
LARGEST = 1 << 26
"""Bytes of one message: a picture of a page."""
KEYS = {"Tab": 9, "Enter": 13, "ArrowUp": 38, "ArrowDown": 40}


def chromium() -> str | None:
    """The program, if this machine has one that can be spoken to."""
    return None if os.name == "nt" else next(filter(None, map(shutil.which, PROGRAMS)), None)


class Wire:
    """Commands and their answers; what is told unasked goes to the tab that it is about."""

    def __init__(self, reader: StreamReader, writer: StreamWriter) -> None:
        self._reader, self._writer = reader, writer
        self._numbers = itertools.count(1)
        self._asked: dict[int, Future[dict[str, Any]]] = {}
        self.told: dict[str, list[dict[str, Any]]] = {}

    async def ask(self, method: str, session: str | None = None, **params: Any) -> dict[str, Any]:
        """What a command is answered with; raises RuntimeError with Chromium's words."""
        number = next(self._numbers)
        answer: Future[dict[str, Any]] = asyncio.get_running_loop().create_future()
        self._asked[number] = answer
        message = {"id": number, "method": method, "params": params} | ({"sessionId": session} if session else {})
        self._writer.write(json.dumps(message).encode() + b"\0")
        async with asyncio.timeout(30):
            return await answer

    def close(self) -> None:
        """Let go of the pipe."""
        self._writer.close()

    async def listen(self) -> None:
        """Hand out what comes, until Chromium ends."""
        while True:
            try:
                message = json.loads((await self._reader.readuntil(b"\0"))[:-1])
            except asyncio.IncompleteReadError:
                return
            if answer := self._asked.pop(message.get("id"), None):
                if "error" in message:
                    answer.set_exception(RuntimeError(str(message["error"])))
                else:
                    answer.set_result(message["result"])
            elif session := message.get("sessionId"):
                self.told.setdefault(session, []).append(message)


@dataclass(frozen=True)
class Tab:
    """A tab with cookies of its own, at one gateway."""

    wire: Wire
    session: str
    address: str

    async def ask(self, method: str, **params: Any) -> dict[str, Any]:
        """What a command about this tab is answered with."""
        return await self.wire.ask(method, self.session, **params)

    async def go(self, path: str = "/") -> None:
        """Open a page of the gateway; returns when it has loaded."""
        await self.ask("Page.navigate", url=f"{self.address}{path}")
        await self.until("document.readyState === 'complete' && location.origin !== 'null'")

    async def value(self, script: str) -> Any:
        """What an expression is in the page; raises AssertionError with what it throws."""
        answer = await self.ask("Runtime.evaluate", expression=script, awaitPromise=True, returnByValue=True, userGesture=True)
        assert "exceptionDetails" not in answer, answer["exceptionDetails"]
        return answer["result"].get("value")

    async def until(self, script: str, *, within: float = 30.0) -> None:
        """Wait until an expression is true in the page, which may be loading yet."""

        async def is_so() -> bool:
            try:
                return bool(await self.value(f"(async () => Boolean(await ({script})))()"))
            except (AssertionError, RuntimeError):
                return False

        try:
            await until_so(is_so, within=within)
        except TimeoutError:
            raise AssertionError(f"{script} did not come true; the page says: {await self.text()}") from None

    async def text(self, selector: str = "body") -> str:
        """What is to be read in an element."""
        return str(await self.value(f"document.querySelector({json.dumps(selector)})?.innerText ?? ''"))

    async def click(self, selector: str) -> None:
        """Click in the middle of an element."""
        script = f"""(() => {{ const e = document.querySelector({json.dumps(selector)}); e.scrollIntoView({{block: 'center'}});
            const r = e.getBoundingClientRect(); return [r.x + r.width / 2, r.y + r.height / 2]; }})()"""
        x, y = await self.value(script)
        for kind in ("mousePressed", "mouseReleased"):
            await self.ask("Input.dispatchMouseEvent", type=kind, x=x, y=y, button="left", clickCount=1)

    async def type(self, text: str) -> None:
        """Type into what has the focus."""
        await self.ask("Input.insertText", text=text)

    async def press(self, key: str) -> None:
        """Press a key, and let it go."""
        about: Mapping[str, Any] = {"key": key, "code": key, "windowsVirtualKeyCode": KEYS[key]}
        await self.ask("Input.dispatchKeyEvent", type="keyDown", **about, **({"text": "\r"} if key == "Enter" else {}))
        await self.ask("Input.dispatchKeyEvent", type="keyUp", **about)

    async def look(self, *, width: int = 1100, height: int = 760, dark: bool = False) -> None:
        """Be so large, and light or dark."""
        await self.ask("Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=1, mobile=False)
        scheme = {"name": "prefers-color-scheme", "value": "dark" if dark else "light"}
        await self.ask("Emulation.setEmulatedMedia", features=[scheme])

    async def picture(self, path: Path) -> None:
        """Keep what is to be seen as a PNG."""
        seen = await self.ask("Page.captureScreenshot")
        await asyncio.to_thread(path.write_bytes, base64.b64decode(seen["data"]))

    def faults(self) -> list[str]:
        """Errors of the page's script, and what its policy refused; refusals of the gateway are none of them."""
        found = []
        for message in self.wire.told.get(self.session, []):
            if message["method"] == "Runtime.exceptionThrown":
                found.append(json.dumps(message["params"]["exceptionDetails"]))
            elif message["method"] == "Log.entryAdded":
                entry = message["params"]["entry"]
                if entry["level"] == "error" and entry["source"] != "network":
                    found.append(entry["text"])
        return found


@asynccontextmanager
async def launched(program: str, profile: Path) -> AsyncIterator[Wire]:
    """A Chromium of its own, which ends with the block."""
    to_chromium, ours = os.pipe()
    theirs, from_chromium = os.pipe()
    command = f'exec "$0" "$@" 3<&{to_chromium} 4>&{from_chromium}'  # the numbers that it reads and writes
    process = await asyncio.create_subprocess_exec(
        "/bin/bash",
        *("-c", command, program, *FLAGS, f"--user-data-dir={profile}"),
        pass_fds=(to_chromium, from_chromium),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    os.close(to_chromium)
    os.close(from_chromium)
    wire = Wire(*await opened(theirs, ours))
    listening = asyncio.create_task(wire.listen())
    try:
        yield wire
        await wire.ask("Browser.close")
        await process.wait()
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
        await listening
        wire.close()


async def opened(reading: int, writing: int) -> tuple[StreamReader, StreamWriter]:
    """Two ends of pipes as streams."""
    loop = asyncio.get_running_loop()
    reader = StreamReader(LARGEST)
    await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), os.fdopen(reading, "rb", 0))
    transport, protocol = await loop.connect_write_pipe(asyncio.streams.FlowControlMixin, os.fdopen(writing, "wb", 0))
    return reader, StreamWriter(transport, protocol, None, loop)


@asynccontextmanager
async def tab_at(wire: Wire, address: str) -> AsyncIterator[Tab]:
    """A tab of somebody who has not been here, which tells what goes wrong in it, and is closed with the block."""
    context = (await wire.ask("Target.createBrowserContext"))["browserContextId"]
    target = (await wire.ask("Target.createTarget", url="about:blank", browserContextId=context))["targetId"]
    session = (await wire.ask("Target.attachToTarget", targetId=target, flatten=True))["sessionId"]
    tab = Tab(wire, session, address)
    for domain in ("Page", "Runtime", "Log"):
        await tab.ask(f"{domain}.enable")
    yield tab
    await wire.ask("Target.disposeBrowserContext", browserContextId=context)
