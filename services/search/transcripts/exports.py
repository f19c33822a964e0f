"""What a transcript is written out as."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

from services.search.transcripts.changes import Line
from shared.spoken import row_of, words_of
from shared.subtitles import Format, srt, txt, vtt


def written(format_: Format, head: Mapping[str, Any], lines: Sequence[Line], *, timestamps: bool = False) -> str:
    """A transcript in a format; `head` is what `transcripts_repository.detail_of` tells of it."""
    match format_:
        case Format.SRT:
            return srt(lines)
        case Format.VTT:
            return vtt(lines)
        case Format.TXT:
            return txt(lines, timestamps=timestamps)
        case Format.JSON:
            return f'{{"file":{head["file"]},"transcript":{head["detail"]}}}'
        case Format.WORDS:
            return json.dumps(word_by_word(head, lines), ensure_ascii=False)


def word_by_word(head: Mapping[str, Any], lines: Sequence[Line]) -> dict[str, Any]:
    """Every word with its time, its segment and its speaker; where nobody measured the times they are estimated."""
    transcript = json.loads(head["detail"])
    del transcript["segments"]
    words = [
        {"estimated": False, **row_of(word), "segment_id": str(line.id), "speaker": line.speaker}
        for line in lines
        for word in words_of(line)
    ]
    return {"file": json.loads(head["file"]), "transcript": transcript, "words": words}
