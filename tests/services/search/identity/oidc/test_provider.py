"""The provider as it is asked, over real HTTP, by a clock that the tests turn."""

import pytest

from services.search.identity.oidc.provider import FRESH, LARGEST, PAUSE, Provider, Tokens
from services.search.identity.oidc.refusals import Reason, Refused
from services.search.identity.oidc.settings import OidcSettings
from tests.support.oidc.hostile import ACCESS_TOKEN, Hostile, a_key, signed

DISCOVERY = "/.well-known/openid-configuration"


class Clock:
    """Seconds, as they are told."""

    now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def provider(hostile: Hostile, clock: Clock) -> Provider:
    return Provider(OidcSettings(), hostile.issuer, clock)


def tokens(hostile: Hostile) -> Tokens:
    hostile.nonce = "nonce-1"
    return Tokens(hostile.id_token(), ACCESS_TOKEN)


async def reason_of(provider: Provider) -> Reason:
    with pytest.raises(Refused) as raised:
        await provider.metadata()
    return raised.value.reason


async def test_what_it_says_of_itself_is_true_for_an_hour(provider: Provider, hostile: Hostile, clock: Clock) -> None:
    await provider.metadata()
    hostile.discovery = {"token_endpoint": f"{hostile.issuer}/another"}
    clock.now += FRESH
    assert (await provider.metadata()).token_endpoint == f"{hostile.issuer}/token"
    clock.now += 1
    assert (await provider.metadata()).token_endpoint == f"{hostile.issuer}/another"
    assert hostile.asked == [DISCOVERY, DISCOVERY]


async def test_what_is_old_serves_while_it_is_away_but_not_when_it_is_wrong(
    provider: Provider, hostile: Hostile, clock: Clock
) -> None:
    first = await provider.metadata()
    clock.now += FRESH + 1
    hostile.statuses[DISCOVERY] = 503
    assert await provider.metadata() == first
    hostile.statuses[DISCOVERY] = 200
    hostile.discovery = {"issuer": "https://id.example"}
    assert await reason_of(provider) is Reason.PROVIDER_WRONG


@pytest.mark.parametrize(
    ("status", "reason"),
    [
        (302, Reason.PROVIDER_WRONG),
        (404, Reason.PROVIDER_WRONG),
        (429, Reason.PROVIDER_AWAY),
        (500, Reason.PROVIDER_AWAY),
    ],
)
async def test_what_is_no_document_is_told_apart(provider: Provider, hostile: Hostile, status: int, reason: Reason) -> None:
    hostile.statuses[DISCOVERY] = status
    assert await reason_of(provider) is reason


async def test_more_than_anybody_needs_is_not_read(provider: Provider, hostile: Hostile) -> None:
    hostile.discovery = {"claims_supported": "x" * LARGEST}
    assert await reason_of(provider) is Reason.PROVIDER_WRONG


async def test_nobody_there_is_away(hostile: Hostile, clock: Clock) -> None:
    assert await reason_of(Provider(OidcSettings(), "http://127.0.0.1:1", clock)) is Reason.PROVIDER_AWAY


async def test_a_new_key_is_learnt_at_once_but_unknown_ones_have_it_asked_only_now_and_then(
    provider: Provider, hostile: Hostile, clock: Clock
) -> None:
    await provider.claims(tokens(hostile), "nonce-1")
    hostile.key = a_key("rotated")
    hostile.published = [hostile.key]
    assert (await provider.claims(tokens(hostile), "nonce-1"))["sub"] == "subject-1"
    assert hostile.asked.count("/jwks") == 2

    unknown = a_key("unknown")
    hostile.forge = lambda claims: signed(claims, unknown)
    for turn in range(2):
        for _ in range(3):
            with pytest.raises(Refused):
                await provider.claims(tokens(hostile), "nonce-1")
        assert hostile.asked.count("/jwks") == 2 + turn
        clock.now += PAUSE + 1

    hostile.published = [unknown]
    assert (await provider.claims(tokens(hostile), "nonce-1"))["sub"] == "subject-1"


async def test_a_key_that_was_taken_back_is_forgotten_within_the_hour(
    provider: Provider, hostile: Hostile, clock: Clock
) -> None:
    await provider.claims(tokens(hostile), "nonce-1")
    stolen = hostile.key
    hostile.published = [a_key("second")]
    hostile.forge = lambda claims: signed(claims, stolen)
    clock.now += FRESH + 1
    with pytest.raises(Refused):
        await provider.claims(tokens(hostile), "nonce-1")


async def test_a_public_client_shows_its_id_and_the_verifier_alone(
    hostile: Hostile, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("SPILLWAY_OIDC_CLIENT_SECRET")
    await Provider(OidcSettings(), hostile.issuer, clock).exchange("c", verifier="v", redirect_uri="http://x.example/")
    ((form, authorization),) = hostile.exchanges
    assert authorization is None
    assert form == {
        "grant_type": ["authorization_code"],
        "code": ["c"],
        "redirect_uri": ["http://x.example/"],
        "code_verifier": ["v"],
        "client_id": ["spillway"],
    }


async def test_a_code_that_is_used_up_means_to_begin_again(provider: Provider, hostile: Hostile) -> None:
    hostile.statuses["/token"] = 400
    hostile.answers["/token"] = {"error": "invalid_grant"}
    with pytest.raises(Refused) as raised:
        await provider.exchange("c", verifier="v", redirect_uri="http://x.example/")
    assert raised.value.reason is Reason.BEGIN_AGAIN


@pytest.mark.parametrize(
    "answer", [[], "text", {}, {"access_token": ACCESS_TOKEN}, {"access_token": 1, "id_token": "x"}, {"id_token": "x"}]
)
async def test_an_answer_without_tokens_is_refused(provider: Provider, hostile: Hostile, answer: object) -> None:
    hostile.answers["/token"] = answer
    with pytest.raises(Refused) as raised:
        await provider.exchange("c", verifier="v", redirect_uri="http://x.example/")
    assert raised.value.reason is Reason.PROVIDER_WRONG


async def test_the_person_is_asked_for_with_the_access_token(provider: Provider, hostile: Hostile) -> None:
    hostile.userinfo = {"sub": "subject-1", "groups": ["staff"]}
    assert await provider.userinfo(tokens(hostile), "subject-1") == hostile.userinfo
    assert hostile.authorizations["/userinfo"] == f"Bearer {ACCESS_TOKEN}"
