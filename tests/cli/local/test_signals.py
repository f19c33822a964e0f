import signal
import subprocess
import sys

import pytest

from cli.local.settings import PROJECT_ROOT

PROGRAM = """
import time
from cli.local.signals import stop_on_signals, wait_for_signal

killed = []
with stop_on_signals(lambda: killed.append(True)):
    try:
        print("up", flush=True)
        wait_for_signal()
    finally:
        print("stopping", flush=True)
        deadline = time.monotonic() + {patience}
        while not killed and time.monotonic() < deadline:
            time.sleep(0.01)
        print("killed" if killed else "in order", flush=True)
"""


def _start(patience: float) -> subprocess.Popen[str]:
    program = PROGRAM.format(patience=patience)
    process = subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE, text=True, cwd=PROJECT_ROOT)
    assert process.stdout is not None
    assert process.stdout.readline() == "up\n"
    return process


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 0)])
def test_the_first_signal_unwinds_in_order(number: signal.Signals, code: int) -> None:
    process = _start(patience=0.1)
    process.send_signal(number)
    output, _ = process.communicate(timeout=20)
    assert output == "stopping\nin order\n"
    assert process.returncode == code


def test_the_second_signal_kills() -> None:
    process = _start(patience=30)
    process.send_signal(signal.SIGINT)
    assert process.stdout is not None
    assert process.stdout.readline() == "stopping\n"
    process.send_signal(signal.SIGINT)
    output, _ = process.communicate(timeout=20)
    assert output == "killed\n"
    assert process.returncode == 130
