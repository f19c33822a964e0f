"""What is tried next."""

from services.proxy.footage import Track
from services.proxy.plans import Plan, instead, levelled
from shared.media_encoders import Encoder

CARD = "[h264_nvenc @ 0x55] OpenEncodeSessionEx failed: out of memory (10)\n[vost#0:0] Error while opening encoder"
SOUND = "[dca @ 0x55] Not a valid DCA frame"


def test_a_card_that_refuses_is_replaced_by_x264_with_the_sound() -> None:
    assert instead(Plan(Encoder.NVENC, Track(0)), CARD) == Plan(Encoder.X264, Track(0))


def test_then_the_sound_is_left_out() -> None:
    assert instead(Plan(Encoder.X264, Track(0)), SOUND) == Plan(Encoder.X264, None)
    assert instead(Plan(Encoder.NVENC, Track(0)), SOUND) == Plan(Encoder.NVENC, None)


def test_then_nothing_is_left() -> None:
    assert instead(Plan(Encoder.X264, None), SOUND) is None


def test_sound_that_changes_is_levelled_once() -> None:
    plan = Plan(Encoder.X264, Track(0))
    assert levelled(plan, sound_changed=True) == Plan(Encoder.X264, Track(0), levelled=True)
    assert levelled(plan, sound_changed=False) is None
    assert levelled(Plan(Encoder.X264, Track(0), levelled=True), sound_changed=True) is None
    assert levelled(Plan(Encoder.X264, None), sound_changed=True) is None
