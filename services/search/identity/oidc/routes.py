"""Routes of sign-in by an OpenID provider: a browser is sent there, and comes back with a code for who it is."""

from typing import Annotated
from urllib.parse import urlencode

import structlog
from fastapi import APIRouter, Query, Request
from starlette.responses import RedirectResponse, Response

from services.search.http.problems import RETRY_AFTER, problem
from services.search.identity import signing_in, tokens
from services.search.identity.oidc import flows
from services.search.identity.oidc.claims import Profile, is_thin, profile_of, role_of
from services.search.identity.oidc.discovery import authorization_url
from services.search.identity.oidc.flows import LIFETIME, Flow
from services.search.identity.oidc.landing import Landed, land
from services.search.identity.oidc.provider import Provider
from services.search.identity.oidc.refusals import ANSWERS, Reason, Refused
from services.search.identity.oidc.returning import HOME, LONGEST, is_local
from services.search.resources import Provided, Resources
from services.search.settings import SearchSettings
from shared.errors import Invalid

COOKIE = "spillway_sign_in"
CALLBACK = "/api/oidc/callback"
SENT_ON = 303
PASSING = frozenset({"server_error", "temporarily_unavailable"})
"""What a provider calls it when it is at a loss itself."""
LONGEST_ANSWER = 8000
"""Characters of a code or a state; providers pack much into codes."""

Answered = Annotated[str | None, Query(max_length=LONGEST_ANSWER)]

log = structlog.get_logger()
router = APIRouter(prefix="/api/oidc", tags=["sign-in"])


@router.get("/login", status_code=SENT_ON, response_class=RedirectResponse)
async def begin(
    request: Request,
    resources: Provided,
    return_to: Annotated[
        str, Query(max_length=LONGEST, description="Where to go afterwards: a path of this gateway's.")
    ] = HOME,
) -> Response:
    """Send a browser to the sign-in service, from where it comes back signed in."""
    if not is_local(return_to):
        raise Invalid(
            f"After signing in one can go to a path of this gateway's own, as /search?q=pump, and not to {return_to!r}."
        )
    try:
        provider = provider_of(resources)
        metadata = await provider.metadata()
    except Refused as refused:
        return refusal(request, refused)
    state, cookie = tokens.new_token(), cookie_of(resources.settings)
    before = request.cookies.get(cookie, "")
    browser = before if tokens.TOKEN.fullmatch(before) else tokens.new_token()  # sign-ins in two tabs do not undo each other
    redirect_uri = origin_of(request, resources.settings) + CALLBACK
    flow = Flow(tokens.new_token(), tokens.new_token(), redirect_uri, return_to)
    async with resources.platform.database.transaction() as connection:
        await flows.begin(connection, flow, state=state, browser=browser)
    place = authorization_url(
        metadata, provider.settings, state=state, nonce=flow.nonce, verifier=flow.verifier, redirect_uri=redirect_uri
    )
    response = RedirectResponse(place, SENT_ON)
    secure = resources.settings.is_public_by_https
    # Lax, since the browser comes back from another site: by a link, with which such a cookie is sent.
    response.set_cookie(cookie, browser, max_age=LIFETIME, path="/", secure=secure, httponly=True, samesite="lax")
    return response


@router.get("/callback", status_code=SENT_ON, response_class=RedirectResponse)
async def finish(
    request: Request,
    resources: Provided,
    state: Answered = None,
    code: Answered = None,
    error: Answered = None,
    iss: Answered = None,
) -> Response:
    """Where the sign-in service sends a browser back to: it gets a session and goes where it wanted to."""
    try:
        provider = provider_of(resources)
        flow = await taken(request, resources, state)
        await require_answer(provider, error, iss)
        profile = await profile_behind(provider, flow, code)
        landed = await landed_with(request, resources, provider, profile)
    except Refused as refused:
        return refusal(request, refused)
    assert landed.session is not None
    response = RedirectResponse(flow.return_to, SENT_ON)
    signing_in.set_cookie(response, landed.session, resources.settings)
    return response


def provider_of(resources: Resources) -> Provider:
    """The provider; raises Refused where there is none."""
    if resources.openid_provider is None:
        raise Refused(Reason.NOT_SET_UP, "SPILLWAY_OIDC_ISSUER is not set")
    return resources.openid_provider


async def taken(request: Request, resources: Resources, state: str | None) -> Flow:
    """The sign-in that this browser has begun and that comes back now, for the only time; raises Refused."""
    browser = request.cookies.get(cookie_of(resources.settings))
    flow = None
    if state is not None and browser is not None:
        async with resources.platform.database.connection() as connection:
            flow = await flows.take(connection, state=state, browser=browser)
    if flow is None:
        raise Refused(Reason.BEGIN_AGAIN, "no sign-in that this browser has begun and not finished has this state")
    return flow


async def require_answer(provider: Provider, error: str | None, issuer: str | None) -> None:
    """Raise Refused if the answer is no yes, or another provider's (RFC 9207)."""
    metadata = await provider.metadata()
    if issuer is None and metadata.authorization_response_iss_parameter_supported:
        raise Refused(Reason.PROVIDER_WRONG, "its answer does not say whose it is, as its discovery document promises")
    if issuer is not None and issuer != provider.issuer:
        raise Refused(Reason.PROVIDER_WRONG, f"the answer is another provider's: {issuer[:200]!r}")
    if error is not None:
        reason = Reason.DENIED if error == "access_denied" else Reason.PROVIDER_WRONG
        raise Refused(Reason.PROVIDER_AWAY if error in PASSING else reason, f"it answered {error[:100]!r}")


async def profile_behind(provider: Provider, flow: Flow, code: str | None) -> Profile:
    """Whom a code stands for; raises Refused."""
    if code is None:
        raise Refused(Reason.PROVIDER_WRONG, "its answer has neither a code nor an error")
    given = await provider.exchange(code, verifier=flow.verifier, redirect_uri=flow.redirect_uri)
    claims = await provider.claims(given, flow.nonce)
    groups_claim = provider.settings.groups_claim
    more = await provider.userinfo(given, claims["sub"]) if is_thin(claims, groups_claim) else {}
    return profile_of(claims, more, groups_claim)


async def landed_with(request: Request, resources: Resources, provider: Provider, profile: Profile) -> Landed:
    """The person with a session; raises Refused."""
    given = provider.settings
    role = role_of(profile.groups, given.role_groups, given.role_without_group)
    async with resources.platform.database.transaction() as connection:
        landed = await land(connection, request, resources.settings, issuer=provider.issuer, profile=profile, role=role)
    if landed.person is not None:
        resources.known.forget(landed.person.id)
    if landed.refused is not None:
        name = landed.person.name if landed.person else "somebody new"
        raise Refused(landed.refused, f"{name}, in {len(profile.groups)} groups by the claim {given.groups_claim}")
    return landed


def refusal(request: Request, refused: Refused) -> Response:
    """Browsers go to the page, which tells people why; programs get a problem."""
    log.info("sign-in refused", reason=refused.reason, why=refused.why)
    if "text/html" in request.headers.get("accept", ""):
        return RedirectResponse(f"{HOME}?{urlencode({'sign_in_error': refused.reason})}", SENT_ON)
    status, sentence = ANSWERS[refused.reason]
    return problem(status, sentence, headers={"Retry-After": str(RETRY_AFTER)} if status == 503 else None)


def origin_of(request: Request, settings: SearchSettings) -> str:
    """Where browsers find the gateway: as it is set, or else as this one does, which the guard lets be called so."""
    return settings.public_url.rstrip("/") if settings.public_url else f"http://{request.headers['host']}"


def cookie_of(settings: SearchSettings) -> str:
    """The cookie that a browser shows which has begun a sign-in; no other host can set the one with the prefix."""
    return f"__Host-{COOKIE}" if settings.is_public_by_https else COOKIE
