"""What the decoder reads and is asked to write for a window, and where in the audio it should look meanwhile."""

import math
from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np

from cli.demo.training.bank import Bank, Timing
from cli.demo.training.recipes import Mix
from cli.demo.training.tokens import TIMESTAMPS, Tokens
from cli.demo.training.windows import Cut, Window

CONTEXT_LENGTHS = [4, 10, 20, 40, 80, 160, 223]
LONGEST_CONTEXT = 223
"""Tokens of previous text; Whisper's own limit."""
IGNORED = -100
"""The label of a token that nothing is asked for."""


class Span(NamedTuple):
    """The piece of audio, in seconds, that belongs to a position of the sequence."""

    position: int
    start: float
    end: float


@dataclass
class Sequence:
    """Decoder input and labels of the same length; spans of what is to be written and of what was just read."""

    tokens: list[int] = field(default_factory=list)
    labels: list[int] = field(default_factory=list)
    write: list[Span] = field(default_factory=list)
    read: list[Span] = field(default_factory=list)

    def add(self, token: int, label: int) -> int:
        """Appends a pair and returns its position."""
        self.tokens.append(token)
        self.labels.append(label)
        return len(self.tokens) - 1


@dataclass
class _Text:
    """The tokens to be written; by their place, where words are and where times point."""

    tokens: list[int] = field(default_factory=list)
    words: dict[int, tuple[float, float]] = field(default_factory=dict)
    times: dict[int, tuple[float, float]] = field(default_factory=dict)


class SequenceMaker:
    def __init__(self, bank: Bank, tokens: Tokens, mix: Mix, rng: np.random.Generator) -> None:
        self._bank, self._tokens, self._mix, self._rng = bank, tokens, mix, rng

    def sequence(self, window: Window, offset: float, *, context: int, limit: float) -> Sequence:
        """A reading of the window.

        `offset` (seconds) is where the window lies in the encoder's 30 s, `context` the most tokens of previous text
        (0 for none at all), `limit` the seconds after which words no longer count.
        """
        tokens, mix, segments = self._tokens, self._mix, window.segments
        timed = bool(self._rng.random() < (mix.timestamps_many if len(segments) > 1 else mix.timestamps_one))
        previous = [tokens.previous, *self._previous_text(context, timed=timed)] if context else []
        sequence = Sequence(previous, [IGNORED] * len(previous))
        if not segments:
            sequence.add(tokens.start, tokens.no_speech)
            sequence.add(tokens.first_timestamp if timed else tokens.no_timestamps, tokens.end_of_text)
            return sequence
        text = self._text(segments, window.cut, offset, timed=timed, limit=limit)
        self._read(text, sequence)
        return sequence

    def _previous_text(self, most: int, *, timed: bool) -> list[int]:
        tokens, written, time = self._tokens, list[int](), 0.0
        wanted = min(int(self._rng.choice(CONTEXT_LENGTHS, p=self._mix.context_lengths)), most)
        while len(written) < wanted:
            words = self._bank.words[self._rng.integers(len(self._bank))]
            segment = [*(tokens.words[word.word] for word in words), tokens.full_stop]
            if timed:
                end = min(30.0, time + words[-1].end)
                segment = [self._stamp(int(time * 10)), *segment, self._stamp(int(end * 10))]
                time = 0.0 if end > 25 else end + 0.2
            written += segment
        return written[-min(LONGEST_CONTEXT, wanted + 20, most + 20) :]

    def _stamp(self, tenths: int) -> int:
        """The timestamp of so many tenths of a second."""
        return self._tokens.first_timestamp + 5 * tenths

    def _text(self, segments: list[list[Timing]], cut: Cut | None, offset: float, *, timed: bool, limit: float) -> _Text:
        text = _Text([] if timed else [self._tokens.no_timestamps])
        last = 0.0
        for number, words in enumerate(segments):
            last = self._write_segment(text, words, offset, last, timed=timed, first=number == 0)
        if cut is not None and timed:
            start = min(30.0, max(last, math.floor((cut.start + offset) * 10) / 10))
            text.times[len(text.tokens)] = (cut.start, cut.start + 0.15)
            text.tokens.append(self._stamp(round(start * 10)))
        elif cut is not None:
            for word, start, end in cut.words:
                if cut.start + end <= limit:
                    text.words[len(text.tokens)] = (cut.start + start, cut.start + end)
                    text.tokens.append(self._tokens.words[word])
        text.tokens.append(self._tokens.end_of_text)
        return text

    def _write_segment(
        self, text: _Text, words: list[Timing], offset: float, last: float, *, timed: bool, first: bool
    ) -> float:
        """Adds one utterance and returns the time of its end in the encoder's window."""
        opening, closing = words[0].start, words[-1].end
        start = max(last, math.floor((opening + offset) * 10) / 10)
        end = min(30.0, max(start + 0.1, math.ceil((closing + offset) * 10) / 10))
        near_end = (max(0.0, closing - 0.15), closing + 0.05)
        if timed:
            text.times[len(text.tokens)] = (max(0.0, opening - 0.05), opening + 0.15)
            # faster-whisper lets no window begin later than a second in.
            text.tokens.append(self._stamp(round((min(start, 1.0) if first else start) * 10)))
        for word, begin, finish in words:
            text.words[len(text.tokens)] = (begin, finish)
            text.tokens.append(self._tokens.words[word])
        text.times[len(text.tokens)] = near_end
        text.tokens.append(self._tokens.full_stop)
        if timed:
            text.times[len(text.tokens)] = near_end
            text.tokens.append(self._stamp(round(end * 10)))
        return end

    def _read(self, text: _Text, sequence: Sequence) -> None:
        """Pairs each token with what is read just before it.

        The decoder must find its place again after a mistake of its own: sometimes it reads a wrong, extra or missing
        word or a shifted time, while the right continuation is asked for.
        """
        mix = self._mix
        look = {**text.words, **text.times} if mix.read_guide else text.words
        bad = mix.mistakes if self._rng.random() < 0.5 else 0.0
        for place, target in enumerate(text.tokens):
            token, heard = self._tokens.start, None
            if place:
                step = self._misread(text, place, bad, look, sequence)
                if step is None:
                    continue
                token, heard = step
            position = sequence.add(token, target)
            _mark(look, place, position, sequence.write)
            if heard is not None and mix.read_guide:
                _mark(look, heard, position, sequence.read)

    def _misread(
        self, text: _Text, place: int, bad: float, look: dict[int, tuple[float, float]], sequence: Sequence
    ) -> tuple[int, int | None] | None:
        """The token read before `place` and the place it truly came from; None when the word goes missing."""
        token, chance = text.tokens[place - 1], self._rng.random()
        if not bad or chance >= bad:
            return token, place - 1
        if place - 1 in text.words:
            if chance < 0.2 * bad:
                return None if place - 2 in text.words else (token, place - 1)
            if chance < 0.45 * bad:
                position = sequence.add(token, text.tokens[place])
                _mark(look, place, position, sequence.write)
                return (token if self._rng.random() < 0.5 else self._any_word()), None
            return self._any_word(), None
        if token >= self._tokens.first_timestamp and place > 1:
            return self._shifted(token), None
        return token, place - 1

    def _shifted(self, stamp: int) -> int:
        first = self._tokens.first_timestamp
        return int(np.clip(stamp + 5 * self._rng.integers(-2, 3), first, first + TIMESTAMPS - 1))

    def _any_word(self) -> int:
        words = self._tokens.words
        return words[int(self._rng.integers(1, len(words)))]


def _mark(look: dict[int, tuple[float, float]], place: int, position: int, spans: list[Span]) -> None:
    if place in look:
        spans.append(Span(position, *look[place]))
