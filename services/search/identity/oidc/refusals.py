"""Why a sign-in by a provider did not work, as codes that the page knows and sentences for people."""

from collections.abc import Mapping
from enum import StrEnum


class Reason(StrEnum):
    """What stands behind `sign_in_error=` when a browser is sent back to the page."""

    NOT_SET_UP = "not_set_up"
    PROVIDER_AWAY = "provider_away"
    PROVIDER_WRONG = "provider_wrong"
    CLOCKS_DIFFER = "clocks_differ"
    DENIED = "denied"
    BEGIN_AGAIN = "begin_again"
    NO_ROLE = "no_role"
    DISABLED = "disabled"


ANSWERS: Mapping[Reason, tuple[int, str]] = {
    Reason.NOT_SET_UP: (404, "No sign-in service is set up here. Sign in with your name and password."),
    Reason.PROVIDER_AWAY: (503, "The sign-in service cannot be reached just now. Try again in a minute."),
    Reason.PROVIDER_WRONG: (
        502,
        "The sign-in service gave an answer that cannot be used. Tell who looks after Spillway: the gateway's log says more.",
    ),
    Reason.CLOCKS_DIFFER: (
        502,
        "The clocks of Spillway and of the sign-in service differ by more than a minute. Tell who looks after Spillway.",
    ),
    Reason.DENIED: (403, "You were not signed in: the sign-in service refused, or it was cancelled there."),
    Reason.BEGIN_AGAIN: (
        400,
        "This sign-in took too long, was finished already, or was begun in another browser. Sign in once more.",
    ),
    Reason.NO_ROLE: (
        403,
        "Your account is in none of the groups that have a role in Spillway. Ask who looks after it to put you into one.",
    ),
    Reason.DISABLED: (403, "Your account is disabled in Spillway. Ask who looks after it to enable it."),
}
"""Status and sentence of each."""


class Refused(Exception):
    """A sign-in that does not go on; `why` is for the log and never has a secret in it."""

    def __init__(self, reason: Reason, why: str) -> None:
        super().__init__(why)
        self.reason = reason
        self.why = why
