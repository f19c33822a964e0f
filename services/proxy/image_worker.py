"""Images are decoded in processes of their own, which can be killed: a hostile one takes nothing down."""

import asyncio
import multiprocessing
import os
import signal
import sys
import threading
from multiprocessing.connection import wait
from typing import Any, Self

from pebble import ProcessExpired, ProcessPool
from PIL import Image

from services.proxy.images import ImageJob, ImageResult, render
from services.proxy.settings import MIB, ProxySettings
from shared.errors import Transient
from shared.media_faults import TookTooLong

TASKS = 500
"""Images after which a worker is replaced, so that what decoders leak does not add up."""


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
        self._limit = settings.image_time_limit
        self._pixels = settings.image_pixels
        self._pool: Any = ProcessPool(
            max_workers=settings.workers,
            max_tasks=TASKS,
            initializer=prepare_worker,
            initargs=(settings.image_memory_limit * MIB,),
            context=multiprocessing.get_context("spawn"),
        )

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await asyncio.to_thread(self.close)

    def close(self) -> None:
        """End the workers, whatever they do."""
        self._pool.stop()
        self._pool.join()

    async def render(self, job: ImageJob) -> ImageResult:
        """Make an image's renditions; raises BadMedia, TookTooLong, DiskFull, or DecoderDied. Cancelling kills the worker."""
        future = self._pool.schedule(render, args=[job], timeout=self._limit)
        try:
            result: ImageResult = await asyncio.wrap_future(future)
        except TimeoutError as error:
            raise TookTooLong(self._limit) from error
        except ProcessExpired as error:
            raise DecoderDied from error
        return result


def prepare_worker(memory: int) -> None:
    """Let a worker end with its parent and not by Ctrl-C, and take no more than so many bytes of memory (Linux only)."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    Image.MAX_IMAGE_PIXELS = None  # Pillow's own limit, for this process: `images` has one with a sentence
    parent = multiprocessing.parent_process()
    assert parent is not None
    threading.Thread(target=_follow, args=(parent.sentinel,), name="follow-parent", daemon=True).start()
    if sys.platform == "linux":
        import resource  # noqa: PLC0415 - POSIX only

        resource.setrlimit(resource.RLIMIT_AS, (memory, memory))


def _follow(parent: int) -> None:
    wait([parent])
    os._exit(1)
