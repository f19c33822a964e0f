"""Names of requests, by which an answer, what the log says of it, and what a client reports are found together."""

import re

from shared.identifiers import new_id

HEADER = "X-Request-Id"
SANE = re.compile(r"[A-Za-z0-9][A-Za-z0-9._:+/=-]{0,99}")
"""What may stand in a log line and a header as it is: as long as the ids of those who make any, and no blanks."""


def request_id(given: str | None) -> str:
    """The name that the client or a proxy gave, if it is sane, else a new one."""
    return given if given and SANE.fullmatch(given) else new_id().hex
