"""Where a person wanted to go before they signed in: a place of this gateway's own, or none."""

import re

HOME = "/"
LONGEST = 2000
"""Characters; browsers take no longer addresses everywhere."""
LOCAL = re.compile(r"/(?![/\\])[^\x00-\x20\x7f-\x9f\\\s]*")
"""A path from the root. Two slashes begin another's name, and browsers take a backslash for one and skip tabs and line ends."""


def is_local(address: str) -> bool:
    """Whether a browser that is sent there stays here."""
    return len(address) <= LONGEST and LOCAL.fullmatch(address) is not None
