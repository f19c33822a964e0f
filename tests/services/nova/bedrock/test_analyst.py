"""Nova looks at files: the real service on real servers, with a Bedrock of ours."""

import asyncio
from decimal import Decimal
from itertools import pairwise

import pytest

from services.nova.bedrock.outcomes import Overflowed, Unreadable, Withheld
from services.nova.handlers import on_analysis_given_up, on_analysis_wanted
from shared.contracts import NovaCompleted, Stage, StageState
from shared.errors import AlreadyApplied, Invalid, Permanent, Throttled
from shared.paying import budgets
from shared.paying.errors import BudgetExceeded
from tests.support.bedrock import Fault, Trouble
from tests.support.imported import emitted
from tests.support.library import stage_of
from tests.support.studio import Studio, noise

pytestmark = pytest.mark.connected

LONG = 2400.0


async def test_a_short_video_is_asked_about_once(studio: Studio) -> None:
    film = await studio.video(10.0, "We built a grotto with a slide for the Smith family.")
    event = await studio.asked(film)
    await on_analysis_wanted(event, studio.resources())
    analysis = await studio.current(film)
    assert analysis.summary is not None
    assert (analysis.chapters[0].start, analysis.chapters[-1].end) == (0.0, 10.0)
    assert analysis.waterfall_classification is not None
    assert {made.model for made in analysis.made.values()} == {"lite"}
    [call] = await studio.ledger()
    assert (call["state"], call["purpose"], call["file_id"]) == ("answered", "analysis", film.id)
    [billed] = studio.bedrock.billed
    assert (call["request_id"], call["input_tokens"]) == (billed.request_id, billed.usage and billed.usage.input_tokens)
    assert Decimal(0) < call["usd"] <= call["usd_reserved"]
    [run] = await studio.runs(film)
    assert (run["state"], run["model"], run["chunks_done"], run["chunks"]) == ("done", "lite", 1, 1)
    assert run["model_id"] == "us.amazon.nova-lite-v1:0"
    [(subject, body)] = await emitted(studio.platform.database, film.id)
    assert subject == "nova.completed"
    assert NovaCompleted.model_validate(body).model == "lite"


async def test_an_event_told_twice_is_answered_once(studio: Studio) -> None:
    film = await studio.video(10.0)
    event = await studio.asked(film)
    await on_analysis_wanted(event, studio.resources())
    with pytest.raises((AlreadyApplied, Exception), match=r"no longer|before"):
        await on_analysis_wanted(event, studio.resources())
    assert len(studio.bedrock.billed) == 1


async def test_the_same_question_costs_nothing(studio: Studio) -> None:
    film = await studio.video(10.0)
    before = await studio.analyse(film)
    after = await studio.analyse(film)
    assert len(studio.bedrock.billed) == 1
    assert after.chapters == before.chapters
    assert len(await studio.runs(film)) == 2


async def test_a_fresh_answer_is_paid_for(studio: Studio) -> None:
    film = await studio.video(10.0)
    await studio.analyse(film)
    await studio.analyse(film, fresh=True)
    assert len(studio.bedrock.billed) == 2


async def test_each_analysis_may_be_asked_about_alone(studio: Studio) -> None:
    film = await studio.video(10.0)
    analysis = await studio.analyse(film, combined=False)
    assert len(studio.bedrock.billed) == 4
    assert analysis.summary is not None
    assert analysis.chapters[-1].end == 10.0
    assert set(analysis.made) == {"summary", "chapters", "elements", "waterfall_classification", "search_metadata"}


async def test_a_section_asked_for_alone_leaves_the_others(studio: Studio) -> None:
    film = await studio.video(10.0, "We built a grotto.")
    await studio.analyse(film, model="local")
    analysis = await studio.analyse(film, model="pro", analysis_types=["chapters"])
    assert {name: made.model for name, made in analysis.made.items()} == {
        "summary": "local",
        "chapters": "pro",
        "elements": "local",
        "waterfall_classification": "local",
        "search_metadata": "pro",
    }


async def test_rules_over_words_do_not_displace_what_was_paid_for(studio: Studio) -> None:
    film = await studio.video(10.0, "We built a grotto.")
    paid = await studio.analyse(film)
    assert (await studio.analyse(film, model="local")).made == paid.made


async def test_a_long_video_is_looked_at_in_chunks(studio: Studio) -> None:
    cuts = tuple(float(at) for at in range(60, 2400, 61))
    film = await studio.video(LONG, *[f"Sentence number {number}." for number in range(300)], cuts=cuts)
    analysis = await studio.analyse(film)
    looks = [call for call in studio.bedrock.billed if "video" in str(call.request)]
    assert [len(looks), len(studio.bedrock.billed)] == [3, 4]
    assert {row["purpose"] for row in await studio.ledger()} == {"analysis", "merge"}
    assert (analysis.chapters[0].start, analysis.chapters[-1].end) == (0.0, LONG)
    assert all(one.end == other.start for one, other in pairwise(analysis.chapters))
    assert analysis.summary is not None
    [run] = await studio.runs(film)
    assert (run["chunks_done"], run["chunks"]) == (3, 3)


async def test_a_stopped_worker_s_successor_asks_what_is_left(studio: Studio) -> None:
    film = await studio.video(LONG)
    fault = Fault(Trouble.DENIED)
    studio.bedrock.script(Fault(Trouble.SLOW, times=1, seconds=0.0), fault)
    event = await studio.asked(film)
    with pytest.raises(Permanent):
        await on_analysis_wanted(event, studio.with_settings(concurrency=1).resources())
    assert len(studio.bedrock.billed) == 1
    await on_analysis_wanted(event, studio.resources())
    assert len(studio.bedrock.billed) == 4
    assert len({str(call.request) for call in studio.bedrock.billed}) == 4


async def test_who_is_cancelled_in_the_middle_has_the_answer_written_down(studio: Studio) -> None:
    film = await studio.video(10.0)
    slow = Fault(Trouble.SLOW)
    studio.bedrock.script(slow)
    event = await studio.asked(film)
    resources = studio.resources()
    task = asyncio.create_task(on_analysis_wanted(event, resources))
    assert await asyncio.to_thread(slow.gate.reached)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    again = asyncio.create_task(on_analysis_wanted(event, resources))
    slow.gate.open()
    await again
    assert len(studio.bedrock.billed) == 1
    assert [row["state"] for row in await studio.ledger()] == ["answered"]


@pytest.mark.parametrize("trouble", [Trouble.FENCED, Trouble.TRAILING_PROSE, Trouble.BEYOND_THE_END, Trouble.OVERLAPPING])
async def test_what_can_be_put_right_here_is_not_asked_again(studio: Studio, trouble: Trouble) -> None:
    film = await studio.video(10.0)
    studio.bedrock.script(Fault(trouble))
    analysis = await studio.analyse(film)
    assert len(studio.bedrock.billed) == 1
    assert (analysis.chapters[0].start, analysis.chapters[-1].end) == (0.0, 10.0)


@pytest.mark.parametrize("trouble", [Trouble.MALFORMED_JSON, Trouble.MISSING_SECTION, Trouble.MALFORMED_MODEL_OUTPUT])
async def test_an_answer_of_the_wrong_form_is_repaired_once(studio: Studio, trouble: Trouble) -> None:
    film = await studio.video(10.0)
    studio.bedrock.script(Fault(trouble))
    analysis = await studio.analyse(film)
    assert [row["purpose"] for row in await studio.ledger()] == ["analysis", "repair"]
    assert analysis.chapters[-1].end == 10.0
    assert "video" not in str(studio.bedrock.billed[1].request["messages"])


async def test_an_answer_that_stays_wrong_is_shown(studio: Studio) -> None:
    film = await studio.video(10.0)
    studio.bedrock.script(Fault(Trouble.MALFORMED_JSON, times=2))
    event = await studio.asked(film)
    with pytest.raises(Unreadable, match="It began") as raised:
        await on_analysis_wanted(event, studio.resources())
    async with studio.platform.database.transaction() as connection:
        await on_analysis_given_up(connection, event, str(raised.value))
    [run] = await studio.runs(film)
    assert (run["state"], run["reason"]) == ("failed", str(raised.value))
    assert all(row["answer"]["text"] for row in await studio.ledger())


async def test_an_answer_cut_off_is_asked_for_in_parts(studio: Studio) -> None:
    film = await studio.video(10.0)
    studio.bedrock.script(Fault(Trouble.TRUNCATED))
    analysis = await studio.analyse(film)
    assert len(studio.bedrock.billed) == 5
    assert analysis.chapters[-1].end == 10.0


@pytest.mark.parametrize(("trouble", "error"), [(Trouble.CONTENT_FILTERED, Withheld), (Trouble.CONTEXT_EXCEEDED, Overflowed)])
async def test_what_ends_an_answer_has_a_sentence_of_its_own(studio: Studio, trouble: Trouble, error: type[Exception]) -> None:
    film = await studio.video(10.0)
    studio.bedrock.script(Fault(trouble))
    with pytest.raises(error):
        await studio.analyse(film)
    assert [row["state"] for row in await studio.ledger()] == ["answered"]


async def test_throttling_waits_and_is_told(studio: Studio) -> None:
    film = await studio.video(10.0)
    studio.bedrock.script(Fault(Trouble.THROTTLED))
    event = await studio.asked(film)
    with pytest.raises(Throttled):
        await on_analysis_wanted(event, studio.resources())
    [run] = await studio.runs(film)
    assert run["state"] == "waiting"
    assert run["reason"]
    assert [(row["state"], row["usd"]) for row in await studio.ledger()] == [("refused", 0)]
    assert (await stage_of(studio.platform.database, film.id, Stage.ANALYSE)).state == StageState.PENDING


@pytest.mark.parametrize(
    ("model", "sentence"),
    [("premier", "retired"), ("micro", "video"), ("nova-embed", "embeddings"), ("mega", 'no model "mega"')],
)
async def test_a_model_that_cannot_is_refused_before_anything_is_sent(studio: Studio, model: str, sentence: str) -> None:
    film = await studio.video(10.0)
    with pytest.raises(Invalid, match=sentence):
        await studio.analyse(film, model=model)
    assert studio.bedrock.calls == []
    assert await studio.ledger() == []


async def test_a_budget_refuses_before_anything_is_sent(studio: Studio) -> None:
    film = await studio.video(10.0)
    async with studio.platform.database.transaction() as connection:
        await budgets.create(connection, name="tiny", period="day", usd=Decimal("0.0001"))
    with pytest.raises(BudgetExceeded, match="tiny"):
        await studio.analyse(film)
    assert studio.bedrock.calls == []


async def test_an_image_is_looked_at(studio: Studio) -> None:
    photo = await studio.image()
    analysis = await studio.analyse(photo)
    assert analysis.description is not None
    assert set(analysis.made) == {"description", "elements", "waterfall_classification", "search_metadata"}
    assert len(studio.bedrock.billed) == 1


async def test_a_sound_file_is_read(studio: Studio) -> None:
    sound = await studio.sound("We built a grotto.", "It has a slide.")
    analysis = await studio.analyse(sound, model="micro")
    assert analysis.summary is not None
    assert analysis.made["summary"].model == "micro"
    assert len(studio.bedrock.billed) == 1


async def test_a_sound_file_in_which_nothing_is_said_costs_nothing(studio: Studio) -> None:
    analysis = await studio.analyse(await studio.sound())
    assert analysis.made["summary"].model == "local"
    assert studio.bedrock.calls == []


async def test_a_transcript_is_summed_up_by_its_words_alone(studio: Studio) -> None:
    film = await studio.video(10.0, "We built a grotto.", "It has a slide.")
    analysis = await studio.analyse(film, model="micro", analysis_types=["transcript_summary"])
    assert analysis.transcript_summary is not None
    assert set(analysis.made) == {"transcript_summary"}
    [row] = await studio.ledger()
    assert row["purpose"] == "summary"


async def test_without_a_transcript_there_is_nothing_to_sum_up(studio: Studio) -> None:
    analysis = await studio.analyse(await studio.video(10.0), analysis_types=["transcript_summary"])
    assert analysis.transcript_summary is None
    assert "Nothing is said" in analysis.notes[0]
    assert studio.bedrock.calls == []


async def test_without_a_proxy_it_is_said_what_to_do(studio: Studio) -> None:
    film = await studio.video(10.0)
    async with studio.platform.database.transaction() as connection:
        await connection.execute("DELETE FROM renditions")
    with pytest.raises(Permanent, match="no proxy of this video to look at"):
        await studio.analyse(film)


async def test_a_clip_too_large_to_be_sent_goes_through_the_staging_bucket(studio: Studio) -> None:
    film = await studio.video(20.0, proxy=noise(studio.folder / "noise.mp4", 20.0))
    with pytest.raises(Permanent, match="SPILLWAY_BEDROCK_STAGING_BUCKET"):
        await studio.analyse(film)
    assert studio.bedrock.calls == []
    await studio.with_settings(staging_bucket=studio.platform.blobs.bucket).analyse(film)
    [call] = studio.bedrock.billed
    assert "s3://" in str(call.request)
    keys = [found.key async for page in studio.platform.blobs.stored("") for found in page]
    assert [key for key in keys if "staging" in key] == []
