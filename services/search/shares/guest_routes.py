"""What guests may ask: the page behind a link, and what the link shares. They show the link's token and get nothing else."""

from pathlib import Path
from typing import Annotated

from fastapi import APIRouter, Header, Response
from fastapi.responses import HTMLResponse

from services.search.http.problems import ProblemResponse, problem
from services.search.page import assembled, content_policy
from services.search.resources import Provided
from services.search.shares import giving, repository
from services.search.shares.schemas import Shared
from services.search.shares.standing import GONE, GUESTS, OPEN, UNKNOWN, State, standing
from services.search.shares.tokens import shown
from shared.clock import utc_now
from shared.errors import NotFound

PAGE = assembled(Path(__file__).parent / "web")
CHALLENGE = {"WWW-Authenticate": "Share"}

router = APIRouter(tags=["shares"])


@router.get("/s", include_in_schema=False)
async def guest_page(resources: Provided) -> HTMLResponse:
    """The page that shows what a link shares; the link's secret is in the fragment, which browsers send to nobody."""
    policy = content_policy(PAGE, resources.platform.settings.s3_endpoint)
    return HTMLResponse(PAGE, headers={"Content-Security-Policy": policy, "X-Robots-Tag": "noindex"})


@router.get("/api/shared", response_model=Shared)
async def get_shared(
    resources: Provided, response: Response, authorization: Annotated[str | None, Header(include_in_schema=False)] = None
) -> Shared | ProblemResponse:
    """What a link shares, for who shows its token: `Authorization: Share <what follows # in the link>`."""
    token = shown(authorization)
    share_id = await resources.signer.share_of(token) if token else None
    if share_id is None:
        return problem(401, UNKNOWN, headers=CHALLENGE)
    now = utc_now()
    async with resources.platform.database.connection() as connection:
        try:
            share = await repository.find(connection, share_id)
        except NotFound:
            return problem(404, GONE)
        state, _ = standing(share.facts, now)
        told = giving.told(share, state)
        if state is State.READY:
            if not await repository.use(connection, share.id, now):
                state = State.REVOKED
            told["lines"] = await giving.words_of(connection, share)
    if state not in OPEN:
        return problem(410, GUESTS[state])
    if state is State.READY:
        told |= await giving.given(resources, share, now)
    response.headers["Cache-Control"] = "no-store"
    return Shared.model_validate(told)
