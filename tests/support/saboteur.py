"""A service that does a thing wrong on purpose: `python -m tests.support.saboteur FAULT SERVICE`.

The service itself is the real one; only what surrounds it misbehaves.
"""

import os
import random
import signal
import sys
from collections.abc import Sequence
from importlib import import_module
from pathlib import Path
from typing import Any

from faststream.nats import NatsMessage
from nats.js import JetStreamContext

from shared import outbox
from shared.service import run

TALLY = Path(os.environ.get("SABOTEUR_TALLY", os.devnull))
"""A file that counts across restarts how often the fault was done: a byte each time."""
LIMIT = int(os.environ.get("SABOTEUR_LIMIT", "3"))


def die_before_ack() -> None:
    """Kill the process by SIGKILL when an effect is committed and its message not yet acknowledged."""
    acknowledge = NatsMessage.ack

    async def ack(message: NatsMessage) -> None:
        if tally() < LIMIT:
            count()
            os.kill(os.getpid(), signal.SIGKILL)
        await acknowledge(message)

    NatsMessage.ack = ack  # type: ignore[method-assign, assignment]


def tell_everything_twice() -> None:
    """Publish each event twice, under different message ids, all in random order."""
    publish = outbox.publish_rows
    shuffle = random.Random(os.environ.get("SABOTEUR_SEED", "0")).shuffle

    async def publish_rows(stream: JetStreamContext, rows: Sequence[tuple[Any, ...]]) -> list[int | None]:
        doubles = [
            (position, address, {**headers, "Nats-Msg-Id": f"{headers['Nats-Msg-Id']}-again"}, body)
            for position, address, headers, body in rows
        ]
        told = [(index, row) for index, row in enumerate([*rows, *doubles])]
        shuffle(told)
        sequences = await publish(stream, [row for _, row in told])
        by_index = {index: sequence for (index, _), sequence in zip(told, sequences, strict=True)}
        return [by_index[index] for index in range(len(rows))]

    outbox.publish_rows = publish_rows


def count() -> None:
    """Note that the fault is done once more."""
    with TALLY.open("ab") as file:
        file.write(b"x")


def tally() -> int:
    """How often the fault was done so far."""
    return TALLY.stat().st_size if TALLY.is_file() else 0


FAULTS = {"die_before_ack": die_before_ack, "tell_everything_twice": tell_everything_twice}

if __name__ == "__main__":
    fault, service = sys.argv[1:]
    FAULTS[fault]()
    run(service, import_module(f"services.{service}.app").build)
