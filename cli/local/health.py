"""Health of supervised services: what their /readyz says, and how that reads."""

from dataclasses import dataclass
from enum import StrEnum

import httpx


class State(StrEnum):
    """What a service is doing, as far as can be told from outside."""

    STARTING = "starting"
    READY = "ready"
    UNREADY = "unready"
    RESTARTING = "restarting"
    STOPPED = "stopped"


@dataclass(frozen=True)
class ServiceHealth:
    """State of one service, why it is so in words, how often it was restarted."""

    state: State
    detail: str
    restarts: int


@dataclass(frozen=True)
class Answer:
    """What /readyz said last; `restarts` tells of which process, as an earlier one's answer is worth nothing."""

    ready: bool
    was_ready: bool
    detail: str
    restarts: int


def judge(answer: Answer | None, *, alive: bool, stopping: bool, has_address: bool, restarts: int) -> ServiceHealth:
    """Tell the state of a service from its process and the last answer of its /readyz."""
    if answer is not None and answer.restarts != restarts:
        answer = None
    if not alive:
        return ServiceHealth(State.STOPPED if stopping else State.RESTARTING, "its process has ended", restarts)
    if not has_address:
        return ServiceHealth(State.READY, "its process runs", restarts)
    if answer is None:
        return ServiceHealth(State.STARTING, "has not been asked yet", restarts)
    unready = State.UNREADY if answer.was_ready else State.STARTING
    return ServiceHealth(State.READY if answer.ready else unready, answer.detail, restarts)


def ask(client: httpx.Client, address: str, previous: Answer | None, restarts: int) -> Answer:
    """Ask one /readyz; no answer is an answer too."""
    was_ready = previous is not None and previous.restarts == restarts and previous.was_ready
    try:
        response = client.get(address)
    except httpx.HTTPError as error:
        return Answer(False, was_ready, f"does not answer: {error}", restarts)
    ready = response.status_code == httpx.codes.OK
    return Answer(ready, ready or was_ready, response.text[:200].strip(), restarts)
