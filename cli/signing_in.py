"""Asking as a person who signs in with a password, for what a key may not do: make the first key, change one's password."""

from collections.abc import Iterator
from contextlib import contextmanager

from cli.console import STATUS, escape_markup
from cli.credentials import is_overheard
from cli.gateway import Gateway


@contextmanager
def signed_in(gateway: Gateway, name: str, password: str) -> Iterator[Gateway]:
    """The same gateway, asked by this person; the session ends with the block. Raises Invalid if it is not the password."""
    if is_overheard(gateway.address):
        STATUS.print(
            f"[yellow]spillway:[/] the password goes to {escape_markup(gateway.address)} unencrypted; use https", soft_wrap=True
        )
    with Gateway(gateway.address) as another:
        another.sign_in(name, password)
        try:
            yield another
        finally:
            another.delete("/api/session")
