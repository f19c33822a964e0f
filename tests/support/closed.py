"""A check for schemathesis, which loads it by SCHEMATHESIS_HOOKS: who shows nothing is let in nowhere but where anybody is."""

import json
from typing import Any

import schemathesis

BEFORE_THE_DOOR = frozenset({400, 405, 411, 413, 414, 415})
"""What is wrong with a request whoever sends it."""


@schemathesis.check
def closed_to_nobody(_: Any, response: Any, case: Any) -> None:
    """401 for everything that is not open, whatever else is wrong with the request; or there is no such path."""
    if not case.operation.definition.raw.get("security"):
        return
    is_no_route = response.status_code == 404 and json.loads(response.content)["detail"].startswith("There is nothing at")
    assert response.status_code == 401 or response.status_code in BEFORE_THE_DOOR or is_no_route, (
        f"{case.operation.label} answers {response.status_code} to nobody"
    )
