"""The original: read in place, and only as long as it is what the library has a fingerprint of."""

from services.proxy.renditions import Source
from shared.errors import BadMedia

MOVED = "The file was moved or changed after it was imported; import its folder again."
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
