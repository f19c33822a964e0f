"""What a request shows of who asks: a key or a session, as its headers have them."""

from collections.abc import Mapping
from dataclasses import dataclass

from services.search.identity import tokens
from services.search.identity.callers import Means

SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
CSRF_HEADER = "X-CSRF-Token"
COOKIE = "spillway_session"
SECURE_COOKIE = "__Host-spillway_session"
"""Browsers take a cookie called so by https only, for one host, and let no other host set it."""
BEARER = "bearer "


@dataclass(frozen=True)
class Shown:
    """A secret, and what it is; nobody's if it is not even of the right form."""

    means: Means
    secret: str = ""


NOTHING = Shown(Means.NOTHING)


def shown(authorization: str | None, cookies: Mapping[str, str], cookie: str) -> Shown:
    """A key goes before a session; what a proxy in front of us asks for (Basic) is no concern of ours."""
    if authorization is not None and authorization[: len(BEARER)].lower() == BEARER:
        key = authorization[len(BEARER) :].strip()
        return Shown(Means.KEY, key if tokens.KEY.fullmatch(key) else "")
    token = cookies.get(cookie)
    if token is None:
        return NOTHING
    return Shown(Means.SESSION, token if tokens.TOKEN.fullmatch(token) else "")


def is_forgeable(what: Shown, method: str, csrf_token: str | None) -> bool:
    """Whether another site's page may have had the browser send it: the cookie comes by itself, the token does not."""
    return what.means is Means.SESSION and method not in SAFE_METHODS and not tokens.is_csrf_token(csrf_token, what.secret)
