"""espeak-ng through its C library: speech, and the moment each word starts."""

import ctypes
import itertools
import multiprocessing
import random
import time
from collections.abc import Collection, Sequence
from pathlib import Path
from typing import Any

import av
import numpy as np
import numpy.typing as npt

from cli.demo.training.bank import Timing, Utterance, save_bank
from cli.demo.training.vocabulary import WORD_ID, Voice, plain_voice, random_sentence, varied_voice

Audio = npt.NDArray[np.int16]

LIBRARY = "libespeak-ng.so.1"
SYNCHRONOUS = 2
WORD_EVENT = 1
RATE, PITCH, PITCH_RANGE, WORD_GAP = 1, 3, 4, 7
"""espeak-ng's numbers of its parameters."""
SILENT = 120
"""espeak-ng pads the end of speech with samples no louder than this."""
SENTENCES_A_PART = 500
"""Each part has a seed of its own, so this number is part of what a seed means."""


class _EventId(ctypes.Union):
    _fields_ = (("number", ctypes.c_int), ("name", ctypes.c_char_p), ("string", ctypes.c_char * 8))


class _Event(ctypes.Structure):
    _fields_ = (
        ("type", ctypes.c_int),
        ("uid", ctypes.c_uint),
        ("text_position", ctypes.c_int),
        ("length", ctypes.c_int),
        ("audio_position", ctypes.c_int),
        ("sample", ctypes.c_int),
        ("user_data", ctypes.c_void_p),
        ("id", _EventId),
    )


_Callback = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.POINTER(ctypes.c_short), ctypes.c_int, ctypes.POINTER(_Event))


class Espeak:
    """The synthesiser. One process can hold one."""

    def __init__(self) -> None:
        self._library = ctypes.CDLL(LIBRARY)
        self._rate: int = self._library.espeak_Initialize(SYNCHRONOUS, 0, None, 0)
        if self._rate <= 0:
            raise RuntimeError("espeak-ng did not start: install espeak-ng with its library and voices.")
        self._pieces: list[Audio] = []
        self._starts: list[tuple[int, int]] = []
        self._callback = _Callback(self._receive)
        self._library.espeak_SetSynthCallback(self._callback)

    def _receive(self, samples: Any, count: int, events: Any) -> int:
        if samples and count > 0:
            self._pieces.append(np.ctypeslib.as_array(samples, (count,)).copy())
        for event in itertools.takewhile(lambda event: event.type != 0, (events[i] for i in itertools.count())):
            if event.type == WORD_EVENT:
                self._starts.append((event.text_position - 1, event.sample))
        return 0

    def say(self, words: Sequence[str], voice: Voice, *, commas: Collection[int] = ()) -> tuple[Audio, list[Timing]]:
        """Speech at 16 kHz and, for every word, when it starts and ends; a comma follows each word of `commas`."""
        text, places = _sentence(words, commas)
        audio = self._speak(text, voice)
        loud = np.nonzero(np.abs(audio.astype(np.int32)) > SILENT)[0]
        last = (loud[-1] + 1) / self._rate if len(loud) else len(audio) / self._rate
        starts = {place: sample / self._rate for place, sample in self._starts}
        starts.setdefault(places[0], 0.0)
        return self._resampled(audio), word_times(words, places, starts, float(last))

    def _speak(self, text: str, voice: Voice) -> Audio:
        self._pieces.clear()
        self._starts.clear()
        if self._library.espeak_SetVoiceByName(voice.name.encode()) != 0:
            raise ValueError(f"espeak-ng has no voice called {voice.name}.")
        settings = ((RATE, voice.rate), (PITCH, voice.pitch), (PITCH_RANGE, voice.pitch_range), (WORD_GAP, voice.gap))
        for parameter, value in settings:
            self._library.espeak_SetParameter(parameter, int(value), 0)
        raw = text.encode()
        self._library.espeak_Synth(raw, ctypes.c_size_t(len(raw) + 1), 0, 1, 0, 1, None, None)
        return np.concatenate(self._pieces) if self._pieces else np.zeros(1, np.int16)

    def _resampled(self, audio: Audio) -> Audio:
        frame = av.AudioFrame.from_ndarray(audio[None, :].astype(np.int16), format="s16", layout="mono")
        frame.sample_rate = self._rate
        resampler = av.AudioResampler(format="s16", layout="mono", rate=16000)
        parts = [part.to_ndarray()[0] for part in resampler.resample(frame) + resampler.resample(None)]
        return np.concatenate(parts).astype(np.int16, copy=False)


def _sentence(words: Sequence[str], commas: Collection[int]) -> tuple[str, list[int]]:
    """The text to be spoken and where in it each word begins."""
    text, places = "", []
    for number, word in enumerate(words):
        places.append(len(text))
        text += word + (", " if number in commas else " ")
    return text.strip() + ".", places


def word_times(words: Sequence[str], places: Sequence[int], starts: dict[int, float], last: float) -> list[Timing]:
    """Start and end of each word; words that espeak-ng says in one breath ("in the") share its time by letters."""
    times: list[Timing] = []
    first = 0
    while first < len(words):
        after = first + 1
        while after < len(words) and places[after] not in starts:
            after += 1
        start = starts[places[first]]
        end = starts[places[after]] if after < len(words) else max(last, start + 0.05)
        letters = sum(len(word) + 1 for word in words[first:after])
        for word in words[first:after]:
            length = (end - start) * (len(word) + 1) / letters
            times.append(Timing(WORD_ID[word], start, start + length))
            start, letters = start + length, letters - len(word) - 1
        first = after
    return times


def synthesise(work: Path, bank: str, *, seed: int, utterances: int, style: str) -> None:
    """Speaks random sentences in two processes and stores them in a bank."""
    work.mkdir(parents=True, exist_ok=True)
    began = time.time()
    parts = [(seed * 1000 + part, SENTENCES_A_PART, style) for part in range(utterances // SENTENCES_A_PART)]
    with multiprocessing.Pool(2) as pool:
        spoken = list(itertools.chain.from_iterable(pool.map(speak_part, parts, chunksize=1)))
    save_bank(work / bank, spoken)
    hours = sum(len(audio) for audio, _ in spoken) / 16000 / 3600
    print(f"{len(spoken)} utterances, {hours:.2f} h, {time.time() - began:.0f} s")


def speak_part(part: tuple[int, int, str]) -> list[Utterance]:
    """The utterances of one (seed, count, style)."""
    seed, count, style = part
    rng, espeak = random.Random(seed), Espeak()
    utterances = []
    for _ in range(count):
        words = random_sentence(rng)
        commas = {place for place in range(len(words) - 1) if rng.random() < 0.12} if rng.random() < 0.3 else set()
        voice = plain_voice(rng) if style == "plain" else varied_voice(rng)
        utterances.append(espeak.say(words, voice, commas=commas))
    return utterances
