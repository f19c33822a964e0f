"""The kinds of batches (plans) and the ways of drawing them (mixes) that the training runs used."""

from dataclasses import dataclass, replace


@dataclass(frozen=True)
class Plan:
    """One kind of batch: windows of at most `seconds`, drawn by `kinds` (probabilities)."""

    size: int
    seconds: float
    kinds: dict[str, float]
    full: bool
    """30 s windows zero padded to 3000 frames, as faster-whisper feeds them; else crops at random offsets."""
    context: int
    """The most tokens of previous text."""


PLANS = {
    0: Plan(24, 4.0, {"one": 0.97, "none": 0.03}, full=False, context=0),
    1: Plan(14, 8.0, {"one": 0.45, "many": 0.51, "none": 0.04}, full=False, context=20),
    2: Plan(6, 30.0, {"one": 0.25, "many": 0.70, "none": 0.05}, full=True, context=160),
    3: Plan(8, 16.0, {"one": 0.2, "many": 0.76, "none": 0.04}, full=False, context=60),
    4: Plan(6, 30.0, {"one": 0.12, "many": 0.80, "none": 0.08}, full=True, context=223),
    5: Plan(10, 16.0, {"one": 0.1, "many": 0.84, "none": 0.06}, full=False, context=223),
    6: Plan(24, 7.0, {"one": 0.92, "none": 0.08}, full=False, context=80),
}
"""The curriculum: short crops (0), longer crops (1), then (stage 2) what a mix's `last_stage` says."""
LAST_STAGE = 2


@dataclass(frozen=True)
class Mix:
    """How windows and their texts are varied; every number without a unit is a probability."""

    timestamps_one: float
    timestamps_many: float
    context: float
    """Share of sequences with previous text."""
    context_by_batch: bool
    """Previous text for all sequences of a batch or for none: less padding."""
    copies: int
    """Decoder sequences read from each encoded window."""
    context_lengths: tuple[float, ...]
    """Of the lengths in `sequences.CONTEXT_LENGTHS`."""
    melody: float
    speed: float
    noisy: float
    noise_range: tuple[float, float]
    """Decibels below the speech."""
    cut_min: int
    """An utterance cut at the end of the window counts when it starts this many samples before it."""
    mistakes: float
    read_guide: bool
    time_map: bool
    last_stage: tuple[tuple[int, float], ...]
    """Plans of the last stage with their shares; what is left goes to plan 2."""


BASE = Mix(
    timestamps_one=0.6,
    timestamps_many=0.6,
    context=0.35,
    context_by_batch=False,
    copies=1,
    context_lengths=(0.2, 0.25, 0.25, 0.15, 0.1, 0.05, 0.0),
    melody=0.0,
    speed=0.0,
    noisy=0.6,
    noise_range=(8, 40),
    cut_min=0,
    mistakes=0.0,
    read_guide=False,
    time_map=False,
    last_stage=((3, 0.08), (1, 0.02)),
)
LONG = Mix(
    timestamps_one=0.6,
    timestamps_many=0.85,
    context=0.6,
    context_by_batch=True,
    copies=4,
    context_lengths=(0.05, 0.05, 0.1, 0.15, 0.2, 0.2, 0.25),
    melody=0.4,
    speed=0.4,
    noisy=0.65,
    noise_range=(6, 35),
    cut_min=4800,
    mistakes=0.12,
    read_guide=True,
    time_map=True,
    last_stage=((5, 0.06), (6, 0.05), (4, 1.0)),
)
CONTEXT = replace(LONG, context=1.0, copies=6, context_lengths=(0.0, 0.05, 0.05, 0.1, 0.2, 0.3, 0.3), last_stage=((4, 1.0),))
MIXES = {"base": BASE, "long": LONG, "context": CONTEXT}
"""`base` made runs 1 and 2, `long` runs 3 to 6, `context` run 7."""
