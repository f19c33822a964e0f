"""What goes wrong in chaos tests: each scenario as a fault in the services, or something done to a running world."""

import random
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

import nats

from cli.local.services import WORKERS
from shared.platform import run_async
from tests.support.world import World


@dataclass(frozen=True)
class Scenario:
    """What goes wrong: faulty modules in place of services, and what is done to the running world meanwhile.

    Where no process dies (`is_bloodless`), no transaction is undone either: that each effect was applied once can be counted.
    """

    disturb: Callable[[World, random.Random], None]
    fault: str | None = None
    is_bloodless: bool = False
    expects: frozenset[tuple[str, str]] = field(default_factory=frozenset)

    def modules(self) -> Mapping[str, str]:
        """The services that are started with the fault."""
        return {name: f"tests.support.saboteur {self.fault} {name}" for name in WORKERS} if self.fault else {}


def kill_services(world: World, chance: random.Random) -> None:
    """Kill -9 services at random moments, each at least once."""
    for name in chance.sample([*WORKERS, "search"], k=5) + chance.choices(WORKERS, k=2):
        time.sleep(chance.uniform(0.1, 1.2))
        world.supervisor.kill(name)


def kill_nats(world: World, chance: random.Random) -> None:
    """Kill -9 NATS twice; it comes back with its store."""
    for _ in range(2):
        time.sleep(chance.uniform(0.3, 2.0))
        world.stack.kill("nats")
        world.stack.wait_ready("nats")


def wipe_nats(world: World, chance: random.Random) -> None:
    """Take all that NATS has stored, in the middle of the work."""
    time.sleep(chance.uniform(0.5, 3.0))
    world.stack.wipe_nats()


def kill_postgres(world: World, chance: random.Random) -> None:
    """Kill -9 Postgres twice."""
    for _ in range(2):
        time.sleep(chance.uniform(0.3, 2.5))
        world.stack.kill("postgres")
        world.stack.wait_ready("postgres")


def kill_everything(world: World, chance: random.Random) -> None:
    """Services and servers, one after the other, in random order."""
    victims: list[Callable[[], None]] = [
        *(lambda name=name: world.supervisor.kill(name) for name in WORKERS),
        lambda: world.stack.kill("nats"),
        lambda: world.stack.kill("postgres"),
        lambda: world.stack.kill("s3"),
    ]
    chance.shuffle(victims)
    for kill in victims:
        time.sleep(chance.uniform(0.1, 0.8))
        kill()


def poison(world: World, chance: random.Random) -> None:
    """Put messages on the bus that no handler can read."""
    bodies = [b"", b"{", b"null", b'{"file_id": "no uuid"}', bytes(chance.randrange(256) for _ in range(40))]

    async def publish() -> None:
        client = await nats.connect(world.settings.nats_url.get_secret_value())
        for body in bodies:
            await client.jetstream().publish("file.ingested.00000000-0000-0000-0000-000000000000", body)
        await client.close()

    run_async(publish())


def leave_alone(world: World, chance: random.Random) -> None:
    """The fault in the services is enough."""


POISONED = frozenset({("proxy", "InvalidEvent")})

SCENARIOS = {
    "services killed": Scenario(kill_services),
    "killed between effect and ack": Scenario(leave_alone, fault="die_before_ack"),
    "NATS killed": Scenario(kill_nats),
    "NATS wiped": Scenario(wipe_nats),
    "Postgres killed": Scenario(kill_postgres),
    "everything twice and out of order": Scenario(leave_alone, fault="tell_everything_twice", is_bloodless=True),
    "poison": Scenario(poison, expects=POISONED),
    "all at once": Scenario(kill_everything, fault="tell_everything_twice"),
}
