"""Names of files: bytes for the file system, text for people. Not every name is UTF-8."""


def shown(path_raw: bytes) -> str:
    """A path as people are shown it; what is no UTF-8 becomes U+FFFD."""
    return path_raw.decode("utf-8", "replace")
