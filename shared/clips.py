"""Clips: the spans of files that are cut for guests. What one is called follows from what is in it. Pure."""

import hashlib
from uuid import UUID

from shared.contracts import Kind

PREFIX = "clips/"
"""Where clips lie in the object store, and nothing else."""
JOB = "clip"
"""Kind of the job that a clip is."""
RECIPE = "v1"
"""Counted up when clips are cut otherwise than before."""
CONTENT_TYPES = {Kind.VIDEO: "video/mp4", Kind.AUDIO: "audio/mp4"}
EXTENSIONS = {Kind.VIDEO: "mp4", Kind.AUDIO: "m4a"}
SHORTEST = 0.1
"""Seconds: less may fall between two pictures of a proxy."""


def key_of(file_id: UUID, fingerprint: bytes, kind: Kind, starts: float, ends: float) -> str:
    """The object key of a clip: the same for the same span, in milliseconds, of the same content of a file."""
    parts = (RECIPE, file_id, fingerprint.hex(), kind, round(starts * 1000), round(ends * 1000))
    digest = hashlib.sha256("\x1f".join(map(str, parts)).encode()).hexdigest()
    return f"{PREFIX}{digest}.{EXTENSIONS[kind]}"
