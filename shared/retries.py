"""What becomes of a message that met an error: one pure decision for every consumer."""

from dataclasses import dataclass

from shared.errors import AlreadyApplied, Permanent, Superseded

FIRST_DELAY = 2.0
"""Seconds before the second try: longer than a hiccup of the network, shorter than a person's patience."""
LONGEST_DELAY = 60.0
"""Seconds: what passes at all has mostly passed within a minute."""
FIRST_WAIT = 0.5
LONGEST_WAIT = 5.0
"""Seconds between two tries while Postgres, NATS or S3 is away: one that comes back is used again within moments."""


@dataclass(frozen=True)
class Done:
    """Acknowledge: there is nothing left to do."""

    outcome: str


@dataclass(frozen=True)
class Retry:
    """Give the message back, to come again after `delay` seconds."""

    delay: float


@dataclass(frozen=True)
class Bury:
    """Move the message to the dead letters."""


Disposition = Done | Retry | Bury


def delay_before(delivery: int) -> float:
    """Seconds to wait after the given delivery (counted from 1): doubling, up to `LONGEST_DELAY`."""
    return min(FIRST_DELAY * 2.0 ** min(delivery - 1, 30), LONGEST_DELAY)


def wait_before(tries: int) -> float:
    """Seconds to wait in place after so many tries that met an outage: doubling, up to `LONGEST_WAIT`."""
    return min(FIRST_WAIT * 2.0 ** min(tries - 1, 30), LONGEST_WAIT)


def disposition(error: Exception, delivery: int, attempts: int) -> Disposition:
    """Decide by the error's place in the policy tree; an error that is none of ours is a bug, and is tried `attempts` times.

    Outages do not come here: they are waited out with the message in hand (`messaging.outlasting`).
    """
    match error:
        case AlreadyApplied():
            return Done("duplicate")
        case Superseded():
            return Done("superseded")
        case Permanent():
            return Bury()
        case _:
            return Bury() if delivery >= attempts else Retry(delay_before(delivery))
