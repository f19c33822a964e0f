"""What the samples show and say. Every spoken word is one the demo's speech model knows."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from functools import partial
from typing import Protocol

import numpy as np

from cli.demo.making.painting import Picture
from cli.demo.making.scenes.backyard import PoolFromAbove, SitePlan
from cli.demo.making.scenes.city import Figures, Skyline
from cli.demo.making.scenes.falls import CloseFall, GardenFall, Grotto
from cli.demo.making.scenes.football import Field, Goal, Stadium
from cli.demo.making.scenes.music import Guitar, Keyboard, Stage
from cli.demo.making.scenes.places import Niagara, YosemiteValley
from cli.demo.making.scenes.seasons import Coffee, OceanSunset, WinterForest
from cli.demo.making.scenes.space import Ascent, Orbit, Pad


class Scene(Protocol):
    def frame(self, time: float, /) -> Picture: ...


SceneMaker = Callable[[int, int, np.random.Generator], Scene]


@dataclass(frozen=True)
class Line:
    """A sentence and the silence after it, in seconds."""

    text: str
    pause: float


@dataclass(frozen=True)
class Shot:
    """A view that begins in the pause before a sentence (counted from 0), or, in a silent clip, at a second."""

    scene: SceneMaker
    begins: int


@dataclass(frozen=True)
class Clip:
    path: str
    recorded: datetime
    shots: tuple[Shot, ...]
    lines: tuple[Line, ...] = ()
    size: tuple[int, int] = (1280, 720)
    rate: int = 24
    quality: int = 27
    silent_seconds: float = 0.0


@dataclass(frozen=True)
class Recording:
    """Sound without pictures."""

    path: str
    recorded: datetime
    lines: tuple[Line, ...]
    tags: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Camera:
    make: str
    model: str
    lens: str
    focal_length: float
    aperture: float
    shutter: int
    iso: int


@dataclass(frozen=True)
class Place:
    latitude: float
    longitude: float
    altitude: float


@dataclass(frozen=True)
class Photo:
    path: str
    taken: datetime
    scene: SceneMaker
    camera: Camera | None = None
    place: Place | None = None
    orientation: int = 1
    width: int = 1600
    height: int = 1200
    moment: float = 2.0
    seed: int = 7


def _local(year: int, month: int, day: int, hour: int, minute: int, *, offset: int) -> datetime:
    return datetime(year, month, day, hour, minute, 0, tzinfo=timezone(timedelta(hours=offset)))


PHONE = Camera("Apple", "iPhone 15 Pro", "iPhone 15 Pro back triple camera 6.765mm f/1.78", 6.765, 1.8, 640, 80)
MIRRORLESS = Camera("NIKON CORPORATION", "NIKON Z 6_2", "NIKKOR Z 24-70mm f/4 S", 24.0, 8.0, 250, 100)
COMPACT = Camera("Canon", "Canon EOS R8", "RF24-50mm F4.5-6.3 IS STM", 28.0, 5.6, 320, 200)

CLIPS = (
    Clip(
        "Smith Residence - job_2024_0812/Grotto build/grotto_walkthrough.mp4",
        _local(2024, 8, 14, 10, 5, offset=-4),
        (Shot(GardenFall, 0), Shot(Grotto, 2), Shot(CloseFall, 3), Shot(GardenFall, 4)),
        (
            Line("welcome in the garden of our customer", 0.6),
            Line("the river is from the mountain", 0.65),
            Line("the waterfall is white in the evening", 0.9),
            Line("our engineer with the camera", 0.75),
            Line("this is the blue waterfall", 0.8),
        ),
        quality=30,
    ),
    Clip(
        "Marketing/Product launch 2025/launch_night.mp4",
        _local(2025, 3, 20, 20, 30, offset=-4),
        (Shot(Skyline, 0), Shot(Figures, 1), Shot(partial(Skyline, fireworks=True), 3)),
        (
            Line("welcome from the product launch", 0.75),
            Line("this is our strategy and the budget", 0.6),
            Line("the revenue of this quarter is in the report", 0.6),
            Line("the customer and the market of this city", 1.0),
        ),
        quality=32,
    ),
    Clip(
        "Marketing/Product launch 2025/rocket_teaser.mkv",
        _local(2025, 3, 18, 16, 0, offset=-4),
        (Shot(Pad, 0), Shot(Ascent, 2), Shot(Orbit, 3)),
        (
            Line("this is the white rocket", 0.8),
            Line("ten nine eight seven six five four three two one", 0.6),
            Line("this is the rocket with our satellite", 0.6),
            Line("the planet is blue and green", 1.1),
        ),
    ),
    Clip(
        "Sponsorship/Summer Cup 2025/cup_highlights.mp4",
        _local(2025, 7, 5, 15, 45, offset=-5),
        (Shot(Stadium, 0), Shot(Field, 1), Shot(Goal, 2), Shot(Stadium, 3)),
        (
            Line("welcome from the football festival", 0.85),
            Line("our football is red and white", 0.6),
            Line("the teacher and the student in the summer", 0.65),
            Line("the weather is blue and white", 1.1),
        ),
        size=(640, 360),
        rate=30,
    ),
    Clip(
        "Events/Winter concert/concert_evening.mp4",
        _local(2024, 12, 13, 19, 10, offset=-5),
        (Shot(Stage, 0), Shot(Keyboard, 2), Shot(Guitar, 4)),
        (
            Line("this is the music of our festival", 0.75),
            Line("the stage of the theater is purple", 0.9),
            Line("this is the stage of our theater", 0.7),
            Line("the piano is black and white", 0.95),
            Line("our singer with the guitar", 0.95),
        ),
        size=(640, 360),
        rate=25,
    ),
    Clip(
        "Customer stories/Harbor House/customer_interview.mov",
        _local(2025, 1, 22, 8, 20, offset=-8),
        (Shot(Coffee, 0), Shot(OceanSunset, 2), Shot(WinterForest, 3), Shot(Coffee, 4)),
        (
            Line("this is the interview with our customer", 0.7),
            Line("the morning in the kitchen", 0.6),
            Line("our coffee is from the island", 0.8),
            Line("the forest is white in winter", 0.7),
            Line("the customer is from the city", 1.2),
        ),
    ),
    Clip(
        "Lopez Residence - job_2025_0117/Drone/DJI_0007.mp4",
        _local(2025, 6, 2, 19, 55, offset=-7),
        (Shot(PoolFromAbove, 0), Shot(partial(GardenFall, night=True), 4)),
        rate=30,
        silent_seconds=9.0,
        quality=29,
    ),
)

RECORDINGS = (
    Recording(
        "Marketing/Podcast/episode_07.m4a",
        _local(2025, 2, 11, 14, 0, offset=-5),
        (
            Line("welcome from the podcast studio", 0.8),
            Line("this is episode seven of our podcast", 1.05),
            Line("the archive of the channel", 0.8),
            Line("chapter two the history of the movie", 0.75),
            Line("the elephant and the dragon in the library", 0.6),
            Line("the actor is from the theater", 1.0),
        ),
        (("title", "Episode seven"), ("artist", "The Waterfall Podcast"), ("album", "Season two")),
    ),
)

PHOTOS = (
    Photo(
        "Smith Residence - job_2024_0812/Photos/IMG_2041.jpg",
        _local(2024, 9, 3, 11, 12, offset=-4),
        partial(PoolFromAbove, still=True),
        PHONE,
    ),
    Photo(
        "Smith Residence - job_2024_0812/Photos/IMG_2043.jpg",
        _local(2024, 9, 3, 11, 20, offset=-4),
        CloseFall,
        PHONE,
        orientation=6,
    ),
    Photo(
        "Lopez Residence - job_2025_0117/Plans/site_plan.png",
        _local(2025, 1, 17, 9, 0, offset=-7),
        SitePlan,
    ),
    Photo(
        "Inspiration/Niagara Falls/DSC_0142.jpg",
        _local(2025, 5, 17, 10, 41, offset=-4),
        Niagara,
        MIRRORLESS,
        Place(43.0779, -79.0757, 158.0),
    ),
    Photo(
        "Inspiration/Yosemite/valley_view.heic",
        _local(2025, 6, 9, 17, 26, offset=-7),
        YosemiteValley,
        COMPACT,
        Place(37.7174, -119.6620, 1198.0),
    ),
)
