"""What can be asked for when a file is transcribed: the options of a request, in place of the service's settings."""

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator

from shared.errors import Invalid

AUTO = "auto"
"""In place of a language: it is detected."""

UNKNOWN_LANGUAGE = "und"
"""The language of a transcript in which nobody speaks, unless it was asked for (ISO 639-2: undetermined)."""

CODES = """
    af am ar as az ba be bg bn bo br bs ca cs cy da de el en es et eu fa fi fo fr gl gu ha haw he hi hr ht hu hy id is it
    ja jw ka kk km kn ko la lb ln lo lt lv mg mi mk ml mn mr ms mt my ne nl nn no oc pa pl ps pt ro ru sa sd si sk sl sn so
    sq sr su sv sw ta te tg th tk tl tr tt uk ur uz vi yi yo yue zh
"""
LANGUAGES = frozenset(CODES.split())
"""The codes of the languages that Whisper's models know."""

ComputeType = Literal[
    "default", "auto", "int8", "int8_float32", "int8_float16", "int8_bfloat16", "int16", "float16", "bfloat16", "float32"
]
Device = Literal["auto", "cpu", "cuda"]
Task = Literal["transcribe", "translate"]
Text = Annotated[str, Field(min_length=1, max_length=2000, pattern=r"^[^\x00]*$")]


class TranscriptionOptions(BaseModel):
    """Options of one request; what is not given is as the transcription service's settings say."""

    model_config = ConfigDict(frozen=True, extra="forbid", str_strip_whitespace=True)

    model: Text | None = Field(None, description="A speech model: its name, its id on the Hugging Face Hub, or its folder.")
    task: Task | None = Field(None, description="`translate` writes down in English what is said in another language.")
    language: str | None = Field(None, description="Spoken language, as en or de; `auto` to have it detected.")
    multilingual: bool | None = Field(None, description="Detect the language anew for each stretch of half a minute.")
    vad: bool | None = Field(None, description="Leave out stretches in which the voice detector hears nobody.")
    vad_threshold: float | None = Field(None, gt=0, lt=1, description="How sure the voice detector must be that it hears one.")
    vad_min_speech_ms: int | None = Field(None, ge=0, le=5000, description="Shorter sounds are no speech.")
    vad_min_silence_ms: int | None = Field(None, ge=0, le=10000, description="Shorter pauses do not part two stretches.")
    vad_pad_ms: int | None = Field(None, ge=0, le=2000, description="What is kept before and after each stretch.")
    beam_size: int | None = Field(None, ge=1, le=20, description="Alternatives followed while decoding.")
    chunk_length: int | None = Field(None, ge=5, le=30, description="Seconds of audio decoded at once.")
    batch_size: int | None = Field(None, ge=1, le=64, description="Chunks decoded side by side.")
    hotwords: Text | None = Field(None, description="Names and terms to listen for.")
    initial_prompt: Text | None = Field(None, description="A text in whose style and spelling is written.")
    device: Device | None = Field(None, description="`auto`: the graphics card if it works, else the processor.")
    compute_type: ComputeType | None = Field(None, description="CTranslate2's type of numbers.")

    @field_validator("language")
    @classmethod
    def _known(cls, language: str | None) -> str | None:
        if language is None:
            return None
        return known_language(language)

    def given(self) -> dict[str, Any]:
        """The options that were given, by name."""
        return self.model_dump(exclude_none=True)


def known_language(code: str) -> str:
    """The code of a language in lower case, or `auto`; raises ValueError."""
    lower = code.lower()
    if lower != AUTO and lower not in LANGUAGES:
        raise ValueError(f'no model knows the language "{code}"; give a code, as en, de or es, or auto')
    return lower


def options_of(values: dict[str, Any]) -> TranscriptionOptions:
    """The options of a request; raises Invalid with a sentence that says what is wrong."""
    try:
        return TranscriptionOptions.model_validate(values)
    except ValidationError as error:
        raise Invalid(" ".join(_sentence(fault["loc"], fault["type"], fault["msg"]) for fault in error.errors())) from error


def _sentence(place: tuple[int | str, ...], kind: str, message: str) -> str:
    name = ".".join(map(str, place))
    if kind == "extra_forbidden":
        return f'There is no transcription option "{name}"; there are {", ".join(TranscriptionOptions.model_fields)}.'
    return f"The transcription option {name} is wrong: {message.removeprefix('Value error, ')}."
