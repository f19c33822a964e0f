"""Settings and what follows from them."""

import os

import pytest
from pydantic import ValidationError

from services.transcribe.settings import TranscribeSettings, WhisperSettings, is_folder
from shared.transcription import TranscriptionOptions


def test_defaults_are_those_that_are_documented(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [name for name in os.environ if name.startswith(("SPILLWAY_WHISPER_", "SPILLWAY_TRANSCRIBE_"))]:
        monkeypatch.delenv(name)
    settings = WhisperSettings()
    assert (settings.model, settings.device, settings.compute_type, settings.chunk_length) == ("small", "auto", "default", 30)
    assert (settings.window, settings.language, settings.task, settings.vad) == (300, None, "transcribe", True)
    assert (TranscribeSettings().workers, TranscribeSettings().diarizer) == (1, "off")


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


def test_settings_at_their_default_are_not_told_unless_they_always_were() -> None:
    always = {"language": None, "vad": True, "beam_size": 5, "chunk_length": 30, "compute_type": "default"}
    assert WhisperSettings().decoding() == always
    assert WhisperSettings(hotwords="grotto", window=600).decoding() == {**always, "hotwords": "grotto", "window": 600}


def test_options_take_the_place_of_settings() -> None:
    settings = WhisperSettings(model="tiny", language="de", beam_size=5)
    asked = settings.asked(TranscriptionOptions(model="large-v3", beam_size=1, vad=False))
    assert (asked.model, asked.beam_size, asked.vad, asked.language) == ("large-v3", 1, False, "de")
    assert settings.asked(TranscriptionOptions(language="auto")).language is None
    assert settings.asked(TranscriptionOptions()) == settings


def test_a_language_that_no_model_knows_is_refused() -> None:
    assert WhisperSettings(language="EN").language == "en"
    assert WhisperSettings(language="auto").language is None
    with pytest.raises(ValidationError, match="no model knows the language"):
        WhisperSettings(language="english")
