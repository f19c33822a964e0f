"""What the stack must know of a server, whichever it is."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path


@dataclass(frozen=True)
class RunAs:
    """How to run a program with another identity: a command before it, or a user and group id; neither for our own."""

    prefix: tuple[str, ...] = ()
    user: int | None = None
    group: int | None = None


@dataclass(frozen=True)
class Server:
    """One server with its ports chosen: how to make its data ready, run it, ask whether it answers, and stop it."""

    name: str
    command: tuple[str, ...]
    stop_signal: str
    """Signal that has it stop cleanly and soon, SIGINT or SIGTERM."""
    prepare: Callable[[], None]
    """Makes its data and configuration ready; harmless when they are."""
    probe: Callable[[], None]
    """Uses it once as a client; raises NotReady while that fails and may pass, ServerFailed when it never will."""
    exports: Mapping[str, str]
    """Environment by which services find it."""
    folder: Path
    """Its current directory, and what tells its process from another's."""
    environment: Mapping[str, str] = field(default_factory=dict)
    run_as: RunAs = RunAs()
