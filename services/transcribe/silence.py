"""Why there is nothing to transcribe, in words."""

from shared.contracts import Kind, StageState

NO_PROXY = "No audio could be read from the file, since no proxy could be made."

PROXY_TO_COME = "The file's proxy is still being made; transcribe the file when that is done."


def why_unheard(kind: Kind, proxy: str | None) -> str:
    """Why there is no sound of a file of this kind whose proxy is in this state."""
    match proxy:
        case StageState.DONE:
            return why_silent(kind)
        case StageState.PENDING:
            return PROXY_TO_COME
        case _:
            return NO_PROXY


def why_silent(kind: Kind) -> str:
    """Why a file of this kind has no speech track."""
    match kind:
        case Kind.IMAGE:
            return "A photo has no sound."
        case Kind.VIDEO:
            return "The video has no audio track that can be read."
        case Kind.AUDIO:
            return "The sound could not be decoded."
