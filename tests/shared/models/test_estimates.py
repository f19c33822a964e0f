"""Estimates: the calls that it takes, what they come to, and what holds whatever is asked."""

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shared.analyses import EVERYTHING, STILL, TIMED, AnalysisType, Depth
from shared.contracts.event import Kind
from shared.errors import Invalid
from shared.models.asking import answer_tokens, merge_tokens, prompt_tokens, told_tokens
from shared.models.catalogue import Lifecycle, Model, Status, load
from shared.models.estimates import Estimate, InputTokens, Question, estimate, total
from shared.models.prices import Usage, cost
from shared.models.rates import Tier
from shared.models.tokens import text_tokens
from shared.models.workload import KEY_FRAMES, chunk_lengths, workload

CATALOGUE = load()
LITE, NOVA_2 = CATALOGUE.find("lite"), CATALOGUE.find("2-lite")
SUMMARY, HEARD = AnalysisType.SUMMARY, AnalysisType.TRANSCRIPT_SUMMARY
NOTE = "The video rule of this model is documented in two ways; the higher is assumed."


def video(
    seconds: float | None = 600.0, *, said: int = 0, types: tuple[AnalysisType, ...] = TIMED, **fields: object
) -> Question:
    return replace(Question(Kind.VIDEO, seconds, 1280, 720, said, types), **fields)  # type: ignore[arg-type]


def image(width: int | None, height: int | None) -> Question:
    return Question(Kind.IMAGE, None, width, height, 0, STILL)


def told(model: Model, question: Question) -> Estimate:
    return estimate(model, "us", question)


def test_a_short_video_is_one_call_with_prompt_and_transcript() -> None:
    found = told(LITE, video(300.0, said=3800))
    assert (found.model, found.chunks, found.calls, found.prices_as_of) == ("lite", 1, 1, date(2026, 11, 20))
    assert found.input_tokens == InputTokens(text=prompt_tokens(Kind.VIDEO, TIMED) + told_tokens(3800), video=300 * 288)
    parts = (*TIMED, "search_metadata")
    assert (found.output_tokens_low, found.output_tokens_high) == answer_tokens(parts, None, 5.0)
    assert found.usd_low == cost(LITE, Usage(found.total_input_tokens, found.output_tokens_low), "us")
    assert found.usd_high == cost(LITE, Usage(found.total_input_tokens, found.output_tokens_high), "us")
    assert (found.batch_usd_low, found.batch_usd_high) == (found.usd_low / 2, found.usd_high / 2)
    assert found.notes == ()


def test_what_is_said_comes_with_its_times() -> None:
    assert told_tokens(6000) - told_tokens(0) == pytest.approx(text_tokens(6000) + 100 * 12, abs=1)


@pytest.mark.parametrize(
    ("duration", "lengths"),
    [(10.0, (10.0,)), (900.0, (900.0,)), (900.1, (455.05,) * 2), (1790.0, (900.0,) * 2), (2400.0, (2420 / 3,) * 3)],
)
def test_chunks_are_as_few_as_can_be_and_overlap(duration: float, lengths: tuple[float, ...]) -> None:
    assert chunk_lengths(duration, 900.0, 10.0) == pytest.approx(lengths)


def test_each_chunk_carries_the_prompt_and_its_share_of_what_is_said_and_summaries_are_merged() -> None:
    question = video(2400.0, said=60_000, depth=Depth.BRIEF)
    work = workload(LITE, question)
    *looks, merge = work.calls
    assert (work.chunks, len(looks)) == (3, 3)
    share = told_tokens(20_167)
    assert {one.text for one in looks} == {prompt_tokens(Kind.VIDEO, TIMED) + share}
    assert {one.video.low for one in looks} == {807 * 288}
    assert {one.video.high for one in looks} == {-int(-(2420 / 3 + KEY_FRAMES) // 1) * 288}
    summaries = 3 * answer_tokens((SUMMARY,), Depth.BRIEF, 0.0).high
    assert (merge.text, merge.video, merge.early) == (merge_tokens() + summaries, (0, 0), False)


@pytest.mark.parametrize(("types", "calls"), [((AnalysisType.CHAPTERS,), 3), ((SUMMARY,), 4)])
def test_only_summaries_are_merged_by_a_call(types: tuple[AnalysisType, ...], calls: int) -> None:
    assert told(LITE, video(2400.0, types=types)).calls == calls


def test_one_call_for_each_analysis_looks_at_the_video_as_often() -> None:
    together, apart = told(LITE, video()), told(LITE, video(combined=False))
    assert (apart.calls, apart.input_tokens.video) == (4, 4 * together.input_tokens.video)
    assert apart.input_tokens.text == sum(prompt_tokens(Kind.VIDEO, (one,)) + told_tokens(0) for one in TIMED)


def test_a_transcript_is_summed_up_by_a_call_without_pictures() -> None:
    found = told(CATALOGUE.find("micro"), video(types=(HEARD,), said=3800))
    assert (found.calls, found.chunks, found.input_tokens.video) == (1, 0, 0)
    assert found.input_tokens.text == prompt_tokens(Kind.VIDEO, (HEARD,)) + told_tokens(3800)
    assert told(LITE, video(types=(*TIMED, HEARD), said=3800)).calls == 2
    assert told(LITE, video(types=(*TIMED, HEARD))).calls == 1


def test_more_speech_than_goes_with_a_look_is_summed_up_first() -> None:
    assert [told(NOVA_2, video(said=characters)).calls for characters in (50_000, 50_001)] == [1, 2]
    longest = told(NOVA_2, video(said=50_001)).input_tokens.text
    assert longest == prompt_tokens(Kind.VIDEO, TIMED) + told_tokens(50_000) + prompt_tokens(
        Kind.VIDEO, (HEARD,)
    ) + told_tokens(50_001)


def test_speech_beyond_the_context_is_cut_off() -> None:
    micro = CATALOGUE.find("micro")
    found = told(micro, video(types=(HEARD,), said=10_000_000))
    assert found.input_tokens.text + found.output_tokens_high == micro.context_tokens


def test_a_sound_file_is_read_and_not_looked_at() -> None:
    found = told(CATALOGUE.find("micro"), Question(Kind.AUDIO, 600.0, None, None, 3800, TIMED))
    assert found.input_tokens == InputTokens(text=prompt_tokens(Kind.AUDIO, TIMED) + told_tokens(3800))
    assert found.chunks == 1


def test_a_sound_file_in_which_nothing_is_said_costs_nothing() -> None:
    found = told(LITE, Question(Kind.AUDIO, 600.0, None, None, 0, TIMED))
    assert (found.calls, found.usd_high, found.seconds_high) == (0, Decimal(0), 0.0)
    assert found.notes == ("Nothing is said in it, as far as is known, so that the model is asked nothing.",)


def test_an_image_counts_by_its_size() -> None:
    found = told(LITE, image(1400, 900))
    assert found.input_tokens == InputTokens(text=prompt_tokens(Kind.IMAGE, STILL) + told_tokens(0), image=1800)
    assert found.notes == ()


def test_nova_2_bills_images_in_two_documented_ways() -> None:
    found = told(NOVA_2, image(1400, 900))
    assert found.input_tokens.image == 1600
    difference = found.usd_high - found.usd_low
    outputs = found.output_tokens_high - found.output_tokens_low
    assert difference == cost(NOVA_2, Usage(1600 - 230, outputs), "us")
    assert found.notes == ("What this model bills for an image is documented in two ways; the higher is assumed.",)


def test_an_image_of_unknown_size_is_told_as_a_span() -> None:
    found = told(LITE, image(None, None))
    assert found.input_tokens.image == 2600
    assert found.notes == ("The size of an image is not known; the figures span those that there are.",)


def test_the_dearer_reading_of_a_long_look_is_assumed_and_said() -> None:
    wide = NOVA_2.model_copy(update={"useful_window_seconds": 3600.0})
    found = told(wide, video(1800.0))
    assert found.input_tokens.video == 518_400
    assert found.notes == (NOTE,)
    outputs = found.output_tokens_high - found.output_tokens_low
    assert found.usd_high - found.usd_low == cost(NOVA_2, Usage(518_400 - 276_480, outputs), "us")
    first = LITE.model_copy(update={"useful_window_seconds": 3600.0})
    assert told(first, video(1800.0)).notes == ()


def test_one_summary_is_shorter_than_three() -> None:
    all_, *ones = (told(LITE, video(depth=depth)) for depth in (None, *Depth))
    assert all(one.output_tokens_high < all_.output_tokens_high for one in ones)
    assert [one.output_tokens_high for one in ones] == sorted(one.output_tokens_high for one in ones)


def test_no_answer_is_longer_than_the_model_may_answer() -> None:
    terse = LITE.model_copy(update={"most_output_tokens": 500})
    assert (told(terse, video()).output_tokens_high, told(terse, video(2400.0)).output_tokens_high) == (500, 2000)


def test_scope_and_tier_are_priced() -> None:
    question = video()
    standard, flex = (estimate(CATALOGUE.find("pro"), "us", question, tier=tier) for tier in (Tier.STANDARD, Tier.FLEX))
    assert (flex.usd_high, flex.batch_usd_high) == (standard.usd_high / 2, standard.batch_usd_high)
    assert estimate(NOVA_2, "global", question).usd_low * 11 == estimate(NOVA_2, "us", question).usd_low * 10
    with pytest.raises(Invalid, match="in the scope apac; there are prices in"):
        estimate(NOVA_2, "apac", question)


def test_what_cannot_be_told_is_refused() -> None:
    with pytest.raises(Invalid, match="length of the video is not known"):
        told(LITE, video(None))
    with pytest.raises(Invalid, match="No price is known of Nova Lite, so it is not asked"):
        told(LITE.model_copy(update={"prices": None}), video())
    with pytest.raises(Invalid, match="Nova Micro takes no video"):
        told(CATALOGUE.find("micro"), video())
    with pytest.raises(Invalid, match="takes at most 100000"):
        told(LITE.model_copy(update={"context_tokens": 100_000}), video())


def test_time_runs_from_all_at_once_to_one_after_another() -> None:
    one, three = told(LITE, video(800.0)), told(LITE, video(2400.0))
    assert LITE.seconds is not None
    assert 0 < one.seconds_low < one.seconds_high
    assert three.seconds_low < 2 * one.seconds_low + LITE.seconds.call.high
    assert three.seconds_high > 3 * LITE.seconds.call.high
    assert told(LITE.model_copy(update={"seconds": None}), video()).seconds_high == 0


def test_notes_tell_of_missing_batch_prices_and_of_an_end() -> None:
    prices = LITE.prices
    assert prices is not None
    rate = prices.scopes["us"][Tier.STANDARD].model_copy(update={"batch_input": None})
    life = Lifecycle(
        status=Status.LEGACY, ends_on=date(2027, 1, 31), successor="2-lite", read_on=date(2026, 11, 20), source="a page"
    )
    known = prices.model_copy(update={"scopes": {"us": {Tier.STANDARD: rate}}})
    found = told(LITE.model_copy(update={"prices": known, "lifecycle": life}), video())
    assert (found.batch_usd_low, found.batch_usd_high, found.told()["batch_usd_high"]) == (None, None, None)
    assert found.notes == (
        "No batch price of Nova Lite is known in the scope us.",
        "Nova Lite is on its way out and ends on 2027-01-31; its successor is 2-lite.",
    )


def test_it_is_told_as_json() -> None:
    found = replace(told(NOVA_2, image(1400, 900)), usd_low=Decimal("0.00012345678"), seconds_low=1.23456)
    told_of = found.told()
    assert list(told_of) == [
        *(
            "model",
            "input_tokens",
            "input_tokens_by_modality",
            "output_tokens_low",
            "output_tokens_high",
            "usd_low",
            "usd_high",
        ),
        *("batch_usd_low", "batch_usd_high", "seconds_low", "seconds_high", "chunks", "calls", "prices_as_of", "notes"),
    ]
    assert told_of["input_tokens"] == sum(told_of["input_tokens_by_modality"].values()) == found.input_tokens.total
    assert (told_of["usd_low"], told_of["seconds_low"], told_of["prices_as_of"]) == (0.000123, 1.2, "2026-11-20")
    assert isinstance(told_of["usd_high"], float)
    assert told_of["notes"] == list(found.notes)


def test_nothing_chosen_has_no_total() -> None:
    with pytest.raises(Invalid, match="no file is chosen"):
        total([])


def test_a_total_without_every_batch_price_has_none() -> None:
    found = told(LITE, video())
    assert total([found, replace(found, batch_usd_low=None, batch_usd_high=None)]).batch_usd_high is None


questions = st.builds(
    Question,
    kind=st.sampled_from(Kind),
    duration=st.floats(1, 20_000),
    width=st.none() | st.integers(1, 8000),
    height=st.none() | st.integers(1, 8000),
    transcript_characters=st.integers(0, 200_000),
    types=st.just(()),
    combined=st.booleans(),
    depth=st.none() | st.sampled_from(Depth),
).flatmap(
    lambda one: st.sets(st.sampled_from(EVERYTHING[one.kind]), min_size=1).map(lambda types: replace(one, types=tuple(types)))
)
models = st.sampled_from(["lite", "pro", "2-lite", "2-pro-preview"]).map(CATALOGUE.find)


@settings(deadline=None)
@given(models, questions)
def test_high_is_never_under_low(model: Model, question: Question) -> None:
    found = told(model, question)
    assert found.output_tokens_low <= found.output_tokens_high
    assert found.usd_low <= found.usd_high
    assert found.batch_usd_low is not None
    assert found.batch_usd_high is not None
    assert found.batch_usd_low <= found.batch_usd_high <= found.usd_high
    assert found.seconds_low <= found.seconds_high


@settings(deadline=None)
@given(models, questions, st.floats(0, 5000))
def test_longer_videos_never_cost_less(model: Model, question: Question, more: float) -> None:
    asked = replace(question, kind=Kind.VIDEO, types=TIMED)
    shorter, longer = told(model, asked), told(model, replace(asked, duration=(asked.duration or 0.0) + more))
    assert shorter.input_tokens.video <= longer.input_tokens.video
    assert shorter.chunks <= longer.chunks
    assert shorter.output_tokens_high <= longer.output_tokens_high


@settings(deadline=None)
@given(st.lists(questions, min_size=1, max_size=6))
def test_a_total_is_the_sum(asked: list[Question]) -> None:
    ones = [told(NOVA_2, question) for question in asked]
    whole = total(ones)
    assert whole.usd_low == sum(one.usd_low for one in ones)
    assert whole.usd_high == sum(one.usd_high for one in ones)
    assert whole.batch_usd_high == sum(one.batch_usd_high or 0 for one in ones)
    assert whole.total_input_tokens == sum(one.total_input_tokens for one in ones)
    assert (whole.calls, whole.chunks) == (sum(one.calls for one in ones), sum(one.chunks for one in ones))
    assert whole.seconds_high == pytest.approx(sum(one.seconds_high for one in ones))
    assert set(whole.notes) == {note for one in ones for note in one.notes}
    assert len(whole.notes) == len(set(whole.notes))
    assert (whole.model, whole.prices_as_of) == ("2-lite", date(2026, 11, 20))


@pytest.mark.parametrize("key", ["lite", "pro"])
@pytest.mark.parametrize("seconds", [900.0, 1790.0, 2680.0, 20_000.0])
def test_the_longest_look_with_the_most_speech_fits_the_first_generation(key: str, seconds: float) -> None:
    looks = workload(CATALOGUE.find(key), video(seconds, said=10_000_000)).calls
    assert max(one.video.high for one in looks) <= 900 * 288
    assert told(CATALOGUE.find(key), video(seconds, said=10_000_000)).usd_high > 0
