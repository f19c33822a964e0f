"""What every request meets first: foreign hosts and cross-site posts are refused, errors are caught, headers are set."""

import math
import re
import time
from collections.abc import Collection, Mapping

import structlog
from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from services.search.http.problems import problem
from services.search.http.rate_limits import RateLimits
from services.search.http.request_ids import HEADER, request_id
from services.search.metrics import REQUESTS

LOCAL_HOSTS = frozenset({"127.0.0.1", "localhost", "[::1]"})
SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
LARGEST_BODY = 1 << 20
"""Bytes of a request in JSON, which is small."""
UPLOADS = "/api/uploads/"
"""Where a PUT may have any body, of any size: the route sees to its limits."""
BYTES = "application/octet-stream"
TAKES_FILES = re.compile(r"/api/files/[^/]+/transcripts")
"""Where a subtitle file may be sent as it is; across sites browsers ask before they send bytes of this type, as with JSON."""
LARGEST_FILE = 8 << 20
"""Bytes of a subtitle file: ten hours of speech with a time for every word take half of it."""
SWALLOWED = 8 * LARGEST_FILE
"""Bytes of a refused request that are read nevertheless."""

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

    The host is checked because a page of anybody's can point its own name at 127.0.0.1 (DNS rebinding). A POST must be JSON
    because browsers send that across sites only after asking, and nobody answers; PUT and DELETE they never send without
    asking, whatever the body.
    """

    def __init__(self, app: ASGIApp, *, limits: RateLimits, allowed_hosts: Collection[str] = ()) -> None:
        self._app = app
        self._limits = limits
        self._hosts = LOCAL_HOSTS | {host.lower() for host in allowed_hosts}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        name = request_id(Headers(scope=scope).get(HEADER))
        with structlog.contextvars.bound_contextvars(request_id=name):
            await self._answered(scope, receive, Answer(send, name))

    async def _answered(self, scope: Scope, receive: Receive, answer: "Answer") -> None:
        began = time.perf_counter()
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
        refusal = self._refusal(scope, answer)
        if refusal is None:
            await self._app(scope, receive, answer.send)
        else:
            await swallow(receive, Headers(scope=scope))
            await refusal(scope, receive, answer.send)

    def _refusal(self, scope: Scope, answer: "Answer") -> Response | None:
        method, path = scope["method"], scope["path"]
        if refused := refuse(method, Headers(scope=scope), self._hosts, path):
            return problem(*refused)
        address = (scope.get("client") or ("",))[0]
        allowance = self._limits.ask(address, method, path)
        if allowance is None:
            return None
        answer.headers |= allowance.headers
        if allowance.passes:
            return None
        return problem(429, allowance.sentence, headers={"Retry-After": str(math.ceil(allowance.wait))})


async def swallow(receive: Receive, headers: Mapping[str, str]) -> None:
    """Let the client finish sending what is refused: one that is cut off in the middle never reads why."""
    length = headers.get("content-length", "")
    if length.isdecimal() and int(length) <= SWALLOWED:
        while (await receive()).get("more_body"):
            pass


class Answer:
    """The way out: adds the headers that the application has not set, and keeps the status."""

    def __init__(self, send: Send, name: str) -> None:
        self._send = send
        self.headers = {**SECURITY_HEADERS, HEADER: name}
        self.status: int | None = None

    async def send(self, message: Message) -> None:
        """Pass a message of the application on."""
        if message["type"] == "http.response.start":
            self.status = message["status"]
            headers = MutableHeaders(scope=message)
            for name, value in self.headers.items():
                headers.setdefault(name, value)
        await self._send(message)


def refuse(method: str, headers: Mapping[str, str], hosts: Collection[str], path: str = "") -> tuple[int, str] | None:
    """Status and sentence for a request that must not reach the application; None for one that may."""
    host = host_of(headers.get("host", ""))
    if host not in hosts:
        return 400, f"This gateway does not answer to the name {host!r}; add it to SPILLWAY_SEARCH_ALLOWED_HOSTS."
    if method in SAFE_METHODS:
        return None
    origin = headers.get("origin")
    if origin is not None and host_of(origin.partition("://")[2]) not in hosts:
        return 403, f"A page of {origin} may not change anything here; use the gateway's own page."
    if method == "PUT" and (path.startswith(UPLOADS) or (is_bodiless(headers) and "content-type" not in headers)):
        return None
    if method == "DELETE" and is_bodiless(headers):
        return None
    return refuse_body(headers, path)


def refuse_body(headers: Mapping[str, str], path: str) -> tuple[int, str] | None:
    """Status and sentence for a body that must not reach the application."""
    takes_files = TAKES_FILES.fullmatch(path) is not None
    content_type = headers.get("content-type", "").partition(";")[0].strip().lower()
    if content_type != "application/json" and not (takes_files and content_type == BYTES):
        return 415, "Send the request as JSON, with the header `Content-Type: application/json`."
    length = headers.get("content-length", "")
    if not length.isdecimal():
        return 411, "Send the request with a Content-Length."
    if int(length) > (largest := LARGEST_FILE if takes_files else LARGEST_BODY):
        return 413, f"Send at most {largest} bytes."
    return None


def is_bodiless(headers: Mapping[str, str]) -> bool:
    """Whether a request has no body."""
    return headers.get("content-length", "0") == "0" and "transfer-encoding" not in headers


def host_of(header: str) -> str:
    """The name in a Host header, without the port."""
    name, _, port = header.lower().rpartition(":")
    return name if name and port.isdecimal() else header.lower()
