"""`./spillway whoami`: who the gateway takes this command line for."""

from typing import Annotated

import typer

from cli.console import ANSWERS, print_json
from cli.identity_report import print_caller
from cli.session import session


def whoami(as_json: Annotated[bool, typer.Option("--json", help="Print one JSON document on stdout.")] = False) -> None:
    """Who you are to Spillway, by which key, and what it may do."""
    with session() as current:
        told = current.gateway.get("/api/session")
        key, address = current.gateway.key, current.gateway.address
    if as_json:
        print_json({**told, "address": address, "key_from": key.source})
    else:
        print_caller(told, key.source, address, ANSWERS)
