"""What is told before is what is paid after."""

import pytest

from shared.analyses import EVERYTHING
from shared.contracts import Kind
from shared.models import catalogue
from shared.models.estimates import Estimate, Question, estimate
from tests.support.footage import Footage
from tests.support.studio import Studio

pytestmark = pytest.mark.connected

TALK = [f"Sentence number {number} says what the crew does with the boulders by the pond today." for number in range(40)]


def told(key: str, footage: Footage, seconds: float | None, width: int, height: int) -> Estimate:
    spoken = sum(len(segment.text) for segment in footage.segments)
    question = Question(footage.kind, seconds, width, height, spoken, EVERYTHING[footage.kind])
    return estimate(catalogue.load().find(key), "us", question)


def metered(studio: Studio) -> int:
    return sum(call.usage.input_tokens for call in studio.bedrock.billed if call.usage)


@pytest.mark.parametrize("key", ["lite", "pro"])
@pytest.mark.parametrize("seconds", [10.0, 120.0, 1500.0])
async def test_of_a_video_within_a_twentieth(studio: Studio, key: str, seconds: float) -> None:
    film = await studio.video(seconds, *TALK[: int(seconds // 10)])
    await studio.analyse(film, model=key)
    expected = told(key, film, seconds, 64, 48)
    assert expected.input_tokens.total == pytest.approx(metered(studio), rel=0.05)
    assert expected.calls == len(studio.bedrock.billed)


@pytest.mark.parametrize("seconds", [10.0, 120.0, 1500.0])
async def test_of_what_has_two_rules_at_most(studio: Studio, seconds: float) -> None:
    film = await studio.video(seconds, *TALK[: int(seconds // 10)])
    await studio.analyse(film, model="2-lite")
    assert metered(studio) <= told("2-lite", film, seconds, 64, 48).input_tokens.total


async def test_of_an_image_within_a_twentieth(studio: Studio) -> None:
    photo = await studio.image()
    await studio.analyse(photo, model="lite")
    assert told("lite", photo, None, 160, 120).input_tokens.total == pytest.approx(metered(studio), rel=0.05)


async def test_of_speech_within_a_twentieth(studio: Studio) -> None:
    sound = await studio.sound(*TALK)
    await studio.analyse(sound, model="micro")
    assert sound.kind is Kind.AUDIO
    assert told("micro", sound, None, 0, 0).input_tokens.total == pytest.approx(metered(studio), rel=0.05)


async def test_the_ledger_knows_what_was_told(studio: Studio) -> None:
    film = await studio.video(10.0)
    await studio.analyse(film, model="lite")
    [row] = await studio.ledger()
    assert row["estimated_input_tokens"] == pytest.approx(row["input_tokens"], rel=0.05)
    assert row["usd"] <= row["usd_reserved"]
