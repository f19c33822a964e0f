"""What may be asked for when a file is transcribed."""

import pytest
from faster_whisper.tokenizer import _LANGUAGE_CODES

from services.transcribe.settings import WhisperSettings
from shared.errors import Invalid
from shared.transcription import LANGUAGES, TranscriptionOptions, options_of


def test_what_is_given_is_told_and_nothing_else() -> None:
    assert options_of({}).given() == {}
    given = {"model": "large-v3", "task": "translate", "language": "de", "vad": False, "beam_size": 1, "hotwords": "grotto"}
    assert options_of(given).given() == given
    assert options_of({"language": "EN", "model": " small "}).given() == {"language": "en", "model": "small"}


@pytest.mark.parametrize(
    ("values", "sentence"),
    [
        ({"speed": 2}, 'There is no transcription option "speed"; there are model, task, language'),
        ({"beam_size": 0}, "The transcription option beam_size is wrong: Input should be greater than or equal to 1."),
        (
            {"language": "klingon"},
            'The transcription option language is wrong: no model knows the language "klingon"; give a code',
        ),
        ({"task": "sing"}, "The transcription option task is wrong: Input should be 'transcribe' or 'translate'."),
        ({"device": "tpu"}, "The transcription option device is wrong"),
        ({"compute_type": "int7"}, "The transcription option compute_type is wrong"),
        ({"model": ""}, "The transcription option model is wrong"),
        ({"hotwords": "a\0b"}, "The transcription option hotwords is wrong"),
        ({"vad": "perhaps", "chunk_length": 31}, "The transcription option chunk_length is wrong"),
    ],
)
def test_what_is_wrong_is_said_in_a_sentence(values: dict[str, object], sentence: str) -> None:
    with pytest.raises(Invalid) as refused:
        options_of(values)
    assert sentence in str(refused.value)


def test_the_languages_are_those_of_the_models() -> None:
    assert set(_LANGUAGE_CODES) == LANGUAGES


def test_every_option_takes_the_place_of_a_setting() -> None:
    assert set(TranscriptionOptions.model_fields) <= set(WhisperSettings.model_fields)
