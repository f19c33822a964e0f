"""How routes learn who asks."""

from typing import Annotated

from fastapi import Depends, Request

from services.search.identity.callers import Caller


async def caller_of(request: Request) -> Caller:
    """Who asks the request that is answered."""
    caller: Caller = request.scope["caller"]
    return caller


Asking = Annotated[Caller, Depends(caller_of)]
"""A route's parameter for who asks."""
