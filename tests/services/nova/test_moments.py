"""What a file can be found by."""

from datetime import UTC, datetime

from services.nova.analyst import Analysis, Passage
from services.nova.local.analyst import analyse
from services.nova.moments import LONGEST, Moment, moments
from services.nova.provenance import Evidence, Source
from shared.contracts import Kind
from tests.support.material import material


def texts(found: list[Moment], field: str) -> list[str]:
    return [moment.text for moment in found if moment.field == field]


def test_every_sentence_is_a_moment_with_its_time() -> None:
    found = moments(material("The pump goes in.", "The waterfall runs."), None)
    spoken = [moment for moment in found if moment.field == "transcript"]
    assert spoken == [
        Moment("transcript", "The pump goes in.", 0.0, 4.0),
        Moment("transcript", "The waterfall runs.", 4.5, 8.5),
    ]


async def test_an_analysis_adds_chapters_summary_elements_and_tags() -> None:
    question = material("Today we dig the pond with an excavator.", "Then the liner goes in.", path="Smith/Pond Build.mov")
    found = moments(question, analyse(question))
    assert {"transcript", "chapter", "summary", "element", "tags", "name", "path"} == {moment.field for moment in found}
    chapter = next(moment for moment in found if moment.field == "chapter")
    assert chapter.start == 0.0
    assert chapter.end is not None
    assert "excavator" in texts(found, "element")


def test_names_become_words() -> None:
    found = moments(material(path="/home/ann/Clients/SmithResidence/pond_build-2024.mov"), None)
    assert texts(found, "name") == ["pond build 2024"]
    assert "Smith Residence" in texts(found, "path")[0]


def test_a_name_without_words_is_found_as_it_is_written() -> None:
    assert texts(moments(material(path="/films/!!!.mov"), None), "name") == ["!!!"]


def test_a_photo_is_found_by_camera_date_place_and_caption() -> None:
    photo = material(
        path="Lake/IMG_2.jpg",
        kind=Kind.IMAGE,
        camera="Canon EOS R8",
        captured_at=datetime(2024, 8, 12, 10, tzinfo=UTC),
        gps=(39.0968, -120.0324),
        exif={"ImageDescription": "Sunset over the lake"},
    )
    found = moments(photo, None)
    assert texts(found, "exif") == ["Captured with Canon EOS R8 on Monday, 12 August 2024 (2024-08-12) at 39.09680, -120.03240"]
    assert texts(found, "caption") == ["Sunset over the lake"]


async def test_a_description_that_only_repeats_names_and_exif_is_no_moment() -> None:
    photo = material(path="Lake/IMG_2.jpg", kind=Kind.IMAGE, camera="Canon EOS R8")
    analysis = analyse(photo)
    assert analysis.description is not None
    assert texts(moments(photo, analysis), "description") == []


def test_empty_texts_are_no_moments_and_long_ones_are_cut() -> None:
    found = moments(material("", "   ", "word " * LONGEST, path="clip.mp4"), Analysis(model="local", version="1"))
    spoken = texts(found, "transcript")
    assert len(spoken) == 1
    assert len(spoken[0]) <= LONGEST
    assert all(moment.text for moment in found)


def test_what_is_said_in_short_is_found_as_a_summary() -> None:
    spoken = Evidence(source=Source.TRANSCRIPT, phrase="a grotto")
    said = Passage(text="They build a grotto.", evidence=(spoken,), confidence=0.9)
    found = moments(material(), Analysis(model="micro", version="1", transcript_summary=said))
    assert Moment("summary", "They build a grotto.") in found
