"""Whoever is throttled comes back when told to; whatever else is away is tried again soon."""

from structlog.testing import capture_logs

from shared.errors import Throttled, Unavailable
from shared.messaging import outlasting
from shared.retries import FIRST_WAIT


async def test_a_throttled_action_waits_for_as_long_as_it_is_told() -> None:
    errors = [Throttled("Slower.", 0.03), Throttled("Slower.", 0.07), Unavailable("Away."), None]

    async def act() -> None:
        if error := errors.pop(0):
            raise error

    with capture_logs() as logs:
        await outlasting(act)
    assert errors == []
    assert [entry["delay"] for entry in logs] == [0.03, 0.07, 4 * FIRST_WAIT]
    assert [entry["reason"] for entry in logs] == ["Slower.", "Slower.", "Away."]
