"""Sign-in at a provider that lies, breaks off or changes, over real HTTP."""

import base64
import time
from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
from joserfc import jwt
from joserfc.jwk import OctKey

from services.search.identity import people
from services.search.identity.oidc.discovery import challenge_of
from shared.database import Database
from tests.support.oidc.hostile import CLIENT_ID, Hostile, a_key, an_ec_key, signed, unsigned

pytestmark = pytest.mark.connected
CALLBACK = "/api/oidc/callback"
JSON = {"Accept": "application/json"}


async def begun(browser: httpx.AsyncClient, hostile: Hostile) -> dict[str, str]:
    """Begin to sign in; answers with what the provider was asked, and the provider knows the nonce."""
    login = await browser.get("/api/oidc/login", follow_redirects=False)
    asked = {name: values[0] for name, values in parse_qs(urlsplit(login.headers["location"]).query).items()}
    hostile.nonce = asked["nonce"]
    return asked


async def came_back(browser: httpx.AsyncClient, hostile: Hostile, **changed: str) -> httpx.Response:
    """The whole way, with a code that the provider takes for anything."""
    asked = await begun(browser, hostile)
    answer = {"code": "a-code", "state": asked["state"]} | changed
    return await browser.get(CALLBACK, params=answer, follow_redirects=False)


async def who(browser: httpx.AsyncClient) -> str | None:
    response = await browser.get("/api/session")
    return str(response.json()["person"]["name"]) if response.is_success else None


async def refused(browser: httpx.AsyncClient, hostile: Hostile, **changed: str) -> str:
    """The code with which the whole way ends."""
    response = await came_back(browser, hostile, **changed)
    where = urlsplit(response.headers["location"])
    assert (response.status_code, where.path, await who(browser)) == (303, "/", None)
    return parse_qs(where.query)["sign_in_error"][0]


async def test_one_that_behaves_lets_people_in(misled: httpx.AsyncClient, hostile: Hostile) -> None:
    response = await came_back(misled, hostile)
    assert response.headers["location"] == "/"
    assert await who(misled) == "mallory"


async def test_the_code_is_shown_with_the_verifier_and_the_secret(misled: httpx.AsyncClient, hostile: Hostile) -> None:
    asked = await begun(misled, hostile)
    await misled.get(CALLBACK, params={"code": "c/o+de", "state": asked["state"]})
    (form, authorization), *others = hostile.exchanges
    assert others == []
    assert challenge_of(form["code_verifier"][0]) == asked["code_challenge"]
    assert len(form["code_verifier"][0]) >= 43
    assert (form["code"], form["grant_type"]) == (["c/o+de"], ["authorization_code"])
    assert form["redirect_uri"] == [asked["redirect_uri"]] == [str(misled.base_url.join(CALLBACK))]
    assert "client_secret" not in form
    assert authorization == f"Basic {base64.b64encode(b'spillway:s3cret').decode()}"


async def test_one_that_takes_no_header_gets_the_secret_in_the_form(misled: httpx.AsyncClient, hostile: Hostile) -> None:
    hostile.discovery = {"token_endpoint_auth_methods_supported": ["client_secret_post"]}
    await came_back(misled, hostile)
    ((form, authorization),) = hostile.exchanges
    assert (form["client_id"], form["client_secret"], authorization) == ([CLIENT_ID], ["s3cret"], None)
    assert await who(misled) == "mallory"


async def test_state_nonce_and_verifier_are_new_each_time(misled: httpx.AsyncClient, hostile: Hostile) -> None:
    first, second = await begun(misled, hostile), await begun(misled, hostile)
    for name in ("state", "nonce", "code_challenge"):
        assert first[name] != second[name]
        assert len(first[name]) >= 43


def tampered(token: str) -> str:
    head, body, signature = token.split(".")
    other = base64.urlsafe_b64decode(body + "==").replace(b'"subject-1"', b'"subject-2"')
    return f"{head}.{base64.urlsafe_b64encode(other).rstrip(b'=').decode()}.{signature}"


FORGERIES: dict[str, Callable[[Hostile], Callable[[dict[str, Any]], str]]] = {
    "tampered": lambda hostile: lambda claims: tampered(signed(claims, hostile.key)),
    "by nobody": lambda _: unsigned,
    "by another key": lambda _: lambda claims: signed(claims, a_key("first")),
    "by an unknown key": lambda _: lambda claims: signed(claims, a_key("second")),
    "by a key of another kind": lambda _: lambda claims: signed(claims, an_ec_key("first")),
    "by our secret": lambda _: lambda claims: jwt.encode({"alg": "HS256"}, claims, OctKey.import_key("s3cret" * 9), ["HS256"]),
    "for another client": lambda hostile: lambda claims: signed(claims | {"aud": "other"}, hostile.key),
    "for another party": lambda hostile: lambda claims: signed(claims | {"azp": "other"}, hostile.key),
    "by another issuer": lambda hostile: lambda claims: signed(claims | {"iss": "https://id.example"}, hostile.key),
    "of another sign-in": lambda hostile: lambda claims: signed(claims | {"nonce": "other"}, hostile.key),
    "of no sign-in": lambda hostile: lambda claims: signed({**claims, "nonce": None}, hostile.key),
    "for another access token": lambda hostile: lambda claims: signed(claims | {"at_hash": "other"}, hostile.key),
    "no token at all": lambda _: lambda _: "ey.ey.ey",
}


async def test_a_forged_token_lets_nobody_in(misled: httpx.AsyncClient, hostile: Hostile, database: Database) -> None:
    for name, forgery in FORGERIES.items():
        hostile.forge = forgery(hostile)
        assert await refused(misled, hostile) == "provider_wrong", name
    async with database.connection() as connection:
        assert await people.named(connection, "mallory") is None


@pytest.mark.parametrize("changed", [{"exp": -61}, {"iat": 120}, {"nbf": 120}])
async def test_clocks_that_differ_much_are_named(misled: httpx.AsyncClient, hostile: Hostile, changed: dict[str, int]) -> None:
    hostile.claims |= {name: int(time.time()) + seconds for name, seconds in changed.items()}
    assert await refused(misled, hostile) == "clocks_differ"


async def test_clocks_that_differ_a_little_are_not(misled: httpx.AsyncClient, hostile: Hostile) -> None:
    now = int(time.time())
    hostile.claims |= {"exp": now - 20, "iat": now + 20, "nbf": now + 20}
    await came_back(misled, hostile)
    assert await who(misled) == "mallory"


async def test_new_keys_are_learnt_in_the_middle_of_a_sign_in(misled: httpx.AsyncClient, hostile: Hostile) -> None:
    await came_back(misled, hostile)
    hostile.key = an_ec_key("second")
    hostile.published = [hostile.key]
    misled.cookies.delete("spillway_session")
    await came_back(misled, hostile)
    assert await who(misled) == "mallory"


async def test_what_the_token_leaves_out_is_asked_for(misled: httpx.AsyncClient, hostile: Hostile) -> None:
    hostile.claims = {}
    hostile.userinfo |= {"preferred_username": "trudy", "groups": ["staff"]}
    await came_back(misled, hostile)
    assert await who(misled) == "trudy"


async def test_what_it_tells_of_another_person_counts_for_nothing(misled: httpx.AsyncClient, hostile: Hostile) -> None:
    hostile.claims = {}
    hostile.userinfo = {"sub": "subject-2", "preferred_username": "trudy", "groups": ["staff"]}
    assert await refused(misled, hostile) == "provider_wrong"


async def test_a_token_that_says_all_is_enough(misled: httpx.AsyncClient, hostile: Hostile) -> None:
    await came_back(misled, hostile)
    assert "/userinfo" not in hostile.asked


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        ({"error": "access_denied"}, "denied"),
        ({"error": "temporarily_unavailable"}, "provider_away"),
        ({"error": "invalid_scope"}, "provider_wrong"),
        ({"error": "<script>\n"}, "provider_wrong"),
        ({"iss": "https://id.example"}, "provider_wrong"),
    ],
)
async def test_an_answer_that_is_no_yes_is_told_as_what_it_is(
    misled: httpx.AsyncClient, hostile: Hostile, answer: dict[str, str], reason: str
) -> None:
    assert await refused(misled, hostile, **answer) == reason
    assert hostile.exchanges == []


async def test_who_promises_to_say_who_answers_must(misled: httpx.AsyncClient, hostile: Hostile) -> None:
    hostile.discovery = {"authorization_response_iss_parameter_supported": True}
    assert await refused(misled, hostile) == "provider_wrong"
    await came_back(misled, hostile, iss=hostile.issuer)
    assert await who(misled) == "mallory"


async def test_an_error_uses_the_sign_in_up(misled: httpx.AsyncClient, hostile: Hostile) -> None:
    asked = await begun(misled, hostile)
    await misled.get(CALLBACK, params={"error": "access_denied", "state": asked["state"]})
    again = await misled.get(CALLBACK, params={"code": "a-code", "state": asked["state"]}, follow_redirects=False)
    assert again.headers["location"] == "/?sign_in_error=begin_again"


@pytest.mark.parametrize(
    ("place", "status", "reason"),
    [
        ("/token", 500, "provider_away"),
        ("/token", 400, "provider_wrong"),
        ("/jwks", 503, "provider_away"),
        ("/jwks", 404, "provider_wrong"),
    ],
)
async def test_what_breaks_underway_is_told(
    misled: httpx.AsyncClient, hostile: Hostile, place: str, status: int, reason: str
) -> None:
    hostile.statuses[place] = status
    assert await refused(misled, hostile) == reason


async def test_while_it_is_away_that_is_said(misled: httpx.AsyncClient, hostile: Hostile) -> None:
    hostile.statuses["/.well-known/openid-configuration"] = 502
    plain = await misled.get("/api/oidc/login", headers=JSON)
    assert plain.status_code == 503
    assert plain.json()["detail"] == "The sign-in service cannot be reached just now. Try again in a minute."
    assert plain.headers["retry-after"] == "5"
    sent = await misled.get("/api/oidc/login", follow_redirects=False)
    assert (sent.status_code, sent.headers["location"]) == (303, "/?sign_in_error=provider_away")
    del hostile.statuses["/.well-known/openid-configuration"]
    await came_back(misled, hostile)
    assert await who(misled) == "mallory"


async def test_its_discovery_document_is_read_once(misled: httpx.AsyncClient, hostile: Hostile) -> None:
    for _ in range(3):
        await begun(misled, hostile)
    assert hostile.asked.count("/.well-known/openid-configuration") == 1


async def test_another_issuers_document_is_not_believed(misled: httpx.AsyncClient, hostile: Hostile) -> None:
    hostile.discovery = {"issuer": "https://id.example"}
    plain = await misled.get("/api/oidc/login", headers=JSON)
    assert plain.status_code == 502


async def test_secrets_are_in_no_log_line(
    misled: httpx.AsyncClient, hostile: Hostile, capsys: pytest.CaptureFixture[str]
) -> None:
    for forge in (unsigned, lambda claims: signed(claims, a_key("first"))):
        hostile.forge = forge
        asked = await begun(misled, hostile)
        await misled.get(CALLBACK, params={"code": "the-code-itself", "state": asked["state"]})
        said = "".join(capsys.readouterr())
        assert "sign-in refused" in said
        for secret in ("the-code-itself", asked["state"], asked["nonce"], "s3cret", "an access token"):
            assert secret not in said
