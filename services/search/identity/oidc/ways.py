"""The route that tells the sign-in page which ways there are."""

from fastapi import APIRouter
from pydantic import BaseModel, Field

from services.search.resources import Provided

router = APIRouter(prefix="/api/session", tags=["sign-in"])


class ServiceWay(BaseModel):
    """Sign-in by a service elsewhere."""

    name: str = Field(description="What the button calls it.")
    login: str = Field(description="Where the button leads; takes `return_to`.")


class Ways(BaseModel):
    """How one can sign in here."""

    password: bool = Field(description="By name and password.")
    oidc: ServiceWay | None = Field(description="By an OpenID provider; null where none is set up.")


@router.get("/ways")
async def ways(resources: Provided) -> Ways:
    """How people sign in here."""
    settings = resources.openid
    service = ServiceWay(name=settings.name, login="/api/oidc/login") if settings.issuer else None
    return Ways(password=resources.takes_passwords, oidc=service)
