"""Measures an exported model through faster-whisper itself."""

import json
import resource
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from faster_whisper import BatchedInferencePipeline, WhisperModel

from cli.demo.training.scoring import is_runaway, normal_words, word_errors
from cli.demo.training.speech_sets import SpeechSets, Spoken, encoded
from cli.demo.training.vocabulary import HELD_OUT_VOICES

Transcribe = Callable[[str], tuple[Any, Any]]
"""A file's path in; faster-whisper's segments and information out."""

CODECS = (
    ("mp3", ["-b:a", "64k"]),
    ("m4a", ["-c:a", "aac", "-b:a", "64k"]),
    ("webm", ["-c:a", "libopus", "-b:a", "32k"]),
)
LONG_SETS = (
    ("long, en-us at 150 wpm", ("en-us", "en-us", "en-us"), (150, 150)),
    ("long, unseen voices", (HELD_OUT_VOICES[0], HELD_OUT_VOICES[2], HELD_OUT_VOICES[8]), (130, 180)),
)


@dataclass(frozen=True)
class Options:
    """`count` sentences to a set; the first `show` transcripts are printed; `quick` leaves most settings out."""

    model: Path
    count: int
    seed: int
    json: Path | None
    show: int
    quick: bool
    compute_type: str


@dataclass
class _Tally:
    errors: int = 0
    words: int = 0
    exact: int = 0
    runaways: int = 0
    seconds: float = 0.0
    segments: int = 0
    sentences: int = 0
    word_times: list[float] = field(default_factory=list)
    sentence_starts: list[float] = field(default_factory=list)

    def add(self, item: Spoken, segments: Sequence[Any], seconds: float) -> None:
        heard = normal_words(" ".join(segment.text for segment in segments))
        errors = word_errors(item.words, heard)
        self.errors, self.words = self.errors + errors, self.words + len(item.words)
        self.exact += errors == 0
        self.runaways += is_runaway(item.words, heard)
        self.seconds += seconds
        if item.sentence_starts is not None:
            self.segments, self.sentences = self.segments + len(segments), self.sentences + len(item.sentence_starts)
            for start in item.sentence_starts:
                self.sentence_starts.append(min((abs(segment.start - start) for segment in segments), default=99.0))
        if item.times and heard == item.words and segments and segments[0].words:
            self._compare_times(item.times, [word for segment in segments for word in segment.words])

    def _compare_times(self, times: Sequence[tuple[float, float]], words: Sequence[Any]) -> None:
        if len(words) == len(times):
            self.word_times += [abs(word.start - start) for word, (start, _) in zip(words, times, strict=True)]
            self.word_times += [abs(word.end - end) for word, (_, end) in zip(words, times, strict=True)]

    def result(self, files: int, taken: float) -> dict[str, Any]:
        row: dict[str, Any] = {
            "wer": round(self.errors / self.words, 4),
            "files": files,
            "words": self.words,
            "errors": self.errors,
            "exact_files": self.exact,
            "runaways": self.runaways,
            "audio_s": round(self.seconds, 1),
            "rtf": round(taken / self.seconds, 4),
            "s_per_file": round(taken / files, 3),
        }
        if self.word_times:
            row["word_time_error_s"] = _spread(self.word_times, "p95", 95, 3)
        if self.sentence_starts:
            row |= {"sentences": self.sentences, "segments": self.segments}
            row["sentence_start_error_s"] = _spread(self.sentence_starts, "p90", 90, 2)
        return row


def _spread(values: Sequence[float], name: str, percentile: int, digits: int) -> dict[str, float]:
    high = float(np.percentile(values, percentile))
    return {"median": round(float(np.median(values)), digits), name: round(high, digits)}


def evaluate(options: Options) -> None:
    """Prints one line for every set of speech and way of transcribing it; writes all of it as JSON if asked."""
    model, report = _load(options)
    print(json.dumps(report))
    with tempfile.TemporaryDirectory() as folder:
        _Evaluation(options, model, SpeechSets(Path(folder), options.seed), report).go()
    report["peak_rss_mb"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print("peak RSS MB", report["peak_rss_mb"])
    if options.json:
        options.json.write_text(json.dumps(report, indent=1), encoding="utf-8")


def _load(options: Options) -> tuple[WhisperModel, dict[str, Any]]:
    began = time.time()
    model = WhisperModel(str(options.model), device="cpu", compute_type=options.compute_type)
    size = sum(path.stat().st_size for path in options.model.iterdir())
    return model, {
        "load_s": time.time() - began,
        "multilingual": model.model.is_multilingual,
        "n_mels": model.model.n_mels,
        "compute_type": model.model.compute_type,
        "size_mb": size / 1e6,
    }


class _Evaluation:
    def __init__(self, options: Options, model: WhisperModel, sets: SpeechSets, report: dict[str, Any]) -> None:
        self._options, self._model, self._sets, self._report = options, model, sets, report
        self._batched = partial(BatchedInferencePipeline(model).transcribe, batch_size=4)

    def go(self) -> None:
        held = self._unseen_voices()
        self._ordinary_voices()
        self._long_files()
        if not self._options.quick:
            for extension, arguments in CODECS:
                items = encoded(held[:30], extension, arguments)
                self._run(f"unseen voices as {extension} (first 30)", items, self._model.transcribe)
        self._nothing_said()

    def _unseen_voices(self) -> list[Spoken]:
        model, label = self._model.transcribe, "unseen voices, clean, "
        held = self._sets.sentences("held", HELD_OUT_VOICES, self._options.count)
        self._run(label + "defaults", held, model, show=self._options.show)
        if not self._options.quick:
            self._run(label + "word_timestamps", held, partial(model, word_timestamps=True))
            self._run(label + "vad_filter", held, partial(model, vad_filter=True))
            greedy = partial(model, without_timestamps=True, beam_size=1)
            self._run(label + "without_timestamps, beam 1", held, greedy)
            self._run(label + "batched with timestamps", held, partial(self._batched, without_timestamps=False))
        return held

    def _ordinary_voices(self) -> None:
        sets, count, model = self._sets, self._options.count, self._model.transcribe
        noisy = sets.sentences("noisy", HELD_OUT_VOICES, count, noise=(10, 25))
        self._run("unseen voices, noise 10-25 dB SNR", noisy, model)
        american = sets.from_program("us", ["-v", "en-us", "-s", "150"], count)
        self._run("espeak-ng -v en-us -s 150 (program)", american, model)
        self._run("espeak-ng -v en-gb (program, 175 wpm)", sets.from_program("gb", ["-v", "en-gb"], count), model)

    def _long_files(self) -> None:
        model = self._model.transcribe
        timed = partial(self._batched, without_timestamps=False)
        ways: list[tuple[str, Transcribe]] = [
            (", word_timestamps", partial(model, word_timestamps=True)),
            (", no previous text", partial(model, condition_on_previous_text=False)),
            (", vad_filter", partial(model, vad_filter=True)),
            (", batched with timestamps", timed),
            (", batched with timestamps, 15 s", partial(timed, chunk_length=15)),
            (", batched defaults", self._batched),
        ]
        for label, voices, rates in LONG_SETS:
            chosen = voices[:1] if self._options.quick else voices
            files = [self._sets.long_file(f"{label[:9]}{n}", voice, rates=rates) for n, voice in enumerate(chosen)]
            self._run(label + ", defaults", files, model)
            for name, way in [] if self._options.quick else ways:
                self._run(label + name, files, way)

    def _run(self, label: str, items: Sequence[Spoken], transcribe: Transcribe, *, show: int = 0) -> None:
        tally, began = _Tally(), time.time()
        for number, item in enumerate(items):
            found, about = transcribe(str(item.path))
            segments = list(found)
            tally.add(item, segments, about.duration)
            if number < show:
                _print_transcript(item, segments)
        row = tally.result(len(items), time.time() - began)
        self._report[label] = row
        print(f"{label:46s} WER {100 * tally.errors / tally.words:6.2f} %  {row}", flush=True)

    def _nothing_said(self) -> None:
        """How often text appears where nobody speaks, with the defaults and with voice detection."""
        quiet: dict[str, dict[str, int]] = {}
        for kind, path in self._sets.unspoken():
            for mode, vad in (("defaults", False), ("vad_filter", True)):
                text = " ".join(segment.text for segment in self._model.transcribe(str(path), vad_filter=vad)[0])
                row = quiet.setdefault(f"{kind}, {mode}", {"clips": 0, "with_text": 0, "words": 0})
                row["clips"] += 1
                row["with_text"] += bool(text.strip())
                row["words"] += len(normal_words(text))
        self._report["nothing said"] = quiet
        print("nothing said:", json.dumps(quiet))


def _print_transcript(item: Spoken, segments: Sequence[Any]) -> None:
    heard = [(round(segment.start, 2), round(segment.end, 2), segment.text) for segment in segments]
    print("   ref", " ".join(item.words), "\n   hyp", heard)
