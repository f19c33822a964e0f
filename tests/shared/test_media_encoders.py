"""Which encoder is chosen, and what a graphics card's failure looks like."""

import pytest

from shared.media_encoders import OPTIONS, QUALITY, Choice, Encoder, EncoderFailed, Wish, cards_fault, choose

NO_DRIVER = """\
[h264_nvenc @ 0x565359de3d80] Cannot load libcuda.so.1
[vost#0:0/h264_nvenc @ 0x565359de3240] [enc:h264_nvenc @ 0x565359de3c80] Error while opening encoder
"""
NO_FRAMES = "[vost#0:0/h264_nvenc @ 0x565359de3240] [enc:h264_nvenc @ 0x565359de3c80] Could not open encoder before EOF"


@pytest.mark.parametrize(
    ("wish", "fault", "choice"),
    [
        (Wish.AUTO, None, Choice(Encoder.NVENC)),
        (Wish.AUTO, "no card", Choice(Encoder.X264, "no card")),
        (Wish.X264, None, Choice(Encoder.X264)),
        (Wish.NVENC, None, Choice(Encoder.NVENC, forced=True)),
        (Wish.NVENC, "no card", Choice(Encoder.NVENC, "no card", forced=True)),
    ],
)
def test_the_choice_follows_wish_and_machine(wish: Wish, fault: str | None, choice: Choice) -> None:
    assert choose(wish, fault) == choice


def test_what_was_forced_and_does_not_work_is_not_used() -> None:
    with pytest.raises(EncoderFailed, match=r"asks for NVENC, which does not work \(no card\)\. Set it to auto or x264"):
        choose(Wish.NVENC, "no card").require()
    assert choose(Wish.AUTO, "no card").require() is Encoder.X264
    assert choose(Wish.NVENC, None).require() is Encoder.NVENC


def test_only_what_the_card_says_is_its_fault() -> None:
    assert cards_fault(NO_DRIVER) == "Cannot load libcuda.so.1"
    its_words_lost = NO_DRIVER.partition("libcuda.so.1")[2]
    assert cards_fault(its_words_lost) == "Error while opening encoder"
    assert cards_fault(NO_FRAMES) is None
    assert cards_fault("moov atom not found") is None


def test_every_encoder_has_options_and_a_quality() -> None:
    assert set(OPTIONS) == set(QUALITY) == set(Encoder)
    assert OPTIONS[Encoder.X264] == {"c:v": "libx264", "preset": "veryfast", "crf": 26}
