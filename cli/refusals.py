"""What people are told when the gateway does not know who asks, or does not let them."""

from http import HTTPStatus

from cli.credentials import KEY, Key

RECOVER = "`./spillway people recover admin` writes a new one"


def refusal(status: int, detail: str, key: Key, address: str) -> str:
    """The gateway's sentence, and what to do about it."""
    if status == HTTPStatus.FORBIDDEN:
        return f"{detail} `./spillway whoami` tells who you are here, and what you may do."
    if status != HTTPStatus.UNAUTHORIZED:
        return detail
    if key.text is not None:
        advice = "set it to another" if key.source == KEY else RECOVER
        return f"{address} does not accept the key of {key.source}: it is unknown, expired or revoked; {advice}."
    if key.source != KEY:
        return f"{address} wants to know who asks, and there is no key in {key.source}; {RECOVER}, or set {KEY} to yours."
    return (
        f"{address} wants to know who asks: set {KEY} to a key of yours; `./spillway keys add` makes one, where you are known."
    )
