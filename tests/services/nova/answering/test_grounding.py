from datetime import UTC, datetime
from typing import Any

import pytest

from services.nova.analyst import Material, Segment, Span
from services.nova.answering.grounding import NEAR, QUOTES, Ground
from services.nova.answering.losses import Losses
from services.nova.answering.told import Quote
from services.nova.prompting.context import context_of
from services.nova.provenance import Evidence, Source
from shared.contracts import Kind
from tests.support.material import material

PATH = r"D:\Customers\Smith\job_2024_0812\SmithResidence_Grotto_final_v2.MP4"
TALK = ("Welcome to the Smith residence.", "This is a custom grotto.", "Boulders, placed by crane.")


def ground(file: Material | None = None, span: Span | None = None) -> Ground:
    return Ground(file or material(*TALK, path=PATH), span, Losses())


def quote(source: str, phrase: str, start: float | None = None, end: float | None = None) -> Quote:
    return Quote.model_validate({"source": source, "phrase": phrase, "start": start, "end": end})


def found(source: str, phrase: str, *times: float, file: Material | None = None, span: Span | None = None) -> Any:
    pieces = ground(file, span).evidence([quote(source, phrase, *times)])
    return pieces[0] if pieces else None


def test_speech_is_found_with_the_times_of_its_segments() -> None:
    assert found("transcript", "a custom grotto") == Evidence(
        source=Source.TRANSCRIPT, phrase="a custom grotto", start=4.5, end=8.5
    )
    assert found("transcript", "custom grotto boulders placed") == Evidence(
        source=Source.TRANSCRIPT, phrase="custom grotto boulders placed", start=4.5, end=13.0
    )


def test_what_is_not_said_is_no_evidence_and_is_counted() -> None:
    held = ground()
    assert held.evidence([quote("transcript", "a formal wall"), quote("transcript", "custom grotto")])
    assert list(held.losses.sentences()) == ["1 quote was not found where it is said to come from, and was left out."]


def test_speech_is_looked_for_near_the_time_that_is_told() -> None:
    said = tuple(Segment(start=at, end=at + 4.0, text="the water falls") for at in (0.0, 100.0))
    file = material(duration=200.0).model_copy(update={"segments": said})
    assert found("transcript", "water falls", 90.0, file=file).start == 100.0
    assert found("transcript", "water falls", 20.0, file=file).start == 0.0
    assert found("transcript", "water falls", 4.0 + NEAR, file=file).start == 0.0
    assert found("transcript", "water falls", 150.0, file=file) is None


def test_only_the_part_that_was_looked_at_is_searched_in_its_own_clock() -> None:
    span = Span(start=4.5, end=9.0)
    assert found("transcript", "Welcome to the Smith", span=span) is None
    assert found("transcript", "custom grotto", 0.0, span=span).start == 4.5


def test_a_quote_with_an_ellipsis_is_as_many_quotes() -> None:
    pieces = ground().evidence([quote("transcript", "Welcome \u2026 custom grotto ... made up")])
    assert [piece.phrase for piece in pieces] == ["Welcome", "custom grotto"]


@pytest.mark.parametrize(
    ("source", "phrase", "actual", "name"),
    [
        ("filename", "SmithResidence_Grotto", Source.FILENAME, "SmithResidence_Grotto_final_v2"),
        ("filename", "Smith Residence", Source.FILENAME, "SmithResidence_Grotto_final_v2"),
        ("filename", "SmithResidence_Grotto_final_v2.MP4", Source.FILENAME, "SmithResidence_Grotto_final_v2"),
        ("path", "smith", Source.PATH, "Smith"),
        ("path", "job 2024_0812", Source.PATH, "job_2024_0812"),
        ("path", r"Customers\Smith", Source.PATH, "Customers/Smith"),
        ("path", "grotto", Source.FILENAME, "SmithResidence_Grotto_final_v2"),
        ("filename", "job_2024_0812", Source.PATH, "job_2024_0812"),
    ],
)
def test_names_are_found_and_get_their_real_source(source: str, phrase: str, actual: Source, name: str) -> None:
    assert found(source, phrase) == Evidence(source=actual, phrase=name)


@pytest.mark.parametrize("phrase", ["Jones", "smit", "Smithsonian", "2024_081", "D", ""])
def test_names_that_do_not_stand_there_are_none(phrase: str) -> None:
    assert found("path", phrase) is None
    assert found("filename", phrase) is None


def test_recorded_fields_are_found_as_the_context_shows_them() -> None:
    file = material(
        path="a.jpg",
        kind=Kind.IMAGE,
        camera="Canon EOS 40D",
        captured_at=datetime(2024, 8, 12, 10, 30, tzinfo=UTC),
        gps=(30.2672, -97.7431),
        exif={"City": "Austin", "ImageDescription": "Grotto of the Smiths"},
    )
    shown = [line for line in context_of(file, characters=2000).splitlines() if "(recorded, EXIF)" in line]
    for phrase in (
        *shown,
        "canon eos 40d",
        "Camera: Canon EOS 40D",
        "Austin",
        "the Smiths",
        "2024-08-12",
        "30.26720, -97.74310",
    ):
        assert found("exif", phrase, file=file).source is Source.EXIF, phrase
    assert found("exif", "Austin", file=file).phrase == "City: Austin"
    assert found("exif", "Nikon", file=file) is None


def test_what_is_seen_is_taken_as_it_is_told_within_the_clip() -> None:
    assert found("visual", "a  rock\n<wall>", 2.0, 99.0) == Evidence(
        source=Source.VISUAL, phrase="a rock \u2039wall\u203a", start=2.0, end=14.0
    )
    assert found("visual", "a rock", 5.0, 3.0, span=Span(start=4.0, end=14.0)) == Evidence(
        source=Source.VISUAL, phrase="a rock", start=7.0, end=9.0
    )
    assert found("visual", "a rock") == Evidence(source=Source.VISUAL, phrase="a rock")
    assert found("visual", " ") is None


def test_nothing_is_seen_in_sound_and_pictures_have_no_time() -> None:
    assert found("visual", "a rock", file=material(*TALK, kind=Kind.AUDIO)) is None
    picture = material(path="a.jpg", kind=Kind.IMAGE)
    assert found("visual", "a rock", 1.0, 2.0, file=picture) == Evidence(source=Source.VISUAL, phrase="a rock")
    assert found("transcript", "a rock", file=picture) is None


def test_evidence_is_kept_once_and_not_without_end() -> None:
    held = ground()
    assert len(held.evidence([quote("transcript", "custom grotto"), quote("transcript", "custom grotto", 5.0)])) == 1
    assert len(held.evidence([quote("visual", f"rock {number}") for number in range(20)])) == QUOTES


def test_sources_that_do_not_count_are_lost() -> None:
    held = ground()
    told = [quote("visual", "a rock"), quote("transcript", "custom grotto")]
    assert [piece.source for piece in held.evidence(told, without=[Source.VISUAL])] == [Source.TRANSCRIPT]
    assert len(list(held.losses.sentences())) == 1
