"""Which of a file's transcripts is the best: one rule, as a function and as SQL.

The rule, each line deciding only between transcripts that are equal by the lines before it:
1. the one that a person chose;
2. one with segments that a person edited, as people listened to it;
3. one that was handed in, as somebody thought it worth it;
4. what is said rather than its translation;
5. the larger model, by `RANKS`; a model of another name counts as `UNKNOWN`;
6. the newer one.
Only transcripts of the file's current content are compared: whoever asks says so in the query.
"""

import re
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

RANKS: tuple[tuple[str, int], ...] = (
    ("distil(-whisper)?-large-v3", 75),
    ("distil(-whisper)?-large", 70),
    ("distil(-whisper)?-medium", 55),
    ("distil(-whisper)?-small", 45),
    ("turbo", 80),
    ("large-v1", 85),
    ("large-v2", 90),
    ("large", 95),
    ("medium", 60),
    ("small", 50),
    ("base", 30),
    ("tiny", 20),
)
"""Words in a model's name, as regular expressions, and how good its transcripts are, by the word error rates that their makers
publish; the first that is found counts. A folder or Hub id that says the size in its name, as most do, ranks by it."""

UNKNOWN = 50
"""Rank of a model whose name says nothing: that of the default, so that of the two the newer transcript is taken."""


@dataclass(frozen=True)
class Standing:
    """What the rule looks at: of a transcript as its row has it; `edited` says whether one of its segments is locked."""

    id: UUID
    model: str
    source: str
    task: str
    chosen: bool
    edited: bool
    created_at: datetime


def rank(model: str) -> int:
    """How good a model's transcripts are, by its name."""
    name = model.lower()
    return next((value for words, value in RANKS if re.search(_pattern(words), name)), UNKNOWN)


def standing_key(transcript: Standing) -> tuple[object, ...]:
    """Sorts transcripts, the best one last."""
    return (
        transcript.chosen,
        transcript.edited,
        transcript.source == "import",
        transcript.task == "transcribe",
        rank(transcript.model),
        transcript.created_at,
        transcript.id,
    )


def _pattern(words: str) -> str:
    """A regular expression, of Python and of Postgres alike, for words that are no part of longer ones."""
    return f"(^|[^a-z0-9]){words}([^a-z0-9]|$)"


def _rank_sql() -> str:
    cases = " ".join(f"WHEN lower(transcripts.model) ~ '{_pattern(words)}' THEN {value}" for words, value in RANKS)
    return f"CASE {cases} ELSE {UNKNOWN} END"


BEST_FIRST = f"""
    transcripts.chosen DESC,
    EXISTS (SELECT FROM transcript_segments AS edited WHERE edited.transcript_id = transcripts.id AND edited.locked) DESC,
    transcripts.source = 'import' DESC, transcripts.task = 'transcribe' DESC, {_rank_sql()} DESC,
    transcripts.created_at DESC, transcripts.id DESC
"""
"""An ORDER BY list over the table `transcripts` under its own name: `… ORDER BY {BEST_FIRST} LIMIT 1`."""

BEST_OF_FILE = f"""
    SELECT transcripts.id FROM transcripts
    WHERE transcripts.file_id = files.id AND transcripts.revision = files.revision
    ORDER BY {BEST_FIRST} LIMIT 1
"""  # noqa: S608 - built of constants
"""The id of the best transcript, as a subquery beside a row of `files`."""
