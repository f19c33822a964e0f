"""The original: read in place, and only as long as it is what the library has a fingerprint of."""

from dataclasses import replace
from pathlib import Path

from services.proxy.renditions import Source
from shared.blobs import Blobs
from shared.errors import BadMedia, NotFound

MOVED = "The file was moved or changed after it was imported; import its folder again."
GONE = "The upload is no longer in the object store; upload the file again."
FORBIDDEN = "The file may not be read. Let the user that runs Spillway read it, then import it again."


def require_unchanged(source: Source) -> None:
    """Raise BadMedia if the original is gone, out of reach, or no longer the one that was imported."""
    try:
        status = source.path.stat()
    except PermissionError as error:
        raise BadMedia(FORBIDDEN) from error
    except OSError as error:
        raise BadMedia(MOVED) from error
    if (status.st_size, status.st_mtime_ns) != (source.size, source.modified_ns):
        raise BadMedia(MOVED)


async def fetched(source: Source, folder: Path, blobs: Blobs) -> Source:
    """The source with its bytes at hand: an upload is fetched into the folder, all else stays where it is."""
    if source.object_key is None:
        return source
    (folder / "original").mkdir()
    path = folder / "original" / source.path.name
    try:
        await blobs.get_file(source.object_key, path)
    except NotFound as error:
        raise BadMedia(GONE) from error
    return replace(source, path=path, modified_ns=path.stat().st_mtime_ns)
