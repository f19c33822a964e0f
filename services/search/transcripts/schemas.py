"""Transcripts as the API tells them, and what it can be asked to change in them."""

from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import Field, JsonValue, StringConstraints

from services.search.schemas import Schema

AUTHOR = "Ignored: the history has the name of whoever asks."
Printable = StringConstraints(strip_whitespace=True, pattern=r"^[^\x00-\x08\x0b-\x1f\x7f]*$")
Text = Annotated[str, Printable, Field(min_length=1, max_length=2000)]
Speaker = Annotated[str, Printable, Field(min_length=1, max_length=100)]
Author = Annotated[str | None, Printable, Field(max_length=100, description=AUTHOR)]
Version = Annotated[
    str, Field(max_length=64, description="`version` of the segment as it was seen: a later one is not overwritten.")
]
Seconds = Annotated[float, Field(ge=0, allow_inf_nan=False)]

SubtitleFormat = Literal["srt", "vtt", "ass", "ssa"]


class TranscriptSummary(Schema):
    """One of a file's transcripts."""

    id: UUID
    file_id: UUID
    revision: int
    outdated: bool = Field(description="Whether the file's content has changed since.")
    model: str = Field(description="`import` for one that was handed in.")
    settings: dict[str, Any]
    language: str
    task: Literal["transcribe", "translate"]
    source: Literal["speech", "import"]
    name: str | None = Field(description="File name of one that was handed in.")
    duration: float = Field(description="Seconds.")
    created_at: datetime
    segment_count: int
    doubtful_count: int = Field(description="Segments of which the model's hearing is doubtful.")
    locked_count: int = Field(description="Segments that a person edited or confirmed; no transcription changes them.")
    best: bool = Field(description="Whether this is the one that is shown and searched.")
    chosen: bool = Field(description="Whether a person chose it.")


class Transcripts(Schema):
    """A file's transcripts, the best first."""

    transcripts: list[TranscriptSummary]


class SpokenWord(Schema):
    """A word and when it is said."""

    start: float
    end: float
    text: str
    probability: float | None
    estimated: bool = Field(False, description="Whether the times follow from those around it instead of the sound.")


class Doubt(Schema):
    """Why a segment may be wrong."""

    kind: str
    reason: str


class TranscriptSegment(Schema):
    """A stretch of speech."""

    id: UUID
    start: float
    end: float
    text: str
    speaker: str | None
    locked: bool
    doubts: list[Doubt]
    avg_logprob: float | None
    no_speech: float | None
    compression_ratio: float | None
    temperature: float | None
    version: str
    words: list[SpokenWord] | None = Field(None, description="Only if asked for.")


class TranscriptDetail(TranscriptSummary):
    """A transcript with all its segments."""

    segments: list[TranscriptSegment]


class Choice(Schema):
    """Which transcript of a file is to be shown and searched."""

    transcript_id: UUID | None = Field(description="Null leaves it to the rule.")


class Written(Schema):
    """A transcript that was handed in."""

    transcript_id: UUID
    created: bool = Field(description="False if the file had it already.")
    best: bool
    segment_count: int
    format: str
    encoding: str
    language: str
    notes: list[str] = Field(description="Sentences about what is odd in the file.")


class Content(Schema):
    """A subtitle file as a script sends it; browsers and tools send the bytes themselves."""

    content: str = Field(min_length=1)
    name: str | None = Field(None, max_length=255)
    format: SubtitleFormat | None = Field(None, description="Told by the content unless given.")
    language: str | None = Field(None, max_length=20)


class SegmentChange(Schema):
    """What to change in a segment; what is not given stays."""

    version: Version
    text: Text | None = None
    speaker: Speaker | None = Field(None, description="Null takes the speaker away.")
    start: Seconds | None = None
    end: Seconds | None = None
    locked: bool | None = Field(
        None, description="True confirms the segment as it is; false lets a new transcription replace it."
    )
    author: Author = None


class NewSegment(Schema):
    """A stretch of speech that nobody wrote down yet."""

    start: Seconds
    end: Seconds
    text: Text
    speaker: Speaker | None = None
    author: Author = None


class Split(Schema):
    """Where to part a segment: before a word, or at a time."""

    version: Version
    word: int | None = Field(None, ge=1, description="How many words the first part keeps.")
    time: Seconds | None = None
    author: Author = None


class Merge(Schema):
    """The segment after this one, which is to become a part of it."""

    version: Version
    next_id: UUID
    next_version: Version
    author: Author = None


class Renaming(Schema):
    """A speaker who is called differently from now on."""

    from_: Speaker | None = Field(alias="from", description="Null for segments of which nobody knows who speaks.")
    to: Speaker | None = Field(description="Null takes the name away.")
    author: Author = None


class Edited(Schema):
    """What an edit changed."""

    edit_id: UUID | None = Field(description="Null if everything was as wanted already.")
    segments: list[TranscriptSegment] = Field(
        description="The segments that are new or changed, in order; not those of a renaming."
    )
    removed: list[UUID] = Field(description="Segments that are no more.")
    best: bool = Field(description="Whether this transcript is the one that is shown and searched.")


class Renamed(Schema):
    """What a renaming changed."""

    edit_id: UUID | None
    segment_count: int
    best: bool


class Undo(Schema):
    """Who takes an edit back."""

    author: Author = None


class Edit(Schema):
    """An entry of a transcript's history."""

    id: UUID
    segment_id: UUID
    action: Literal["change", "lock", "unlock", "insert", "delete", "split", "merge", "speakers", "undo"]
    before: JsonValue = Field(description="The segments as they were.")
    after: JsonValue = Field(description="The segments as they became.")
    author: str | None
    edited_at: datetime


class History(Schema):
    """A transcript's edits, the latest first."""

    edits: list[Edit]
    next_cursor: str | None
