"""What renditions are made with."""

import pytest

from services.proxy.recipes import is_current, recipe
from shared.contracts import Kind
from shared.media_encoders import Encoder


def test_a_proxys_recipe_names_size_encoder_and_quality() -> None:
    assert recipe(Kind.VIDEO, "proxy") == "v2;720p15;x264;crf26"
    assert recipe(Kind.VIDEO, "proxy", Encoder.NVENC) == "v2;720p15;nvenc;cq28"


@pytest.mark.parametrize("encoder", Encoder)
def test_a_proxy_is_current_whichever_encoder_made_it(encoder: Encoder) -> None:
    assert is_current(Kind.VIDEO, "proxy", recipe(Kind.VIDEO, "proxy", encoder))


@pytest.mark.parametrize("name", ["thumbnail", "sprite", "sprite_vtt", "audio", "waveform"])
def test_what_was_made_today_is_current_and_what_came_before_is_not(name: str) -> None:
    assert is_current(Kind.VIDEO, name, recipe(Kind.VIDEO, name))
    assert not is_current(Kind.VIDEO, name, "")
    assert not is_current(Kind.VIDEO, name, "v1;something")


def test_a_rendition_that_is_no_longer_made_is_not_current() -> None:
    assert not is_current(Kind.IMAGE, "sprite", "v2;160;100")
