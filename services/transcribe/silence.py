"""Why there is nothing to transcribe, in words."""

from shared.contracts import Kind

NO_PROXY = "No audio could be read from the file, since no proxy could be made."


def why_silent(kind: Kind) -> str:
    """Why a file of this kind has no speech track."""
    match kind:
        case Kind.IMAGE:
            return "A photo has no sound."
        case Kind.VIDEO:
            return "The video has no audio track that can be read."
        case Kind.AUDIO:
            return "The sound could not be decoded."
