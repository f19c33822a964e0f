"""ffmpeg's arguments from filter graphs. ffmpeg-python only puts argument lists together, and only here is it imported."""

import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import ffmpeg

SOURCE = "SOURCE"
"""Stands for the input in a graph: ffmpeg-python cannot take names that are no UTF-8, and graphs need not know the name."""

GRAPH = "-filter_complex"
CHAINS, LABEL = re.compile(r"(?<!\\);"), re.compile(r"(?<!\\)\[(s\d+)\]")
"""What separates a graph's chains, and the names that ffmpeg-python gives to what flows between them."""

LASTING = "@lasting"
"""Marks the filter behind which another graph begins."""

CONTAINERS = "aac,aiff,avi,flac,matroska,webm,mov,mp4,m4a,3gp,3g2,mj2,mp3,mpegts,ogg,wav"
"""Formats that hold media themselves. Playlists and lists (hls, dash, concat, sdp, ...) would make ffmpeg read other files."""


ALLOWED = {"format_whitelist": CONTAINERS, "protocol_whitelist": "file,pipe"}
"""Options of every input: it may read files only, and of media formats only."""


def open_source() -> Any:
    """The input of a graph, as a stream of ffmpeg-python."""
    return ffmpeg.input(SOURCE, **ALLOWED)


def open_beside(name: str) -> Any:
    """Another input of a graph: a file of our own in the folder of the run."""
    return ffmpeg.input(name, **ALLOWED)


def opened(source: Path) -> list[str]:
    """The input of a run without a graph, or with several inputs; options for it go before."""
    return [*(word for name, value in ALLOWED.items() for word in (f"-{name}", value)), "-i", address(source)]


def address(source: Path) -> str:
    """A source for ffmpeg, whatever its name looks like."""
    return f"file:{source.absolute()}"


def output(*streams_and_name: Any, **options: object) -> Any:
    """An output of a graph: its streams, then its file name, relative to the folder of the run, then ffmpeg's options."""
    return ffmpeg.output(*streams_and_name, **options)


def lasting(stream: Any, no_filter: str) -> Any:
    """The stream, of which nothing changes any more from here on; `no_filter` is `null` for pictures, `anull` for sound.

    ffmpeg builds a graph anew when the source changes its size or channels midway, and its filters forget what they knew:
    which pictures they had counted, that the sound had begun. What follows is a graph of its own, which lives on.
    """
    return stream.filter(f"{no_filter}{LASTING}")


def arguments(source: Path, *outputs: Any) -> list[str]:
    """The arguments for outputs that were built on `open_source`, reading `source`."""
    compiled = ffmpeg.compile(list(outputs), cmd=[])
    return list(separate_graphs(address(source) if argument == SOURCE else argument for argument in compiled))


def separate_graphs(arguments: Iterable[str]) -> Iterator[str]:
    """The arguments with a graph option for each part of the filter graph that hangs together.

    Were they one graph, ffmpeg would keep every decoded picture in memory until the first sound comes, which may be late.
    """
    rest = iter(arguments)
    for argument in rest:
        if argument == GRAPH:
            yield from (word for graph in connected(next(rest)) for word in (GRAPH, graph))
        else:
            yield argument


def connected(graph: str) -> list[str]:
    """The parts of a filter graph that share no label; what comes out of a lasting filter ties nothing together."""
    parts = list[tuple[set[str], list[str]]]()
    for chain in CHAINS.split(graph):
        labels, chains = set(LABEL.findall(chain.partition(LASTING)[0])), [chain]
        for part in [part for part in parts if part[0] & labels]:
            parts.remove(part)
            labels, chains = labels | part[0], part[1] + chains
        parts.append((labels, chains))
    return [";".join(chains) for _, chains in parts]
