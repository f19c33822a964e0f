"""Speech to evaluate with: sentences that training never drew, and clips in which nobody speaks."""

import random
import subprocess
import wave
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from cli.demo.training.sounds import colour_noise
from cli.demo.training.synthesis import Espeak
from cli.demo.training.vocabulary import Voice, random_sentence

RATE = 16000
Wave = npt.NDArray[np.floating]
CHORDS = [[0, 4, 7, 12], [0, 3, 7, 10], [0, 5, 9, 12]]
"""Semitones above 220 Hz."""


@dataclass(frozen=True)
class Spoken:
    """A file, the words in it, and what is known of their times; a long file knows its sentences' starts."""

    path: Path
    words: list[str]
    times: list[tuple[float, float]] | None = None
    sentence_starts: list[float] | None = None


class SpeechSets:
    """Makes the sets. They share one stream of random numbers, so their order is part of the seed's meaning."""

    def __init__(self, folder: Path, seed: int) -> None:
        self._folder, self._espeak = folder, Espeak()
        self._rng, self._noise = random.Random(seed), np.random.default_rng(seed)

    def sentences(
        self, name: str, voices: Sequence[str], count: int, *, noise: tuple[float, float] | None = None
    ) -> list[Spoken]:
        """Single sentences with silence around them, and noise so many decibels below them."""
        return [self._sentence(f"{name}{n}.wav", voices[n % len(voices)], noise) for n in range(count)]

    def _sentence(self, name: str, voice: str, noise: tuple[float, float] | None) -> Spoken:
        rng, words = self._rng, self._words()
        speech, timing = self._espeak.say(words, Voice(voice, rng.randint(120, 200), rng.randint(25, 75)))
        lead, tail = rng.uniform(0.1, 0.8), rng.uniform(0.2, 0.8)
        sound: Wave = np.concatenate([_silence(lead), speech.astype(float), _silence(tail)])
        if noise is not None:
            loudness = np.sqrt(np.mean(sound * sound))
            sound = sound + colour_noise(self._noise, len(sound)) * loudness * 10 ** (-self._noise.uniform(*noise) / 20)
        path = self._save(name, sound * 0.8)
        return Spoken(path, words, [(word.start + lead, word.end + lead) for word in timing])

    def from_program(self, name: str, arguments: Sequence[str], count: int) -> list[Spoken]:
        """What `espeak-ng ARGUMENTS -w file "words"` writes, nothing added."""
        spoken = []
        for number in range(count):
            words, path = self._words(), self._folder / f"{name}{number}.wav"
            subprocess.run(["espeak-ng", *arguments, "-w", str(path), " ".join(words)], check=True)
            spoken.append(Spoken(path, words))
        return spoken

    def long_file(
        self,
        name: str,
        voice: str,
        *,
        gap: tuple[float, float] = (0.3, 2.0),
        rates: tuple[int, int] = (130, 180),
        seconds: float = 110.0,
    ) -> Spoken:
        """Many sentences with pauses on a faint floor of noise: several 30 s windows."""
        parts: list[Wave] = []
        words: list[str] = []
        starts, place, rng = list[float](), 0.0, self._rng
        while place < seconds:
            sentence = random_sentence(rng)
            # A choice among one voice, because choosing draws a random number.
            chosen = Voice(rng.choice([voice]), rng.randint(*rates), rng.randint(40, 60))
            speech, timing = self._espeak.say(sentence, chosen)
            speech = speech[: int(timing[-1].end * RATE) + 1600]
            words += sentence
            starts.append(place + timing[0].start)
            pause = _silence(rng.uniform(*gap))
            parts += [speech.astype(float), pause]
            place += (len(speech) + len(pause)) / RATE
        sound = np.concatenate(parts)
        path = self._save(f"{name}.wav", sound + self._noise.normal(0, 20, len(sound)))
        return Spoken(path, words, sentence_starts=starts)

    def unspoken(self) -> list[tuple[str, Path]]:
        """Clips of silence, noise and music."""
        rng, noise = self._rng, self._noise
        clips: list[tuple[str, Wave]] = [("silence", _silence(rng.uniform(1, 40))) for _ in range(6)]
        clips += [("noise", self._white(10 ** rng.uniform(1.5, 3.5), rng.uniform(2, 40))) for _ in range(6)]
        for _ in range(6):
            loudness = 10 ** rng.uniform(2, 3.5)
            clips.append(("noise", loudness * colour_noise(noise, int(rng.uniform(2, 40) * RATE))))
        clips += [("music", self._tune(kind, rng.uniform(3, 40))) for kind in ("square", "saw", "organ") * 4]
        return [(kind, self._save(f"q{number}.wav", clip)) for number, (kind, clip) in enumerate(clips)]

    def _white(self, loudness: float, seconds: float) -> Wave:
        return self._noise.normal(0, loudness, int(seconds * RATE))

    def _tune(self, kind: str, seconds: float) -> Wave:
        """Broken chords, sometimes with a beat."""
        rng, at = self._rng, np.arange(int(seconds * RATE)) / RATE
        notes = 220 * 2 ** (np.array(rng.choice(CHORDS)) / 12)
        pitch = notes[(at / rng.choice([0.2, 0.35, 0.5])).astype(int) % 4]
        phase = np.cumsum(pitch) / RATE
        if kind == "square":
            tone = np.sign(np.sin(2 * np.pi * phase))
        elif kind == "saw":
            tone = 2 * (phase % 1) - 1
        else:
            tone = np.sum([np.sin(2 * np.pi * note * at) for note in notes], axis=0) / 2
        beat = self._noise.normal(0, 1, len(at)) * np.exp(-(at % 0.5) * 40) * rng.choice([0, 1])
        return np.asarray(3000 * (tone + beat))

    def _words(self) -> list[str]:
        """A sentence of at least three words."""
        words = random_sentence(self._rng)
        while len(words) < 3:
            words = random_sentence(self._rng)
        return words

    def _save(self, name: str, sound: Wave) -> Path:
        path = self._folder / name
        with wave.open(str(path), "wb") as file:
            file.setnchannels(1)
            file.setsampwidth(2)
            file.setframerate(RATE)
            file.writeframes(np.clip(sound, -32768, 32767).astype(np.int16).tobytes())
        return path


def _silence(seconds: float) -> Wave:
    return np.zeros(int(seconds * RATE))


def encoded(spoken: Sequence[Spoken], extension: str, arguments: Sequence[str]) -> list[Spoken]:
    """The same speech through a lossy codec."""
    copies = []
    for item in spoken:
        path = item.path.with_suffix(f".{extension}")
        command = ["ffmpeg", "-y", "-loglevel", "error", "-i", str(item.path), "-ar", "48000", *arguments, str(path)]
        subprocess.run(command, check=True)
        copies.append(Spoken(path, item.words, item.times, item.sentence_starts))
    return copies
