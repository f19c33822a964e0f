"""The live feed of a gateway, followed across its restarts."""

import json
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

import httpx

from cli.gateway import Gateway, problem_of
from shared.errors import Invalid

SILENCE = 45.0
"""Seconds without a word after which the connection is taken to be dead: the gateway says something every 15."""
PAUSE = 1.0
"""Seconds between two attempts while the gateway is away."""
END = "stream.end"
"""What the gateway says before it ends a feed."""


def followed(
    gateway: Gateway, params: Mapping[str, Any], after: str | None, tell: Callable[[str], None]
) -> Iterator[dict[str, Any]]:
    """Events as they happen, after a place or from now on; raises Invalid if the gateway refuses. Ends never."""
    timeout = httpx.Timeout(10.0, read=SILENCE)
    with httpx.Client(base_url=gateway.address, headers=gateway.key.headers, timeout=timeout, trust_env=False) as client:
        while True:
            try:
                for told in _once(gateway, client, params, after):
                    after = told["place"]
                    yield told
            except httpx.HTTPError as error:
                tell(f"The gateway is away ({error}); going on when it is back.")
            time.sleep(PAUSE)


def last_place(events: Iterable[Mapping[str, Any]]) -> str:
    """The last place in the stream that these events of the log have."""
    return str(max((event["sequence"] or 0 for event in events), default=0))


def _once(gateway: Gateway, client: httpx.Client, params: Mapping[str, Any], after: str | None) -> Iterator[dict[str, Any]]:
    headers = {} if after is None else {"Last-Event-ID": after}
    with client.stream("GET", "/api/events", params=dict(params), headers=headers) as response:
        if not response.is_success:
            response.read()
            if response.is_server_error:
                raise httpx.HTTPError(problem_of(response))
            raise Invalid(gateway.refusal_of(response))
        yield from parsed(response.iter_lines())


def parsed(lines: Iterable[str]) -> Iterator[dict[str, Any]]:
    """Events of a text/event-stream: `place` is its id, `subject` its name, and the rest what it says."""
    fields: dict[str, str] = {}
    for line in lines:
        name, _, value = line.partition(":")
        if line:
            fields |= {name: value.removeprefix(" ")}
            continue
        if "data" in fields and "id" in fields and fields.get("event") != END:
            yield {"place": fields["id"], "subject": fields["event"], **json.loads(fields["data"])}
        fields = {}
