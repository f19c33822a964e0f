"""Batches: windows of similar length together, padded, with everything the losses compare."""

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from cli.demo.training.bank import Bank, Wave
from cli.demo.training.recipes import Mix, Plan
from cli.demo.training.sequences import IGNORED, Sequence, SequenceMaker
from cli.demo.training.tokens import Tokens
from cli.demo.training.windows import Window, WindowMaker

Numbers = npt.NDArray[np.int64]

ENCODER_FRAMES = 1500
FRAMES_A_SECOND = 50
"""Of the encoder's output; its input has twice as many."""
GROUP = 4
"""Batches of crops drawn at a time, so that windows of similar length can be put together."""


class Batch(NamedTuple):
    """`windows` encoded windows, each read by one or more decoder sequences in order."""

    features: Wave
    """windows x 80 x frames"""
    offsets: Numbers
    """windows: the encoder position of the first frame"""
    frame_words: Numbers
    """windows x encoder frames: the word spoken, or 0"""
    tokens: Numbers
    """sequences x length"""
    labels: Numbers
    """sequences x length"""
    write: Numbers
    """n x 4: sequence, position, first and last encoder frame of the word to be written"""
    read: Numbers
    """likewise, of the word just read"""
    times: Numbers
    """likewise, of the timestamp just read"""


class Composer:
    def __init__(self, bank: Bank, tokens: Tokens, seed: int, mix: Mix) -> None:
        self.rng = np.random.default_rng(seed)
        self._mix, self._tokens = mix, tokens
        self._windows = WindowMaker(bank, mix, self.rng)
        self._sequences = SequenceMaker(bank, tokens, mix, self.rng)

    def batches(self, plan: Plan) -> Iterator[Batch]:
        """One batch of full windows, or several of crops, in random order."""
        kinds, chances = list(plan.kinds), list(plan.kinds.values())
        group = 1 if plan.full else GROUP
        pool = [self._windows.window(plan.seconds, self.rng.choice(kinds, p=chances)) for _ in range(plan.size * group)]
        pool.sort(key=lambda window: window.features.shape[1])
        for number in self.rng.permutation(group):
            yield self._collate(pool[number * plan.size : (number + 1) * plan.size], plan)

    def _collate(self, windows: list[Window], plan: Plan) -> Batch:
        frames = self._frames(windows, full=plan.full)
        length = frames // 2
        features = np.zeros((len(windows), 80, frames), np.float32)
        offsets = np.zeros(len(windows), np.int64)
        words = np.zeros((len(windows), length), np.int64)
        share, copies = self._readings()
        sequences = []
        for row, window in enumerate(windows):
            heard = window.features[:, :frames]
            features[row, :, : heard.shape[1]] = heard
            if not plan.full and length < ENCODER_FRAMES and self.rng.random() < 0.7:
                offsets[row] = 5 * self.rng.integers(0, (ENCODER_FRAMES - length) // 5 + 1)
            _label_frames(words[row], window)
            for _ in range(copies):
                context = plan.context if plan.context and self.rng.random() < share else 0
                offset = offsets[row] / FRAMES_A_SECOND
                sequences.append(self._sequences.sequence(window, offset, context=context, limit=plan.seconds))
        tokens, labels = _padded(sequences, self._tokens.end_of_text)
        return Batch(features, offsets, words, tokens, labels, *self._guides(sequences, length))

    def _frames(self, windows: list[Window], *, full: bool) -> int:
        if full:
            return 2 * ENCODER_FRAMES
        longest = max(int(window.features.shape[1]) for window in windows)
        return min(2 * ENCODER_FRAMES, (longest + int(self.rng.choice([0, 20, 100])) + 1) // 2 * 2)

    def _readings(self) -> tuple[float, int]:
        """The share of sequences with previous text in this batch, and the sequences to each window."""
        mix = self._mix
        if not mix.context_by_batch:
            return mix.context, mix.copies
        if self.rng.random() < mix.context:
            return 0.9, (mix.copies + 1) // 2
        return 0.0, mix.copies

    def _guides(self, sequences: list[Sequence], length: int) -> tuple[Numbers, Numbers, Numbers]:
        write, read, times = list[tuple[int, ...]](), list[tuple[int, ...]](), list[tuple[int, ...]]()
        for row, sequence in enumerate(sequences):
            write += [(row, span.position, *_frame_range(span.start, span.end, length)) for span in sequence.write]
            for span in sequence.read:
                is_time = sequence.tokens[span.position] >= self._tokens.first_timestamp
                (times if is_time else read).append((row, span.position, *_frame_range(span.start, span.end, length)))
        return _table(write), _table(read), _table(times)


def _label_frames(row: Numbers, window: Window) -> None:
    """Writes each word's id on the frames in which it is spoken."""
    for segment in window.segments:
        for word, start, end in segment:
            first = int(start * FRAMES_A_SECOND)
            row[first : max(first + 1, int(end * FRAMES_A_SECOND))] = word
    if window.cut is not None:
        for word, start, end in window.cut.words:
            begins, ends = window.cut.start + start, window.cut.start + end
            row[int(begins * FRAMES_A_SECOND) : int(ends * FRAMES_A_SECOND)] = word


def _padded(sequences: list[Sequence], filler: int) -> tuple[Numbers, Numbers]:
    longest = max(len(sequence.tokens) for sequence in sequences)
    tokens = np.full((len(sequences), longest), filler, np.int64)
    labels = np.full((len(sequences), longest), IGNORED, np.int64)
    for row, sequence in enumerate(sequences):
        tokens[row, : len(sequence.tokens)] = sequence.tokens
        labels[row, : len(sequence.labels)] = sequence.labels
    return tokens, labels


def _frame_range(start: float, end: float, length: int) -> tuple[int, int]:
    first = min(length - 1, int(start * FRAMES_A_SECOND))
    return first, min(length, max(first + 1, int(end * FRAMES_A_SECOND)))


def _table(rows: list[tuple[int, ...]]) -> Numbers:
    return np.array(rows, np.int64).reshape(-1, 4)
