import socket
from collections.abc import Iterator

import pytest

from cli.local import ports
from cli.local.errors import LocalStackError, PortTaken
from cli.local.ports import HOST, configured_or_free, free_ports, is_free


@pytest.fixture
def taken() -> Iterator[int]:
    with socket.socket() as listener:
        listener.bind((HOST, 0))
        listener.listen()
        yield listener.getsockname()[1]


def test_a_port_somebody_listens_on_is_not_free(taken: int) -> None:
    assert not is_free(taken)


def test_free_ports_are_distinct_and_usable_at_once() -> None:
    chosen = free_ports(8)
    listeners = [socket.create_server((HOST, port)) for port in chosen]
    for listener in listeners:
        listener.close()
    assert len(set(chosen)) == 8


def test_no_port_is_given_twice(monkeypatch: pytest.MonkeyPatch) -> None:
    """A server that was given one may not listen there yet."""
    monkeypatch.setattr(ports, "RANGE", range(9_000, 9_020))
    given = [port for _ in range(10) for port in free_ports(1)]
    assert len(set(given)) == 10
    with pytest.raises(LocalStackError, match="from 9000 to 9019"):
        free_ports(20)


def test_ports_and_their_companions_lie_below_the_ephemeral_ones() -> None:
    assert all(port >= 10_000 and port + 10_000 < 32_768 for port in free_ports(20, companion=10_000))


def test_a_configured_port_is_taken_as_it_is() -> None:
    [port] = free_ports(1)
    assert configured_or_free(port, "SPILLWAY_PG_PORT") == port


def test_a_configured_port_in_use_is_named_with_its_setting(taken: int) -> None:
    with pytest.raises(PortTaken, match=f"Port {taken}, set by SPILLWAY_PG_PORT, is in use"):
        configured_or_free(taken, "SPILLWAY_PG_PORT")


def test_a_companion_in_use_counts_as_in_use(taken: int) -> None:
    with pytest.raises(PortTaken):
        configured_or_free(taken - 1000, "SPILLWAY_S3_PORT", companion=1000)
