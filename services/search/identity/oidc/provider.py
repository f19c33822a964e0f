"""The provider as it is asked: its discovery document, its keys, a code for tokens, and what it knows of a person."""

import asyncio
import math
import ssl
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from functools import cached_property
from json import JSONDecodeError
from typing import Any
from urllib.parse import quote_plus

import httpx
import structlog
from joserfc.jwk import KeySet

from services.search.identity.oidc.discovery import Metadata, metadata_of, place_of
from services.search.identity.oidc.id_tokens import Claims, Expected, UnknownKey, key_set, verified
from services.search.identity.oidc.refusals import Reason, Refused
from services.search.identity.oidc.settings import OidcSettings

TIMEOUT = 10.0
"""Seconds for each request: a person waits."""
LARGEST = 1 << 20
"""Bytes of an answer."""
FRESH = 3600.0
"""Seconds that the discovery document and the keys are taken for true."""
PAUSE = 30.0
"""Seconds between two looks for new keys: else whoever brings tokens of unknown keys has us ask the provider each time."""

log = structlog.get_logger()


@dataclass(frozen=True)
class Tokens:
    """What a code was exchanged for."""

    id_token: str = field(repr=False)
    access_token: str = field(repr=False)


class Provider:
    """One OpenID provider. What it says of itself is remembered for an hour, and for longer while it is away."""

    def __init__(self, settings: OidcSettings, issuer: str, clock: Callable[[], float] = time.monotonic) -> None:
        self.settings = settings
        self.issuer = issuer
        self._clock = clock
        self._one = asyncio.Lock()
        self._metadata: Metadata | None = None
        self._metadata_at = 0.0
        self._keys: KeySet | None = None
        self._keys_at = 0.0
        self._looked_at = -math.inf

    async def metadata(self) -> Metadata:
        """What it says of itself; raises Refused."""
        async with self._one:
            if self._metadata is None or self._clock() - self._metadata_at > FRESH:
                try:
                    self._metadata = metadata_of(await self._get(place_of(self.issuer)), self.issuer)
                except Refused as refused:
                    if self._metadata is None or refused.reason is not Reason.PROVIDER_AWAY:
                        raise
                    log.warning("the OpenID provider is away; what it said of itself is old", issuer=self.issuer)
                else:
                    self._metadata_at = self._clock()
            return self._metadata

    async def exchange(self, code: str, *, verifier: str, redirect_uri: str) -> Tokens:
        """The tokens that a code stands for; raises Refused."""
        metadata = await self.metadata()
        form = {"grant_type": "authorization_code", "code": code, "redirect_uri": redirect_uri, "code_verifier": verifier}
        client_id, secret = self.settings.client_id, self.settings.client_secret
        auth: httpx.BasicAuth | None = None
        if secret is None:
            form["client_id"] = client_id
        elif metadata.takes_basic:
            auth = httpx.BasicAuth(quote_plus(client_id), quote_plus(secret.get_secret_value()))
        else:
            form |= {"client_id": client_id, "client_secret": secret.get_secret_value()}
        async with self._asking() as client:
            request = client.build_request("POST", metadata.token_endpoint, data=form)
            response, body = await answer(client, request, auth)
        return tokens_of(response.status_code, body)

    async def claims(self, tokens: Tokens, nonce: str) -> Claims:
        """What the identity token says, verified; raises Refused. A key that is not known may be a new one."""
        metadata = await self.metadata()
        expected = Expected(self.issuer, self.settings.client_id, nonce, tokens.access_token, int(time.time()))
        try:
            return verified(tokens.id_token, await self._known_keys(metadata), expected)
        except UnknownKey:
            log.info("the identity token has a key that is not known yet", issuer=self.issuer)
        try:
            return verified(tokens.id_token, await self._known_keys(metadata, look_again=True), expected)
        except UnknownKey as error:
            raise Refused(Reason.PROVIDER_WRONG, f"no key of the provider has signed the identity token: {error}") from error

    async def userinfo(self, tokens: Tokens, subject: str) -> Claims:
        """What the provider tells of a person when it is asked; raises Refused."""
        endpoint = (await self.metadata()).userinfo_endpoint
        if endpoint is None:
            return {}
        told = object_of(await self._get(endpoint, {"Authorization": f"Bearer {tokens.access_token}"}), endpoint)
        if told.get("sub") != subject:
            raise Refused(Reason.PROVIDER_WRONG, "what it tells of the person is another person's")
        return told

    async def _known_keys(self, metadata: Metadata, *, look_again: bool = False) -> KeySet:
        """Its keys; they are looked for again if so asked, unless that was done a moment ago."""
        async with self._one:
            now = self._clock()
            look_again = look_again and now - self._looked_at > PAUSE
            if self._keys is None or now - self._keys_at > FRESH or look_again:
                self._looked_at = now if look_again else self._looked_at
                self._keys = key_set(object_of(await self._get(metadata.jwks_uri), metadata.jwks_uri))
                self._keys_at = now
            return self._keys

    async def _get(self, url: str, headers: dict[str, str] | None = None) -> bytes:
        async with self._asking() as client:
            response, body = await answer(client, client.build_request("GET", url, headers=headers), None)
        if response.status_code != httpx.codes.OK:
            raise Refused(Reason.PROVIDER_WRONG, f"{url} answered {response.status_code}")
        return body

    @cached_property
    def _trust(self) -> ssl.SSLContext:
        """Whom TLS believes; read once, since that takes a while."""
        return ssl.create_default_context()

    @asynccontextmanager
    async def _asking(self) -> AsyncIterator[httpx.AsyncClient]:
        """A client for one request. Redirects are not followed: the addresses are the provider's own."""
        try:
            async with httpx.AsyncClient(verify=self._trust, timeout=TIMEOUT, headers={"Accept": "application/json"}) as client:
                yield client
        except (httpx.TransportError, httpx.InvalidURL) as error:
            raise Refused(Reason.PROVIDER_AWAY, f"{self.issuer}: {error or type(error).__name__}") from error


async def answer(
    client: httpx.AsyncClient, request: httpx.Request, auth: httpx.BasicAuth | None
) -> tuple[httpx.Response, bytes]:
    """The answer and its body; raises Refused where the server is at a loss, or has too much to say."""
    response = await client.send(request, auth=auth, stream=True)
    try:
        if response.status_code >= httpx.codes.INTERNAL_SERVER_ERROR or response.status_code == httpx.codes.TOO_MANY_REQUESTS:
            raise Refused(Reason.PROVIDER_AWAY, f"{request.url.copy_with(query=None)} answered {response.status_code}")
        body = bytearray()
        async for chunk in response.aiter_bytes():
            body += chunk
            if len(body) > LARGEST:
                raise Refused(Reason.PROVIDER_WRONG, f"{request.url.copy_with(query=None)} answered more than {LARGEST} bytes")
        return response, bytes(body)
    finally:
        await response.aclose()


def object_of(body: bytes, where: str) -> dict[str, Any]:
    """The JSON object of an answer; raises Refused."""
    try:
        told = httpx.Response(200, content=body).json()
    except (JSONDecodeError, UnicodeDecodeError) as error:
        raise Refused(Reason.PROVIDER_WRONG, f"{where} answered no JSON") from error
    if not isinstance(told, dict):
        raise Refused(Reason.PROVIDER_WRONG, f"{where} answered no JSON object")
    return told


def tokens_of(status: int, body: bytes) -> Tokens:
    """What the token endpoint gave; raises Refused."""
    told = object_of(body, "its token endpoint")
    if status != httpx.codes.OK:
        error = str(told.get("error"))[:100]
        used = error == "invalid_grant"  # the code: used before, or too old
        raise Refused(Reason.BEGIN_AGAIN if used else Reason.PROVIDER_WRONG, f"its token endpoint answered {status} {error!r}")
    id_token, access_token = told.get("id_token"), told.get("access_token")
    if not isinstance(id_token, str) or not isinstance(access_token, str):
        raise Refused(Reason.PROVIDER_WRONG, "its token endpoint gave no identity token; is `openid` among the scopes?")
    return Tokens(id_token, access_token)
