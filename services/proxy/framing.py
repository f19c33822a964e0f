"""How large a proxy is, and how fast its pictures follow. Pure."""

from services.proxy.footage import Picture

FRAME_RATE = 15
"""Pictures per second."""
SIDE = 720
"""Pixels of the shorter side, so that upright video is as sharp as lying video."""
LONGEST = 4096
"""Pixels of the longer side, the most that H.264 decoders and NVENC are sure to take."""
UNTOLD = (1280, 720)
"""For a picture whose size is not known beforehand."""


def size(picture: Picture | None) -> tuple[int, int]:
    """Width and height, even as H.264 wants them, and never larger than the picture if it has two pixels at least."""
    if picture is None:
        return UNTOLD
    scale = min(1.0, SIDE / min(picture.width, picture.height), LONGEST / max(picture.width, picture.height))
    return _even(picture.width * scale), _even(picture.height * scale)


def fitting(width: int, height: int) -> dict[str, str]:
    """Options for the `scale` filter: as large as fits, in square pixels, even where the source changes its shape midway."""
    return {
        "w": f"2*max(1,round(min({width},{height}*dar)/2))",
        "h": f"2*max(1,round(min({height},{width}/dar)/2))",
    }


def first_of_its_turn() -> str:
    """The expression for ffmpeg's `select` that lets pass the first frame in each fifteenth of a second."""
    return f"isnan(prev_selected_t)+gt({_turn('t')},{_turn('prev_selected_t')})"


def turn() -> str:
    """The expression for ffmpeg's `setpts` that puts a frame at the beginning of its fifteenth, and the end after the last."""
    after = f"if(isnan(PREV_OUTT),0,round(PREV_OUTT*{FRAME_RATE})+1)"
    return f"max({_turn('T')},{after})/({FRAME_RATE}*TB)"


def _turn(time: str) -> str:
    """Which fifteenth a time is in; the small term is for clocks that count whole milliseconds."""
    return f"floor({time}*{FRAME_RATE}+0.02)"


def _even(side: float) -> int:
    return 2 * max(1, int(side / 2 + 0.01))
