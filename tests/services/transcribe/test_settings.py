"""Settings and what follows from them."""

import os

import pytest

from services.transcribe.settings import TranscribeSettings, WhisperSettings, is_folder


def test_defaults_are_those_that_are_documented(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [name for name in os.environ if name.startswith(("SPILLWAY_WHISPER_", "SPILLWAY_TRANSCRIBE_"))]:
        monkeypatch.delenv(name)
    settings = WhisperSettings()
    assert (settings.model, settings.device, settings.compute_type, settings.chunk_length) == ("small", "auto", "default", 30)
    assert TranscribeSettings().workers == 1


def test_they_come_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SPILLWAY_WHISPER_MODEL", "/models/tiny")
    monkeypatch.setenv("SPILLWAY_WHISPER_CHUNK_LENGTH", "15")
    monkeypatch.setenv("SPILLWAY_WHISPER_LANGUAGE", "")
    monkeypatch.setenv("SPILLWAY_TRANSCRIBE_WORKERS", "3")
    settings = WhisperSettings()
    assert (settings.model, settings.label, settings.chunk_length, settings.language) == ("/models/tiny", "tiny", 15, None)
    assert TranscribeSettings().workers == 3


@pytest.mark.parametrize("model", ["/models/tiny", "./tiny", "../tiny", "~/tiny", ".\\tiny", "models/of/mine"])
def test_what_looks_like_a_path_is_a_folder(model: str) -> None:
    assert is_folder(model)


@pytest.mark.parametrize("model", ["small", "large-v3", "Systran/faster-whisper-small"])
def test_names_and_hub_ids_are_not(model: str) -> None:
    assert not is_folder(model)
    assert WhisperSettings(model=model).label == model


def test_workers_share_the_cores(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "cpu_count", lambda: 8)
    assert [WhisperSettings().threads_for(workers) for workers in (1, 2, 3, 20)] == [8, 4, 2, 1]
    assert WhisperSettings(threads=5).threads_for(8) == 5


def test_only_what_changes_the_words_tells_transcripts_apart() -> None:
    one = WhisperSettings(threads=1, batch_size=1, device="cpu")
    assert one.decoding() == WhisperSettings(threads=2, batch_size=8, device="cuda").decoding()
    assert one.decoding() != WhisperSettings(vad=False).decoding()
