"""A browser, as far as a sign-in needs one: cookies, redirects, and forms that are filled in."""

from contextlib import AbstractAsyncContextManager
from html.parser import HTMLParser

import httpx

HTML = {"Accept": "text/html,application/xhtml+xml"}


class Form(HTMLParser):
    """The inputs of the one form of a page."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.values: dict[str, str] = {}
        self.buttons: set[str] = set()
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Keep an input."""
        given = dict(attrs)
        if tag != "input" or not (name := given.get("name")):
            return
        if given.get("type") == "submit":
            self.buttons.add(name)
        else:
            self.values[name] = given.get("value") or ""


def a_browser(gateway: httpx.URL) -> AbstractAsyncContextManager[httpx.AsyncClient]:
    """Somebody's browser, with no cookie yet."""
    return httpx.AsyncClient(base_url=gateway, headers=HTML, trust_env=False, follow_redirects=True, timeout=30.0)


async def to_the_form(browser: httpx.AsyncClient, return_to: str = "/") -> httpx.Response:
    """From the gateway to the provider's login form."""
    page = await browser.get("/api/oidc/login", params={"return_to": return_to})
    assert "password" in Form(page.text).values, page.text
    return page


async def filled_in(browser: httpx.AsyncClient, page: httpx.Response, name: str, password: str) -> httpx.Response:
    """From the login form to the question whether Spillway may know who one is."""
    values = Form(page.text).values | {"username": name, "password": password}
    return await browser.post(page.url, data=values)


async def allowed(
    browser: httpx.AsyncClient, page: httpx.Response, *, allow: bool = True, follow: bool = True
) -> httpx.Response:
    """From that question back to the gateway, and with `follow` on to where one wanted to go."""
    form = Form(page.text)
    assert "allow" in form.buttons, page.text
    values = form.values | ({"allow": "Authorize"} if allow else {})
    return await browser.post(page.url, data=values, follow_redirects=follow)


async def signed_in(browser: httpx.AsyncClient, name: str, password: str, return_to: str = "/") -> httpx.Response:
    """The whole way; the answer is of the page where it ends."""
    page = await filled_in(browser, await to_the_form(browser, return_to), name, password)
    return await allowed(browser, page)
