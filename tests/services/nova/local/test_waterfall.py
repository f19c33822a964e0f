import pytest

from services.nova.analyst import Classification
from services.nova.local.waterfall import classifier
from services.nova.provenance import Source
from services.nova.reading import Reading
from tests.support.material import reading

BOULDERS_KIT = "this genesis kit is built of natural boulders"


def classify(file: Reading) -> Classification:
    return classifier().read(file).classification


def decided(dimension: str, *sentences: str, path: str = "clip.mp4") -> str:
    return classify(reading(*sentences, path=path)).dimensions[dimension].value


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        # boulders or not, kit or bespoke
        (BOULDERS_KIT, "Genesis Natural"),
        ("a genesis with straight lines and veneer", "Genesis Formal"),
        ("natural boulders in a custom design", "Custom Natural Stone"),
        ("a custom wall of tile and marble", "Custom Formal"),
        ("boulders. designed for this backyard", "Custom Natural Stone"),
        ("boulders. by Aquatic Artists", "Custom Natural Stone"),
        ("veneer. we dug with an excavator and set it with a crane", "Custom Formal"),
        ("real rock. several water circuits and terraces, deep excavation", "Custom Natural Stone"),
        # kit cues
        ("boulders, installed in a day", "Genesis Natural"),
        ("boulders, finished on all sides", "Genesis Natural"),
        ("the kit has straight lines", "Genesis Formal"),
        ("a corner unit of boulders", "Genesis Natural"),
        ("a double waterfall in stone veneer", "Genesis Formal"),
        # the boulder split wins over formal words
        ("a genesis of boulders with a tile wall", "Genesis Natural"),
        ("custom boulders and a marble wall", "Custom Natural Stone"),
        # rocks around a formal feature
        ("custom straight lines, surrounded by boulders", "Custom Formal"),
        ("a tile kit with boulders around it", "Genesis Formal"),
        # boulders said to be absent
        ("a genesis without boulders", "Genesis Formal"),
        ("custom, and no natural stone at all", "Custom Formal"),
        # explicit kit words beat bespoke ones; a strong kit look does too
        ("boulders. a genesis in a custom colour", "Genesis Natural"),
        ("boulders. finished on all sides, compact layout, in a custom colour", "Genesis Natural"),
        # clearly large and built on site beats a weak kit look
        ("boulders. finished on all sides, set by crane", "Custom Natural Stone"),
        # a weak kit look against bespoke words: nothing decides
        ("boulders. finished on all sides in a custom colour", "Unknown"),
        # one half only
        ("natural boulders", "Unknown"),
        ("a genesis kit", "Unknown"),
        ("", "Unknown"),
        # words that mean something else
        ("boulders and a tool kit", "Unknown"),
        ("a kit in Boulder, Colorado", "Unknown"),
        ("boulders for a customer", "Unknown"),
        # denied kit
        ("natural boulders, this is not a kit but a custom design", "Custom Natural Stone"),
    ],
)
def test_family(text: str, expected: str) -> None:
    assert decided("family", text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a grotto with a slide", "Grotto with Slide"),
        ("behind the waterfall, and then down the chute", "Grotto with Slide"),
        ("a grotto", "Grotto"),
        ("the waterfall seen from inside, looking out through the water", "Grotto"),
        ("a waterfall with a cave", "Grotto"),
        ("a waterfall with a slide", "Waterfall with Slide"),
        ("kids love the slide ladder", "Waterfall with Slide"),
        ("a waterfall", "Waterfall"),
        ("no slide, just a waterfall", "Waterfall"),
        ("a waterfall without a grotto", "Waterfall"),
        ("a waterfall with no slide or grotto", "Waterfall"),
        ("a slide but no grotto", "Waterfall with Slide"),
        ("a grotto, there is no slide", "Grotto"),
        ("a waterfall, on the next slide you see the price", "Waterfall"),
        ("slide it over here", "Unknown"),
        ("no waterfall", "Unknown"),
        ("hello", "Unknown"),
    ],
)
def test_functional_type(text: str, expected: str) -> None:
    assert decided("functional_type", text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("about two feet high", "Classic (Small)"),
        ("nine feet wide", "Classic (Small)"),
        ("you climb the slide by a ladder", "Classic (Small)"),
        ("the classic waterfall", "Classic (Small)"),
        ("about two and a half feet high", "Deluxe (Medium)"),
        ("3 feet high and 13 feet wide", "Deluxe (Medium)"),
        ("a landscape slide with steps", "Deluxe (Medium)"),
        ("the deluxe", "Deluxe (Medium)"),
        ("a backyard water park", "Ultimate (Large)"),
        ("a massive structure", "Ultimate (Large)"),
        ("we needed heavy machinery", "Ultimate (Large)"),
        ("ten feet high", "Ultimate (Large)"),
        ("a grotto, a slide and a spa", "Ultimate (Large)"),
        # strong Ultimate signs win
        ("a deluxe with a lazy river", "Ultimate (Large)"),
        ("two feet high, lifted by crane", "Ultimate (Large)"),
        # stairs or a larger footprint between Classic and Deluxe
        ("a slide ladder beside stone steps", "Deluxe (Medium)"),
        ("a classic waterfall with a larger footprint", "Deluxe (Medium)"),
        ("no stairs, a slide ladder", "Classic (Small)"),
        # no reference of scale
        ("a waterfall", "Unknown"),
        ("a classic view", "Unknown"),
        ("a grotto and a slide", "Unknown"),
        ("two feet away from the house", "Unknown"),
    ],
)
def test_tier_level(text: str, expected: str) -> None:
    assert decided("tier_level", text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("water over a projecting edge", "Cantilever"),
        ("a sheet of water", "Cantilever"),
        ("the flow is divided around a central rock", "Two-Tier Split"),
        ("three separate drops", "Three-Tier"),
        ("a three-tier", "Three-Tier"),
        ("two drops with one landing", "Two-Tier"),
        ("a two-tier", "Two-Tier"),
        ("a single drop", "One-Tier"),
        ("the water pours over the rock", "One-Tier"),
        # priority
        ("two drops over a projecting edge", "Cantilever"),
        ("three drops, split around a central rock", "Two-Tier Split"),
        ("a two-tier split", "Two-Tier Split"),
        ("three drops, of which two drops are small", "Three-Tier"),
        ("no second drop, a single drop", "One-Tier"),
        ("a waterfall", "Unknown"),
    ],
)
def test_sub_type(text: str, expected: str) -> None:
    assert decided("sub_type", text) == expected


def test_capitals_and_punctuation_make_no_difference() -> None:
    plain = "this genesis kit is built of natural boulders it has a grotto and a slide it is a deluxe with two drops."
    whisper = "This Genesis kit is built of natural boulders. It has a grotto, and a slide! It is a Deluxe, with two drops."
    expected = ["Genesis Natural", "Grotto with Slide", "Deluxe (Medium)", "Two-Tier"]
    for text in (plain, whisper):
        answer = classify(reading(text))
        assert [decision.value for decision in answer.dimensions.values()] == expected


def test_unknown_has_a_reason_and_only_unknown() -> None:
    dimensions = classify(reading("natural boulders with a grotto")).dimensions
    assert dimensions["family"].unknown_reason == (
        "The words say what it is built of, but not whether it is a kit or built for the site."
    )
    assert dimensions["functional_type"].unknown_reason is None
    for decision in dimensions.values():
        assert (decision.value == "Unknown") == bool(decision.unknown_reason) == (not decision.evidence)


def test_names_decide_with_low_confidence_until_speech_agrees() -> None:
    path = r"C:\Genesis Natural\Deluxe_Grotto_Slide_TwoTier.mp4"
    written = classify(reading(path=path))
    spoken = classify(reading("a deluxe genesis natural, a grotto with a slide, two drops", path=path))
    assert [decision.value for decision in written.dimensions.values()] == [
        *("Genesis Natural", "Grotto with Slide", "Deluxe (Medium)", "Two-Tier"),
    ]
    for name, decision in written.dimensions.items():
        assert 0 < decision.confidence <= 0.4 < spoken.dimensions[name].confidence
    assert written.confidence < spoken.confidence


def test_what_is_said_beats_what_the_file_is_called() -> None:
    answer = classify(reading("a waterfall. there is no slide", path="slide.mp4")).dimensions["functional_type"]
    assert answer.value == "Waterfall"
    assert {piece.source for piece in answer.evidence} == {Source.TRANSCRIPT}


def test_names_may_use_bare_words_that_speech_may_not() -> None:
    assert decided("tier_level", path="smith_classic_waterfall_3.mp4") == "Classic (Small)"
    assert decided("tier_level", path="Ultimate/x.mp4") == "Ultimate (Large)"
    assert decided("tier_level", "what an ultimate day") == "Unknown"


def test_evidence_says_where_it_was_said() -> None:
    decision = classify(reading("hello", "here is the grotto.")).dimensions["functional_type"]
    (piece,) = decision.evidence
    assert (piece.phrase, piece.start, piece.end) == ("here is the grotto", 4.5, 8.5)


def test_hearing_that_there_is_no_slide_is_surer_than_silence() -> None:
    silent = classify(reading("a grotto")).dimensions["functional_type"]
    heard = classify(reading("a grotto", "there is no slide")).dimensions["functional_type"]
    assert silent.value == heard.value == "Grotto"
    assert silent.confidence < heard.confidence


def test_products_models_techniques_and_content() -> None:
    answer = classify(
        reading(
            "in this installation guide we install the Genesis Natural, model GN-12.",
            "set the boulders with mortar, first dig out the hole.",
            "it is for beginners.",
        )
    )
    assert {fact.value for fact in answer.product_keywords} == {"genesis natural", "GN-12"}
    assert {fact.value for fact in answer.building_techniques} == {"boulder setting", "mortar work", "excavation"}
    assert answer.content_type.value == "installation_tutorial"
    assert answer.skill_level.value == "beginner"


def test_tags_are_lower_case_at_most_ten_and_only_of_what_is_there() -> None:
    tags = classify(reading(BOULDERS_KIT, "a deluxe grotto, no slide, two drops, a spa, a pond, a stream, plumbing, mortar"))
    assert len(tags.search_tags) == 10
    assert tags.search_tags[:4] == ("genesis natural", "grotto", "deluxe (medium)", "two-tier")
    assert all(tag == tag.lower() for tag in tags.search_tags)
    assert "slide" not in tags.search_tags


def test_without_words_nothing_is_claimed() -> None:
    answer = classify(reading())
    assert answer.confidence == 0
    assert answer.search_tags == ()
    assert answer.product_keywords == answer.building_techniques == ()
    assert not answer.content_type.known
