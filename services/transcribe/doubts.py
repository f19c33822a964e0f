"""Which segments may be wrong, and why: marked for people to look at, never left out."""

import re
import zlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace

from services.transcribe.transcript import Doubt, Segment

COMPRESSION = 2.4
"""How many times smaller a text becomes when it is packed: speech stays below, Whisper's own limit for a model in a loop."""
LOGPROB = -1.0
"""Mean log probability of a word piece below which Whisper's authors call a decoding failed: the model was guessing."""
NO_SPEECH = 0.6
"""Probability that nobody speaks from which on Whisper's authors take a stretch for silent."""
HARDLY_VOICED = 0.1
"""Share of a segment's time in which the voice detector hears somebody: its stretches have rims, so speech has far more."""
SILENT = -60.0
"""dB of full scale below which nothing can be made out in a recording of 16 bits with its usual noise."""
FAST = 9.0
"""Words a second that nobody speaks: quick speakers reach five, auctioneers seven."""
DENSE = 45.0
"""Characters a second that nobody speaks, for scripts that part no words: fast Japanese has about a dozen."""
FEW_WORDS = 4
"""Up to so many words a segment's rate says nothing: the times of one word are too rough for that."""

LONGEST_LOOP = 8
"""Words of the longest phrase that is looked for back to back; longer loops are found by packing."""
SAME_SEGMENTS = 3
"""Segments of the same words, or of the same few in turn, from which on a model seems stuck."""
SAME_SHORT_SEGMENTS = 5
"""The same for segments of a single word: people do say "yes" thrice."""
LONGEST_ROUND = 3
"""Segments of the longest round that is looked for."""

GHOSTS = frozenset(
    {
        "thank you",
        "thanks for watching",
        "thank you for watching",
        "thank you so much for watching",
        "thanks for listening",
        "please subscribe",
        "like and subscribe",
        "please like and subscribe",
        "dont forget to subscribe",
        "see you next time",
        "see you in the next video",
        "bye",
        "bye bye",
        "you",
        "subtitles by the amaraorg community",
        "untertitel der amaraorg community",
        "vielen dank fürs zuschauen",
        "sous titres réalisés par la communauté damaraorg",
        "merci davoir regardé cette vidéo",
        "gracias por ver el video",
        "ご視聴ありがとうございました",
        "谢谢观看",
    }
)
"""What models that learned from subtitles write where nobody speaks. People say it too, so it counts with other signs only."""
GHOST_NO_SPEECH = 0.3
GHOST_VOICED = 0.5
GHOST_LEVEL = -50.0
"""Signs of silence that are too weak by themselves, but not beside such a phrase."""


def doubted(segments: Sequence[Segment]) -> tuple[Segment, ...]:
    """The same segments, each with the reasons for which it may be wrong."""
    stuck = _stuck([_plain(segment.text) for segment in segments])
    return tuple(replace(segment, doubts=tuple(_doubts(segment, stuck.get(at, 0)))) for at, segment in enumerate(segments))


def _doubts(segment: Segment, times: int) -> Iterator[Doubt]:
    if times:
        yield Doubt("repetition", f"The same words come {times} times in a row; the model may have got stuck.")
    for check in CHECKS:
        if found := check(segment):
            yield found


def _looping(segment: Segment) -> Doubt | None:
    phrase, times = longest_loop(_plain(segment.text).split())
    if not times:
        return None
    return Doubt("repetition", f'"{" ".join(phrase)}" comes {times} times in a row; the model may have got stuck.')


def _packed(segment: Segment) -> Doubt | None:
    ratio = compression(segment.text)
    if ratio <= COMPRESSION:
        return None
    return Doubt("compression", f"The text repeats itself (it packs {ratio:.1f} times smaller); the model may have got stuck.")


def _guessed(segment: Segment) -> Doubt | None:
    if segment.avg_logprob is None or segment.avg_logprob >= LOGPROB:
        return None
    return Doubt("uncertain", f"The model was unsure of these words (mean log probability {segment.avg_logprob:.2f}).")


def _unspoken(segment: Segment) -> Doubt | None:
    if segment.no_speech is None or segment.no_speech <= NO_SPEECH:
        return None
    return Doubt("no_speech", f"The model thinks that nobody speaks here ({segment.no_speech:.0%} sure).")


def _silent(segment: Segment) -> Doubt | None:
    if segment.level is not None and segment.level < SILENT:
        return Doubt("silence", f"There is nothing to be heard here ({segment.level:.0f} dB).")
    if segment.voice is not None and segment.voice < HARDLY_VOICED:
        return Doubt("silence", "The voice detector hears nobody here.")
    return None


def _ghost(segment: Segment) -> Doubt | None:
    signs = (
        (segment.no_speech or 0.0) > GHOST_NO_SPEECH,
        segment.voice is not None and segment.voice < GHOST_VOICED,
        segment.level is not None and segment.level < GHOST_LEVEL,
    )
    if _plain(segment.text) not in GHOSTS or not any(signs):
        return None
    return Doubt("ghost", "Models write this phrase where nobody speaks, and hardly anything is heard here.")


def _rushed(segment: Segment) -> Doubt | None:
    words, characters, seconds = len(segment.text.split()), len(segment.text), segment.end - segment.start
    if (words > FEW_WORDS and words > FAST * seconds) or (characters > 2 * DENSE and characters > DENSE * seconds):
        said = f"{words} words" if words > FEW_WORDS else f"{characters} characters"
        return Doubt("rate", f"{said} in {seconds:.1f} seconds: nobody speaks that fast.")
    return None


CHECKS: tuple[Callable[[Segment], Doubt | None], ...] = (_looping, _packed, _guessed, _unspoken, _silent, _ghost, _rushed)


def longest_loop(words: Sequence[str]) -> tuple[tuple[str, ...], int]:
    """The phrase that comes most often back to back, and how often; no phrase and 0 if none does suspiciously often."""
    best: tuple[tuple[str, ...], int] = ((), 0)
    for size in range(1, LONGEST_LOOP + 1):
        for start, run in _runs(words, size):
            if run >= _suspicious(size) and run > best[1]:
                best = tuple(words[start : start + size]), run
    return best


def _suspicious(size: int) -> int:
    """Times in a row from which on a phrase of so many words is no figure of speech: "no, no, no, no!" is one."""
    return {1: 6, 2: 4}.get(size, 3)


def _runs(items: Sequence[str], size: int) -> Iterator[tuple[int, int]]:
    """Start of each stretch in which the same `size` items come back to back, and how many times they do."""
    start = at = 0
    while at + size < len(items):
        if items[at] == items[at + size]:
            at += 1
            continue
        yield start, (at - start) // size + 1
        at = start = at + 1
    yield start, (len(items) - start) // size


def _stuck(texts: Sequence[str]) -> dict[int, int]:
    """By segment: how many times the same words come in a row where a model seems stuck."""
    found = dict[int, int]()
    for size in range(1, LONGEST_ROUND + 1):
        for start, times in _runs(texts, size):
            words = " ".join(texts[start : start + size])
            if words and times >= (SAME_SEGMENTS if " " in words else SAME_SHORT_SEGMENTS):
                for at in range(start, start + times * size):
                    found.setdefault(at, times)
    return found


def compression(text: str) -> float:
    """How many times smaller a text becomes when it is packed."""
    raw = text.encode()
    return len(raw) / len(zlib.compress(raw)) if raw else 0.0


def _plain(text: str) -> str:
    """A text's words in small letters, without punctuation."""
    return " ".join(re.sub(r"[^\w\s]", "", re.sub(r"[-\u2013\u2014/]", " ", text.lower())).split())
