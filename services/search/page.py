"""The page at /: sent as one file, with its style and script in it; nothing is from elsewhere."""

import base64
import hashlib
import re
from pathlib import Path
from urllib.parse import urlsplit

from fastapi import APIRouter
from fastapi.responses import HTMLResponse

from services.search.resources import Provided

WEB = Path(__file__).parent / "web"
AWS = "https://*.amazonaws.com"

router = APIRouter(include_in_schema=False)


def assembled(folder: Path) -> str:
    """The page of a folder, with its style and script where its empty elements are."""
    page, style, script = ((folder / name).read_text(encoding="utf-8") for name in ("index.html", "page.css", "page.js"))
    return page.replace("<style></style>", f"<style>\n{style}</style>").replace(
        "<script></script>", f"<script>\n{script}</script>"
    )


PAGE = assembled(WEB)


@router.get("/")
async def index(resources: Provided) -> HTMLResponse:
    """The page: signing in, searching, and a file at a moment."""
    policy = content_policy(PAGE, resources.platform.settings.s3_endpoint)
    return HTMLResponse(PAGE, headers={"Content-Security-Policy": policy})


def content_policy(page: str, s3_endpoint: str | None) -> str:
    """A policy that runs the page's own script and style, known by their hashes, and shows what is in the object store."""
    store = origin(s3_endpoint) if s3_endpoint else AWS
    return "; ".join(
        (
            "default-src 'none'",
            f"script-src {inline_hash(page, 'script')}",
            f"style-src {inline_hash(page, 'style')}",
            "connect-src 'self'",
            f"img-src 'self' data: {store}",
            f"media-src 'self' {store}",
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
