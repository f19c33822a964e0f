from services.nova.local.sentences import sentences
from services.nova.local.titles import titles
from tests.support.material import segments


def test_words_that_the_other_chapters_lack_in_the_order_of_speech() -> None:
    first = sentences(segments(["the crew sets natural boulders.", "boulders for the crew, natural."]))
    second = sentences(segments(["the crew cuts veneer.", "veneer is thin."]))
    assert titles([first, second]) == ["Sets natural boulders", "Cuts veneer, thin"]


def test_without_telling_words_the_opening_is_the_title() -> None:
    assert titles([sentences(segments(["so it is what it is and so on."]))]) == ["So it is what it is"]


def test_titles_of_right_to_left_speech() -> None:
    assert titles([sentences(segments(["שלום מפל."]))]) == ["שלום מפל"]
