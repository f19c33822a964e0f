"""Answers to GET in JSON carry a tag, and are left out for a client that has them; nothing is kept without asking again."""

from collections.abc import Mapping

from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from services.search.http.conditions import names, tag

ASK_AGAIN = "private, no-cache"
"""Browsers may keep an answer that has a tag, but ask each time whether it is still so."""
NOT_KEPT = "no-store"
TOLD_AGAIN = ("cache-control", "etag", "vary", "x-request-id")
"""Headers that an answer without a body has too."""


class Caching:
    """ASGI middleware around the application."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            sent = {name.decode("latin-1").lower(): value.decode("latin-1") for name, value in scope["headers"]}
            send = Tagged(send, scope["method"], sent).send
        await self._app(scope, receive, send)


class Tagged:
    """The way out of one answer; holds its head back until its body shows whether it is whole."""

    def __init__(self, send: Send, method: str, asked: Mapping[str, str]) -> None:
        self._send = send
        self._method = method
        self._asked = asked
        self._head: Message | None = None

    async def send(self, message: Message) -> None:
        """Pass a message of the application on."""
        if message["type"] == "http.response.start":
            headers = MutableHeaders(scope=message)
            in_json = headers.get("content-type", "").startswith("application/json")
            if self._method == "GET" and message["status"] == 200 and in_json:
                self._head = message
                return
            headers.setdefault("Cache-Control", NOT_KEPT)
        elif self._head is not None:
            head, self._head = self._head, None
            await self._begin(head, message)
            return
        await self._send(message)

    async def _begin(self, head: Message, body: Message) -> None:
        headers = MutableHeaders(scope=head)
        headers.setdefault("Cache-Control", ASK_AGAIN)
        if not body.get("more_body"):
            now = headers.setdefault("ETag", tag(body.get("body", b"")))
            if names(self._asked.get("if-none-match"), now):
                kept = [(name, value) for name, value in head["headers"] if name.decode("latin-1").lower() in TOLD_AGAIN]
                head, body = {**head, "status": 304, "headers": kept}, {**body, "body": b""}
        await self._send(head)
        await self._send(body)
