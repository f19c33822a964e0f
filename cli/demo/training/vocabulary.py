"""The closed vocabulary, the sentences made of it, and the voices that say them."""

# ruff: noqa: SIM905 - lists of plain words are easier to read and to check than lists of quoted strings

import random
from dataclasses import dataclass

FUNCTION = "the and with of in is this our from".split()
NUMBERS = (
    "one two three four five six seven eight nine ten eleven twelve thirteen fourteen "
    "fifteen sixteen seventeen eighteen nineteen twenty"
).split()
COLOURS = "red blue green yellow orange purple black white".split()
CONTENT = (
    "waterfall river camera sunset mountain interview product launch engineer budget welcome "
    "chapter summary forest ocean bridge city garden island winter summer morning evening "
    "weather music concert guitar piano singer festival stage theater movie director actor "
    "studio microphone video audio podcast episode channel playlist upload download library "
    "search keyword subtitle transcript archive project meeting manager customer market report "
    "quarter revenue strategy design battery robot rocket satellite planet science history "
    "teacher student football kitchen coffee dragon elephant"
).split()
WORDS = FUNCTION + NUMBERS + COLOURS + CONTENT
WORD_ID = {word: number + 1 for number, word in enumerate(WORDS)}
"""0 is left for frames in which no word is spoken."""

TRAIN_ACCENTS = ["en-us", "en-us", "en-us", "gmw/en", "gmw/en", "en-gb-x-rp", "en-gb-scotland", "en-029"]
TRAIN_VARIANTS = [
    "",
    "",
    "+m1",
    "+m2",
    "+m3",
    "+m5",
    "+m7",
    "+m8",
    "+f1",
    "+f2",
    "+f3",
    "+f5",
    "+klatt",
    "+klatt2",
    "+linda",
    "+steph",
    "+max",
    "+paul",
    "+Andy",
    "+Annie",
    "+edward",
    "+belinda",
    "+john",
    "+Gene",
]
HELD_OUT_VOICES = [
    "en-us-nyc",
    "en-gb-x-gbcwmd",
    "en-us+m4",
    "en-us+m6",
    "en-us+f4",
    "gmw/en+m4",
    "gmw/en+f4",
    "en-gb-x-rp+m6",
    "en-us+david",
    "gmw/en+michael",
    "en-us+Alicia",
    "en-us+quincy",
    "gmw/en+robert",
    "en-us+klatt3",
    "en-gb-x-gbclan",
]
"""Never used for training: the evaluation's unseen voices."""

SALAD_LENGTHS = [1, 2, 2, 3, 3, 4, 4, 5, 5, 6, 6, 7, 8, 9, 10, 12, 14]


@dataclass(frozen=True)
class Voice:
    """An espeak-ng voice and how it speaks: words a minute, pitch and its range (0-100), gap in tens of ms."""

    name: str
    rate: int = 160
    pitch: int = 50
    pitch_range: int = 50
    gap: int = 0


def random_sentence(rng: random.Random, max_words: int = 14) -> list[str]:
    """Half word salad, which forces listening, and half simple grammar, which makes natural phrases."""
    if rng.random() < 0.55:
        count = rng.choice(SALAD_LENGTHS)
        return [rng.choice(WORDS) for _ in range(min(count, max_words))]
    return _grammatical(rng)[:max_words]


def _grammatical(rng: random.Random) -> list[str]:
    # Every pattern is drawn before one is taken: a seed must go on giving the sentences it gave the trained model.
    pattern = rng.randrange(8)
    patterns = [
        ["welcome", *_preposition(rng), *_phrase(rng)],
        [*_phrase(rng), *_preposition(rng), *_phrase(rng)],
        [*_phrase(rng), "is", *_preposition(rng), *_phrase(rng)],
        ["this", "is", *_phrase(rng), *_preposition(rng), *_phrase(rng)],
        ["chapter", _number(rng), *_phrase(rng), *_preposition(rng), *_phrase(rng)],
        [*_phrase(rng), "and", *_phrase(rng), *_preposition(rng), *_phrase(rng)],
        [_number(rng), _number(rng), _number(rng), _number(rng)],
        ["in", "the", _noun(rng), *_phrase(rng), "is", _colour(rng), *_preposition(rng), *_phrase(rng)],
    ]
    return patterns[pattern]


def _phrase(rng: random.Random) -> list[str]:
    return rng.choice(
        [
            ["the", _noun(rng)],
            ["this", _noun(rng)],
            ["our", _noun(rng)],
            ["the", _colour(rng), _noun(rng)],
            [_number(rng), _colour(rng), _noun(rng)],
            ["the", _noun(rng), _noun(rng)],
            [_noun(rng)],
        ]
    )


def _preposition(rng: random.Random) -> list[str]:
    return [rng.choice(["with", "of", "in", "from", "and"])]


def _noun(rng: random.Random) -> str:
    return rng.choice(CONTENT)


def _number(rng: random.Random) -> str:
    return rng.choice(NUMBERS)


def _colour(rng: random.Random) -> str:
    return rng.choice(COLOURS)


def varied_voice(rng: random.Random) -> Voice:
    name = rng.choice(TRAIN_ACCENTS) + rng.choice(TRAIN_VARIANTS)
    rate, pitch, pitch_range = rng.randint(110, 215), rng.randint(20, 80), rng.randint(25, 75)
    return Voice(name, rate, pitch, pitch_range, rng.choice([0, 0, 0, 0, 1, 2, 5]))


def plain_voice(rng: random.Random) -> Voice:
    """What `espeak-ng -v en-us` and `-v en-gb` say by default, at everyday speeds."""
    return Voice(rng.choice(["en-us", "gmw/en"]), rng.randint(130, 190))
