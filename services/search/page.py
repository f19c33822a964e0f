"""The page at /: one file, nothing from elsewhere."""

import base64
import hashlib
import re
from pathlib import Path
from urllib.parse import urlsplit

from fastapi import APIRouter
from fastapi.responses import HTMLResponse

from services.search.resources import Provided

PAGE = (Path(__file__).parent / "page.html").read_text(encoding="utf-8")
AWS = "https://*.amazonaws.com"

router = APIRouter(include_in_schema=False)


@router.get("/")
async def index(resources: Provided) -> HTMLResponse:
    """A search box."""
    policy = content_policy(PAGE, resources.platform.settings.s3_endpoint)
    return HTMLResponse(PAGE, headers={"Content-Security-Policy": policy})


def content_policy(page: str, s3_endpoint: str | None) -> str:
    """A policy that runs the page's own script and style, known by their hashes, and shows pictures of the object store."""
    pictures = origin(s3_endpoint) if s3_endpoint else AWS
    return "; ".join(
        (
            "default-src 'none'",
            f"script-src {inline_hash(page, 'script')}",
            f"style-src {inline_hash(page, 'style')}",
            "connect-src 'self'",
            f"img-src 'self' data: {pictures}",
            "base-uri 'none'",
            "form-action 'none'",
            "frame-ancestors 'none'",
        )
    )


def inline_hash(page: str, tag: str) -> str:
    """The hash by which a policy knows the page's one element of this kind."""
    text = re.search(rf"<{tag}>(.*?)</{tag}>", page, re.DOTALL)
    assert text is not None
    digest = hashlib.sha256(text[1].encode()).digest()
    return f"'sha256-{base64.b64encode(digest).decode()}'"


def origin(url: str) -> str:
    """Scheme, host and port."""
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}"
