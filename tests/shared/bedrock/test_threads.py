"""Calls of an hour run in threads of their own, so many at a time."""

import asyncio
import subprocess
import sys
import threading

import pytest

from shared.bedrock.threads import Threads
from tests.support.waiting import until


async def test_results_and_errors_come_back() -> None:
    def fail() -> None:
        raise KeyError("gone")

    threads = Threads(2)
    assert await threads.run(lambda: 7) == 7
    with pytest.raises(KeyError, match="gone"):
        await threads.run(fail)


async def test_no_more_than_so_many_at_a_time() -> None:
    threads, gate, lock = Threads(3), threading.Event(), threading.Lock()
    running: list[int] = []
    most: list[int] = []

    def work() -> None:
        with lock:
            running.append(1)
            most.append(len(running))
        gate.wait(10)
        with lock:
            running.pop()

    tasks = [asyncio.create_task(threads.run(work)) for _ in range(8)]
    await until(lambda: len(running) == 3)
    gate.set()
    await asyncio.gather(*tasks)
    assert len(most) == 8
    assert max(most) == 3


async def test_a_cancelled_caller_leaves_the_thread_its_turn_until_it_ends() -> None:
    threads, gate, ended, begun = Threads(1), threading.Event(), threading.Event(), threading.Event()

    def work() -> None:
        begun.set()
        gate.wait(10)
        ended.set()

    task = asyncio.create_task(threads.run(work))
    await until(begun.is_set)
    task.cancel()
    await asyncio.wait({task})
    after = asyncio.create_task(threads.run(ended.is_set))
    gate.set()
    assert await after


def test_a_process_ends_while_a_call_waits() -> None:
    program = """
import asyncio, threading
from shared.bedrock.threads import Threads

async def main():
    task = asyncio.create_task(Threads(1).run(threading.Event().wait))
    await asyncio.sleep(0)
    await asyncio.sleep(0)

asyncio.run(main())
print("ended")
"""
    ran = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=20, check=True)
    assert (ran.stdout, ran.stderr) == ("ended\n", "")
