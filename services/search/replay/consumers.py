"""Who takes an event: consumers by the names that people know them by."""

from shared.errors import Invalid
from shared.topology import CONSUMERS, Consumer

SERVICES = sorted({consumer.service for consumer in CONSUMERS})
"""Under whose names events are noted as applied."""


def consumer_named(name: str) -> Consumer:
    """The consumer of this name, or that of a stage in its bulk lane; raises Invalid."""
    for consumer in CONSUMERS:
        if consumer.durable == name:
            return consumer
    for consumer in CONSUMERS:  # a stage's bulk lane comes before its express lane
        if consumer.stage == name:
            return consumer
    raise Invalid(f'There is no consumer "{name}"; there are {", ".join(consumer.durable for consumer in CONSUMERS)}.')


def takes(consumer: Consumer, address: str) -> bool:
    """Whether what is published on an address is delivered to the consumer."""
    return any(_matches(pattern.split("."), address.split(".")) for pattern in consumer.filters)


def takers(address: str) -> list[Consumer]:
    """Every consumer of an address."""
    return [consumer for consumer in CONSUMERS if takes(consumer, address)]


def _matches(pattern: list[str], address: list[str]) -> bool:
    return len(pattern) == len(address) and all(wanted in ("*", given) for wanted, given in zip(pattern, address, strict=True))
