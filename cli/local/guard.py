"""Stand between the owner of the stack and one server, so that the server never outlives its owner.

Starts the server in a group of its own, then waits for the server to end, or for its own stdin to end, which happens when
the owner dies in whatever way. The server is then stopped the way it likes best, and killed after a limit.
Run as `python -m cli.local.guard [options] -- command…`; needs nothing beyond the standard library.
"""

import argparse
import signal
import subprocess
import sys
import threading
from collections.abc import Sequence
from pathlib import Path

from shared import platform


def main(arguments: Sequence[str]) -> int:
    """Run one server to its end; its exit code, with 128 + number for one that a signal ended, is ours."""
    options = _parse(arguments)
    wake = threading.Event()
    for number in platform.STOP_SIGNALS:
        signal.signal(number, lambda *_: wake.set())
    identity = {} if options.user is None else {"user": options.user, "group": options.group, "extra_groups": []}
    server = platform.start_group(options.command, die_with_parent=True, **identity)
    options.pid_file.write_text(str(server.pid))
    platform.watch_lifeline(wake.set, descriptor=0)
    threading.Thread(target=_wake_at_end, args=(server, wake), daemon=True).start()
    wake.wait()
    if server.poll() is None:
        _stop(server, signal.Signals[options.signal], options.grace)
    options.pid_file.unlink(missing_ok=True)
    return server.returncode if server.returncode >= 0 else 128 - server.returncode


def _parse(arguments: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="guard")
    parser.add_argument("--signal", choices=["SIGINT", "SIGTERM"], required=True, help="what stops the server cleanly")
    parser.add_argument("--grace", type=float, required=True, help="seconds it is given to stop")
    parser.add_argument("--pid-file", type=Path, required=True, help="where the server's process id is written")
    parser.add_argument("--user", type=int, help="user id to run the server as")
    parser.add_argument("--group", type=int, help="group id to run the server as")
    parser.add_argument("command", nargs="+")
    return parser.parse_args(arguments)


def _wake_at_end(server: subprocess.Popen[bytes], wake: threading.Event) -> None:
    server.wait()
    wake.set()


def _stop(server: subprocess.Popen[bytes], number: signal.Signals, grace: float) -> None:
    if number is signal.SIGINT:
        platform.interrupt(server.pid)
    else:
        platform.terminate(server.pid)
    try:
        server.wait(grace)
    except subprocess.TimeoutExpired:
        platform.kill_group(server.pid)
        server.wait()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
