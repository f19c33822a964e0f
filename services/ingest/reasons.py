"""What an error of the operating system means for the person whose file it is."""

import errno

NO_FILE = "This is not a file but a pipe, socket or device, and was not opened."
GONE = "It is no longer there: it was moved, renamed or deleted after its folder was listed. Import its folder again."
FORBIDDEN = "Spillway may not read it; let the user that runs Spillway read it, then import it again."
NOT_HERE = "There is no such folder or file now: is its disk connected? Its files are kept, as missing."
COPY = "The same content as %s is in the library already."
CHANGED_SINCE = "It has changed since the report was made; run the rescan again."
RETURNED_SINCE = "It is there again."
OVERTAKEN = "The library has changed since the report was made; run the rescan again."
LEFT_OUT = "It was left out when the report was applied."
LOOP = "This link leads back to itself; point it at a file, or remove it."

REASONS = {
    errno.ENOENT: GONE,
    errno.ENOTDIR: GONE,
    errno.EISDIR: "A folder has taken the place of this file; import it again.",
    errno.EACCES: FORBIDDEN,
    errno.EPERM: FORBIDDEN,
    errno.ELOOP: LOOP,
    errno.ENXIO: NO_FILE,
}


def unreadable(error: OSError) -> str:
    """A sentence on why a file or folder cannot be read."""
    said = error.strerror or str(error)
    return REASONS.get(error.errno or 0, f"It cannot be read ({said}); check the disk or network drive it is on.")
