"""Work that runs ahead of whoever takes its results."""

from collections.abc import Generator, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

T = TypeVar("T")


def one_ahead(items: Iterator[T]) -> Generator[T, None, None]:
    """The items, each of which is made in a thread while the one before is worked on; close it, so that no thread is left."""
    with ThreadPoolExecutor(1, "ahead") as maker:
        coming = maker.submit(next, items, None)
        while (item := coming.result()) is not None:
            coming = maker.submit(next, items, None)
            yield item
