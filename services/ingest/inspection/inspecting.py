"""The inspector's process: takes portions of files, answers with one outcome each, until its parent is gone."""

import multiprocessing
import os
import signal
import threading
from contextlib import suppress
from multiprocessing.connection import Connection

from services.ingest.limits import Limits
from services.ingest.outcome import Candidate


def serve(connection: Connection, limits: Limits) -> None:
    """Answer every list of candidates with their outcomes, one message each; None in between says that work goes on."""
    from services.ingest.inspection.looking import inspect  # noqa: PLC0415 - the parent imports this module too, and needs no decoders

    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the service, which then ends this process itself
    threading.Thread(target=_end_with_parent, daemon=True).start()
    with suppress(EOFError, OSError):  # the parent is gone
        while True:
            candidates: list[Candidate] = connection.recv()
            for candidate in candidates:
                connection.send(inspect(candidate, limits, lambda: connection.send(None)))


def _end_with_parent() -> None:
    # A reader that hangs would never notice a broken pipe, and outlive a service that was killed.
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)
