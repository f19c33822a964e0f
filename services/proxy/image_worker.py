"""Images are decoded in processes of their own, which can be killed: a hostile one takes nothing down."""

import asyncio
import ctypes
import multiprocessing
import os
import signal
import sys
import threading
from concurrent.futures.process import BrokenProcessPool
from contextlib import suppress
from multiprocessing.connection import wait
from typing import Any, Self

from pebble import ProcessExpired, ProcessPool

from services.proxy.images import ImageJob, ImageResult, render
from services.proxy.settings import MIB, ProxySettings
from shared.errors import Transient
from shared.media_faults import TookTooLong

TASKS = 500
"""Images after which a worker is replaced, so that what decoders leak does not add up."""


ARENA_MAX = -8
"""glibc's name for the number of heaps (`M_ARENA_MAX` in malloc.h)."""


class DecoderDied(Transient):
    """The worker process ended while it worked on an image."""

    def __init__(self) -> None:
        super().__init__(
            "The image made its decoder stop. It may be damaged, or too large for this machine's memory; open it in another "
            "program and save it anew."
        )


class ImageWorkshop:
    """The worker processes, open for as long as the service runs."""

    def __init__(self, settings: ProxySettings) -> None:
        self._settings = settings
        self._pool = self._start()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await asyncio.to_thread(self.close)

    def close(self) -> None:
        """End the workers, whatever they do."""
        _end(self._pool)

    async def render(self, job: ImageJob) -> ImageResult:
        """Make an image's renditions; raises BadMedia, TookTooLong, DiskFull, or DecoderDied. Cancelling kills the worker."""
        limit = self._settings.image_time_limit
        if not self._pool.active:
            given_up, self._pool = self._pool, self._start()
            await asyncio.to_thread(_end, given_up)
        future = self._pool.schedule(render, args=[job], timeout=limit)
        try:
            result: ImageResult = await asyncio.wrap_future(future)
        except TimeoutError as error:
            raise TookTooLong(limit) from error
        except (ProcessExpired, BrokenProcessPool) as error:  # the latter if no worker had an image when one died
            raise DecoderDied from error
        return result

    def _start(self) -> Any:
        return ProcessPool(
            max_workers=self._settings.workers,
            max_tasks=TASKS,
            initializer=prepare_worker,
            initargs=(self._settings.image_memory_limit * MIB,),
            context=multiprocessing.get_context("spawn"),
        )


def _end(pool: Any) -> None:
    pool.stop()
    pool.join()


def prepare_worker(memory: int) -> None:
    """Let a worker end with its parent and not by Ctrl-C, and take no more than so many bytes of memory (Linux only)."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    parent = multiprocessing.parent_process()
    assert parent is not None
    threading.Thread(target=_follow, args=(parent.sentinel,), name="follow-parent", daemon=True).start()
    if sys.platform == "linux":
        import resource  # noqa: PLC0415 - POSIX only

        resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
    prepare_decoders()


def prepare_decoders() -> None:
    """Load the decoders, which only this process has, before the first image waits for them."""
    from PIL import Image  # noqa: PLC0415 - as above

    from services.proxy import image_loading, image_rendering  # noqa: F401, PLC0415

    Image.MAX_IMAGE_PIXELS = None  # Pillow's own limit, for this process: ours has a sentence
    image_loading.use_one_thread()
    if sys.platform == "linux":
        _share_one_heap()


def _share_one_heap() -> None:
    # glibc keeps a heap per thread, and libvips starts threads anew for each image: freed memory would be held in all of them.
    with suppress(AttributeError):  # another C library
        ctypes.CDLL(None).mallopt(ARENA_MAX, 1)


def _follow(parent: int) -> None:
    wait([parent])
    os._exit(1)
