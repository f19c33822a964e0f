"""What is assumed of colours, and what is done to them."""

import pytest

from services.proxy.colour import declared, is_hdr, scaling
from services.proxy.footage import Colour, Picture


@pytest.mark.parametrize(
    ("picture", "options"),
    [
        (Picture(1920, 1080), {"colorspace": "bt709"}),
        (Picture(720, 1280), {"colorspace": "bt709"}),
        (Picture(640, 480), {}),
        (Picture(1920, 1080, Colour("smpte170m")), {"colorspace": "smpte170m"}),
        (Picture(1920, 1080, Colour(rgb=True)), {}),
        (
            Picture(640, 360, Colour(transfer="smpte2084")),
            {"colorspace": "bt2020nc", "color_primaries": "bt2020", "color_trc": "smpte2084"},
        ),
    ],
)
def test_what_a_source_does_not_say_is_as_is_customary(picture: Picture, options: dict[str, str]) -> None:
    assert declared(picture) == options


def test_hdr_is_told_by_its_transfer() -> None:
    assert is_hdr(Colour(transfer="smpte2084"))
    assert is_hdr(Colour(transfer="arib-std-b67"))
    assert not is_hdr(Colour("bt2020nc", "bt2020", "bt2020-10"))


def test_red_green_and_blue_get_a_matrix_that_players_assume() -> None:
    assert scaling(Colour(rgb=True)) == {"out_range": "tv", "out_color_matrix": "bt709"}
    assert scaling(Colour("bt709")) == {"out_range": "tv"}
