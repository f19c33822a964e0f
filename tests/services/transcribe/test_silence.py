"""What people are told of files without sound."""

from services.transcribe.silence import NO_PROXY, PROXY_TO_COME, why_silent, why_unheard
from shared.contracts import Kind, StageState


def test_every_kind_has_its_reason() -> None:
    assert why_silent(Kind.IMAGE) == "A photo has no sound."
    assert why_silent(Kind.VIDEO) == "The video has no audio track that can be read."
    assert why_silent(Kind.AUDIO) == "The sound could not be decoded."


def test_without_sound_the_proxy_says_why() -> None:
    assert why_unheard(Kind.VIDEO, StageState.DONE) == why_silent(Kind.VIDEO)
    assert why_unheard(Kind.VIDEO, StageState.PENDING) == PROXY_TO_COME
    assert why_unheard(Kind.VIDEO, StageState.FAILED) == why_unheard(Kind.VIDEO, None) == NO_PROXY
