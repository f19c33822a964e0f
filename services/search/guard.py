"""What every request meets first: foreign hosts and cross-site posts are refused, errors are caught, headers are set."""

import time
from collections.abc import Collection, Mapping

import structlog
from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from services.search.metrics import REQUESTS
from services.search.problems import problem

LOCAL_HOSTS = frozenset({"127.0.0.1", "localhost", "[::1]"})
SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
LARGEST_BODY = 1 << 20
"""Bytes of a request: media never pass through the gateway, and a request in JSON is small."""

SECURITY_HEADERS: Mapping[str, str] = {
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
}

log = structlog.get_logger()


class Guard:
    """ASGI middleware around the application.

    The host is checked because a page of anybody's can point its own name at 127.0.0.1 (DNS rebinding); JSON is required
    because browsers send it across sites only after asking, and nobody answers.
    """

    def __init__(self, app: ASGIApp, *, allowed_hosts: Collection[str] = ()) -> None:
        self._app = app
        self._hosts = LOCAL_HOSTS | {host.lower() for host in allowed_hosts}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        began = time.perf_counter()
        answer = Answer(send)
        try:
            await self._answer(scope, receive, answer)
        except Exception:
            log.exception("request failed", method=scope["method"], path=scope["path"])
            if answer.status is None:
                unexpected = problem(500, "Something unexpected went wrong; the gateway's log says more.")
                await unexpected(scope, receive, answer.send)
        finally:
            route = getattr(scope.get("route"), "path", "none")
            REQUESTS.labels(scope["method"], route, str(answer.status)).observe(time.perf_counter() - began)

    async def _answer(self, scope: Scope, receive: Receive, answer: "Answer") -> None:
        refusal = refuse(scope["method"], Headers(scope=scope), self._hosts)
        if refusal is None:
            await self._app(scope, receive, answer.send)
        else:
            await problem(*refusal)(scope, receive, answer.send)


class Answer:
    """The way out: adds the security headers that the application has not set, and keeps the status."""

    def __init__(self, send: Send) -> None:
        self._send = send
        self.status: int | None = None

    async def send(self, message: Message) -> None:
        """Pass a message of the application on."""
        if message["type"] == "http.response.start":
            self.status = message["status"]
            headers = MutableHeaders(scope=message)
            for name, value in SECURITY_HEADERS.items():
                headers.setdefault(name, value)
        await self._send(message)


def refuse(method: str, headers: Mapping[str, str], hosts: Collection[str]) -> tuple[int, str] | None:
    """Status and sentence for a request that must not reach the application; None for one that may."""
    host = host_of(headers.get("host", ""))
    if host not in hosts:
        return 400, f"This gateway does not answer to the name {host!r}; add it to SPILLWAY_SEARCH_ALLOWED_HOSTS."
    if method in SAFE_METHODS:
        return None
    if headers.get("content-type", "").partition(";")[0].strip().lower() != "application/json":
        return 415, "Send the request as JSON, with the header `Content-Type: application/json`."
    length = headers.get("content-length", "")
    if not length.isdecimal():
        return 411, "Send the request with a Content-Length."
    if int(length) > LARGEST_BODY:
        return 413, f"Send at most {LARGEST_BODY} bytes."
    return None


def host_of(header: str) -> str:
    """The name in a Host header, without the port."""
    name, _, port = header.lower().rpartition(":")
    return name if name and port.isdecimal() else header.lower()
