"""Training windows: utterances placed one after another in silence, with noise, as mel features."""

from dataclasses import dataclass, field
from typing import Literal

import numpy as np
from faster_whisper.feature_extractor import FeatureExtractor

from cli.demo.training.bank import Bank, Timing, Wave
from cli.demo.training.recipes import Mix
from cli.demo.training.sounds import colour_noise, faster, melody, through_a_microphone

Kind = Literal["one", "many", "none"]
"""One utterance, several, or no speech."""
RATE = 16000


@dataclass(frozen=True)
class Cut:
    """An utterance that runs over the end of the window; its words count from `start` seconds."""

    start: float
    words: list[Timing]


@dataclass(frozen=True)
class Window:
    """Mel features (80 x frames of 10 ms), the words of each utterance in seconds, and an utterance cut off."""

    features: Wave
    segments: list[list[Timing]]
    cut: Cut | None


@dataclass
class _Placed:
    parts: list[tuple[int, Wave]] = field(default_factory=list)
    segments: list[list[Timing]] = field(default_factory=list)
    cut: Cut | None = None
    end: int = 0


class WindowMaker:
    """Draws windows from a bank."""

    def __init__(self, bank: Bank, mix: Mix, rng: np.random.Generator) -> None:
        self._bank, self._mix, self._rng = bank, mix, rng
        self._extractor = FeatureExtractor()

    def window(self, seconds: float, kind: Kind) -> Window:
        if kind == "none":
            wave = self._silence(seconds)
            return Window(self._features(wave, seconds), [], None)
        wave, placed = self._speech(seconds, kind)
        features = self._features(wave, seconds)
        return Window(features[:, : max(1, len(wave) // 160)], placed.segments, placed.cut)

    def _features(self, wave: Wave, seconds: float) -> Wave:
        features = self._extractor(wave)[:, : int(seconds * 100)]
        return np.asarray(features).astype(np.float32)

    def _silence(self, seconds: float) -> Wave:
        """Silence, noise or a tune."""
        rng = self._rng
        length = int(rng.uniform(0.5, seconds) * RATE)
        make = melody if rng.random() < self._mix.melody else colour_noise
        if rng.random() < 0.3:
            return np.zeros(length, np.float32)
        return make(rng, length) * 10 ** rng.uniform(-3.5, -0.7)

    def _speech(self, seconds: float, kind: Kind) -> tuple[Wave, _Placed]:
        rng, most = self._rng, int(seconds * RATE)
        lead = 0.0 if rng.random() < 0.3 else rng.exponential(0.5 if kind == "one" else 1.0)
        place = int(min(lead, 4.0) * RATE)
        gap = rng.choice([0.15, 0.4, 1.5])
        brimful = kind == "many" and rng.random() < 0.4
        stop = most if brimful else int(rng.uniform(0.3, 0.97) * most)
        placed = self._place(kind, place, gap, most=most, stop=stop, brimful=brimful)
        tail = int(max(0, rng.choice([0.0, 0.3, 1.0]) + rng.normal(0, 0.1)) * RATE)
        length = most if brimful else min(most, placed.end + tail)
        wave = self._mixed(placed.parts, length)
        loudness = np.sqrt(np.mean(wave * wave)) + np.float32(1e-6)
        mix = self._mix
        return through_a_microphone(rng, wave, loudness, noisy=mix.noisy, noise_range=mix.noise_range), placed

    def _place(self, kind: Kind, place: int, gap: float, *, most: int, stop: int, brimful: bool) -> _Placed:
        """Places utterances until the window is full, or holds the one that was asked for."""
        rng, placed = self._rng, _Placed()
        while True:
            wave, words = self._utterance()
            if place + int(words[-1].end * RATE) > most - 800:
                if not placed.segments and not brimful and place + 8000 < most and kind == "one" and self._retry(words):
                    place = int(rng.uniform(0, 0.2) * RATE)
                elif brimful:
                    placed.parts.append((place, wave))
                    placed.cut = Cut(place / RATE, words) if place < most - self._mix.cut_min else None
                    return placed
                elif placed.segments:
                    return placed
                else:
                    place = 0
                continue
            start = place / RATE
            placed.parts.append((place, wave))
            placed.segments.append([Timing(word, start + begin, start + end) for word, begin, end in words])
            placed.end = place + int(words[-1].end * RATE)
            place = placed.end + int((0.15 + rng.exponential(gap)) * RATE)
            if kind == "one" or place > stop:
                return placed

    def _retry(self, words: list[Timing]) -> bool:
        return len(words) > 4 or bool(self._rng.random() < 0.7)

    def _utterance(self) -> tuple[Wave, list[Timing]]:
        """A random utterance, sometimes a little faster or slower."""
        wave, words = self._bank.utterance(int(self._rng.integers(len(self._bank))))
        if self._rng.random() < self._mix.speed:
            ratio = self._rng.uniform(0.88, 1.14)
            wave = faster(wave, ratio)
            words = [Timing(word, start / ratio, end / ratio) for word, start, end in words]
        return wave, words

    def _mixed(self, parts: list[tuple[int, Wave]], length: int) -> Wave:
        wave, gain = np.zeros(length, np.float32), 1.0
        for place, part in parts:
            if self._rng.random() < 0.2:
                gain = 10 ** (self._rng.uniform(-8, 3) / 20)
            heard = part[: max(0, length - place)]
            wave[place : place + len(heard)] += gain * heard
        return wave
