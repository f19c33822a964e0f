"""What people are told of files without sound."""

from services.transcribe.silence import why_silent
from shared.contracts import Kind


def test_every_kind_has_its_reason() -> None:
    assert why_silent(Kind.IMAGE) == "A photo has no sound."
    assert why_silent(Kind.VIDEO) == "The video has no audio track that can be read."
    assert why_silent(Kind.AUDIO) == "The sound could not be decoded."
