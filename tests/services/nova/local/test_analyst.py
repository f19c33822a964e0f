import json
import random
import time
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from services.nova.analyst import Analysis, Material, Segment
from services.nova.local.analyst import MODEL, UNSEEN, UNSPOKEN, analyse
from services.nova.local.waterfall import classifier
from shared.contracts import Kind
from tests.support.material import FILE_ID, material

TALK = (
    "Welcome to the Smith residence in Austin, Texas.",
    "This is a custom grotto of natural stone with a slide.",
    "An excavator and a crane placed the boulders.",
    "The water splits around a central rock.",
)
PATH = r"D:\Customers\Smith\job_2024_0812\SmithResidence_Grotto_final_v2.MP4"


def sources(value: Any) -> Iterator[str]:
    """Every source that is named anywhere in the answer."""
    if isinstance(value, dict):
        yield from ([value["source"]] if "source" in value else [])
        for inner in value.values():
            yield from sources(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from sources(inner)


def test_a_video_is_answered_in_every_part() -> None:
    answer = analyse(material(*TALK, path=PATH))
    assert answer.model == MODEL == "local"
    assert answer.summary is not None
    assert answer.summary.brief is not None
    assert answer.summary.brief.text in TALK
    assert answer.description is None
    assert answer.chapters[-1].end == 18.5
    assert {"grotto", "crane", "excavator"} <= {element.name for element in answer.elements}
    assert answer.waterfall_classification is not None
    assert [decision.value for decision in answer.waterfall_classification.dimensions.values()] == [
        *("Custom Natural Stone", "Grotto with Slide", "Ultimate (Large)", "Two-Tier Split"),
    ]
    assert answer.search_metadata.project.customer_name.value == "Smith"
    assert answer.search_metadata.location.city.value == "Austin"
    assert answer.notes == (UNSEEN,)


def test_a_picture_is_described_and_has_no_chapters() -> None:
    answer = analyse(material(path="Smith/grotto.jpg", kind=Kind.IMAGE))
    assert answer.description is not None
    assert "Nobody looked at the picture" in answer.description.text
    assert answer.summary is None
    assert answer.chapters == ()
    assert answer.notes == (UNSEEN,)


def test_a_silent_video_and_sound_without_pictures_say_so() -> None:
    silent = analyse(material())
    sound = analyse(material("a grotto", kind=Kind.AUDIO))
    assert silent.notes == (UNSEEN, UNSPOKEN)
    assert sound.notes == ()


def test_one_word_is_a_transcript() -> None:
    answer = analyse(material("grotto"), classifier())
    assert answer.summary is not None
    assert answer.summary.detailed is not None
    assert answer.summary.detailed.text == "grotto."
    assert [chapter.title for chapter in answer.chapters] == ["Grotto"]


def test_speech_beyond_the_end_is_cut_off() -> None:
    late = material("a grotto.", "a slide.", "a spa.", duration=6.0)
    answer = analyse(late, classifier())
    assert "a spa" not in answer.model_dump_json()
    assert max(span.end for element in answer.elements for span in element.spans) == 6.0


def test_segments_out_of_order_make_no_difference() -> None:
    straight = material(*TALK)
    mixed = straight.model_copy(update={"segments": straight.segments[::-1]})
    assert analyse(mixed, classifier()) == analyse(straight, classifier())


def test_without_a_duration_the_last_words_end_the_file() -> None:
    answer = analyse(material(*TALK, duration=None), classifier())
    assert answer.chapters[-1].end == 17.5
    assert analyse(material(duration=None), classifier()).chapters == ()


words = st.sampled_from(
    [
        "grotto",
        "no slide",
        "the boulders",
        "Genesis",
        "two feet high",
        "Smith residence",
        "מפל",
        "滝。",
        "Austin, Texas",
        ".",
        "…",
    ]
)
texts = st.lists(st.lists(words | st.text(max_size=10), max_size=8).map(" ".join), max_size=15)
paths = st.text(max_size=40) | st.sampled_from(
    [PATH, "\\", "C:\\", "//", "smithresidence", "Kunden/Müller_Haus/ü.mp4", "שלום/מפל.mp4"]
)


@settings(suppress_health_check=[HealthCheck.too_slow], deadline=None)
@given(texts, paths, st.sampled_from(Kind), st.none() | st.floats(0, 300), st.lists(st.floats(0, 300), max_size=10))
def test_any_file_has_an_answer_that_survives_json(
    spoken: list[str], path: str, kind: Kind, duration: float | None, shots: list[float]
) -> None:
    question = material(*spoken, path=path, kind=kind, duration=duration, shots=tuple(shots))
    answer = analyse(question, classifier())
    assert Analysis.model_validate_json(answer.model_dump_json()) == answer
    assert answer == analyse(question, classifier())
    assert "visual" not in set(sources(json.loads(answer.model_dump_json())))


@pytest.mark.parametrize("vocabulary", [3, 60, 4000])
def test_a_long_transcript_takes_time_in_proportion(vocabulary: int) -> None:
    seconds_per_thousand = 1.0
    chance = random.Random(vocabulary)
    letters = "abcdefghijklmnopqrstuvwxyz"
    known = ["".join(chance.choices(letters, k=6)) for _ in range(vocabulary)] + ["grotto", "boulder", "no", "slide"]
    count = 5_000
    spoken = tuple(
        Segment(start=at * 4.0, end=at * 4 + 3.5, text=" ".join(chance.choices(known, k=10)) + ".") for at in range(count)
    )
    question = Material(file_id=FILE_ID, kind=Kind.VIDEO, path="x.mp4", duration=count * 4.0, segments=spoken)
    started = time.process_time()
    analyse(question, classifier())
    assert time.process_time() - started < seconds_per_thousand * count / 1000
