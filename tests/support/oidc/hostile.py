"""An OpenID provider that says whatever a test has it say, over real HTTP, and signs it with whatever key."""

import base64
import json
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any
from urllib.parse import parse_qs

from joserfc import jwt
from joserfc.jwk import ECKey, Key, RSAKey

Claims = dict[str, Any]
Forger = Callable[[Claims], str]

CLIENT_ID = "spillway"
ACCESS_TOKEN = "an access token"


def a_key(kid: str) -> RSAKey:
    """A new RSA key."""
    return RSAKey.generate_key(2048, {"kid": kid, "use": "sig", "alg": "RS256"})


def an_ec_key(kid: str) -> ECKey:
    """A new key on the curve P-256."""
    return ECKey.generate_key("P-256", {"kid": kid, "use": "sig", "alg": "ES256"})


def signed(claims: Claims, key: Key, **header: str) -> str:
    """An identity token."""
    head = {"alg": str(key.get("alg")), "kid": str(key.kid)} | header
    return jwt.encode(head, claims, key, algorithms=[head["alg"]])


def unsigned(claims: Claims) -> str:
    """An identity token that nobody has signed."""
    parts = ({"alg": "none", "typ": "JWT"}, claims)
    return ".".join(base64.urlsafe_b64encode(json.dumps(part).encode()).rstrip(b"=").decode() for part in parts) + "."


class Hostile:
    """What it says, to be changed by tests; well-behaved until then."""

    def __init__(self, port: int) -> None:
        self.issuer = f"http://127.0.0.1:{port}"
        self.key: Key = a_key("first")
        self.published: list[Key] = [self.key]
        self.nonce = ""
        self.claims: Claims = {"preferred_username": "mallory", "name": "Mallory", "email": "m@x.example", "groups": ["staff"]}
        self.userinfo: Claims = {"sub": "subject-1"}
        self.forge: Forger = lambda claims: signed(claims, self.key)
        self.discovery: Claims = {}
        self.statuses: dict[str, int] = {}
        self.answers: dict[str, object] = {}
        self.asked: list[str] = []
        self.authorizations: dict[str, str | None] = {}
        self.exchanges: list[tuple[Mapping[str, list[str]], str | None]] = []

    @property
    def environment(self) -> dict[str, str]:
        """The gateway's settings for it."""
        return {
            "SPILLWAY_OIDC_ISSUER": self.issuer,
            "SPILLWAY_OIDC_CLIENT_ID": CLIENT_ID,
            "SPILLWAY_OIDC_CLIENT_SECRET": "s3cret",
            "SPILLWAY_OIDC_ROLE_GROUPS": '{"viewer": ["staff"]}',
        }

    def id_token(self) -> str:
        """An identity token as it is told to make one."""
        now = int(time.time())
        base = {"iss": self.issuer, "sub": "subject-1", "aud": CLIENT_ID, "iat": now, "exp": now + 300, "nonce": self.nonce}
        return self.forge({name: value for name, value in (base | self.claims).items() if value is not None})

    def said(self, path: str) -> Any:
        """What it answers at a path."""
        match path:
            case "/.well-known/openid-configuration":
                names = ("authorization_endpoint", "token_endpoint", "userinfo_endpoint", "jwks_uri")
                places = {name: f"{self.issuer}/{name.partition('_')[0]}" for name in names}
                return {"issuer": self.issuer, **places, **self.discovery}
            case "/jwks":
                return {"keys": [key.as_dict(private=False) for key in self.published]}
            case "/userinfo":
                return self.userinfo
            case "/token":
                return {"access_token": ACCESS_TOKEN, "token_type": "Bearer", "id_token": self.id_token()}
            case _:
                raise LookupError(path)


@contextmanager
def hostile_provider() -> Iterator[Hostile]:
    """A provider that answers until the end of the block."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            hostile.asked.append(self.path)
            hostile.authorizations[self.path] = self.headers["Authorization"]
            body = json.dumps(hostile.answers[self.path] if self.path in hostile.answers else hostile.said(self.path)).encode()
            self.send_response(hostile.statuses.get(self.path, 200))
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def do_POST(self) -> None:
            form = parse_qs(self.rfile.read(int(self.headers["Content-Length"])).decode())
            hostile.exchanges.append((form, self.headers["Authorization"]))
            self.do_GET()

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - as the base class has it
            """Nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    hostile = Hostile(server.server_port)
    thread = Thread(target=server.serve_forever)
    thread.start()
    try:
        yield hostile
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
