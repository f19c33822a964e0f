"""The speech model truly hears the samples, through faster-whisper as it is."""

import json
import os
from pathlib import Path
from typing import Any

import pytest
from faster_whisper import BatchedInferencePipeline, WhisperModel
from faster_whisper.audio import decode_audio
from tokenizers import Tokenizer

from cli.demo.training.scoring import normal_words, word_errors
from cli.demo.training.vocabulary import WORDS

DEMO = Path(__file__).resolve().parents[3] / "cli" / "demo"
FILES: list[dict[str, Any]] = json.loads((DEMO / "samples.json").read_text(encoding="utf-8"))["files"]
SPOKEN = [row for row in FILES if row.get("sentences")]

WORD_ERROR_LIMIT = 0.05
"""None of the 212 words was wrong when the samples were made; int8 arithmetic differs a little between processors."""
START_LIMIT = 0.75
"""Seconds; 0.55 was the worst. Word alignment lets a sentence begin in the pause before it."""


@pytest.fixture(scope="module")
def heard() -> dict[str, list[Any]]:
    """What the model hears in each sample: its segments, by path."""
    model = WhisperModel(str(DEMO / "model"), device="cpu", compute_type="int8", cpu_threads=min(2, os.cpu_count() or 1))
    pipeline = BatchedInferencePipeline(model)
    return {row["path"]: transcribe(pipeline, DEMO / "samples" / row["path"]) for row in SPOKEN}


def transcribe(pipeline: BatchedInferencePipeline, path: Path) -> list[Any]:
    segments, _ = pipeline.transcribe(
        decode_audio(str(path)),
        batch_size=4,
        without_timestamps=False,
        chunk_length=15,
        word_timestamps=True,
        condition_on_previous_text=False,
        beam_size=5,
        temperature=0,
        vad_filter=True,
    )
    return list(segments)


def test_words_are_heard(heard: dict[str, list[Any]]) -> None:
    errors = words = 0
    for row in SPOKEN:
        said = [word for sentence in row["sentences"] for word in sentence["text"].split()]
        errors += word_errors(said, normal_words(" ".join(segment.text for segment in heard[row["path"]])))
        words += len(said)

    assert words == 212
    assert errors / words <= WORD_ERROR_LIMIT


@pytest.mark.parametrize("row", SPOKEN, ids=[Path(row["path"]).name for row in SPOKEN])
def test_sentences_start_when_they_are_spoken(row: dict[str, Any], heard: dict[str, list[Any]]) -> None:
    starts = [segment.start for segment in heard[row["path"]]]

    for sentence in row["sentences"]:
        assert min(abs(start - sentence["start"]) for start in starts) < START_LIMIT, sentence["text"]


def test_model_and_training_share_one_vocabulary() -> None:
    tokenizer = Tokenizer.from_file(str(DEMO / "model" / "tokenizer.json"))

    assert (DEMO / "model" / "vocabulary_words.txt").read_text(encoding="utf-8").split() == WORDS
    assert all(len(tokenizer.encode(" " + word).ids) == 1 for word in WORDS)
