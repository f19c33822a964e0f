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

CONTAINERS = "aac,aiff,avi,flac,matroska,webm,mov,mp4,m4a,3gp,3g2,mj2,mp3,mpegts,ogg,wav"
"""Formats that hold media themselves. Playlists and lists (hls, dash, concat, sdp, ...) would make ffmpeg read other files."""


def open_source() -> Any:
    """The input of a graph, as a stream of ffmpeg-python; it may read files only, and of media formats only."""
    return ffmpeg.input(SOURCE, protocol_whitelist="file,pipe", format_whitelist=CONTAINERS)


def output(*streams_and_name: Any, **options: object) -> Any:
    """An output of a graph: its streams, then its file name, relative to the folder of the run, then ffmpeg's options."""
    return ffmpeg.output(*streams_and_name, **options)


def arguments(source: Path, *outputs: Any) -> list[str]:
    """The arguments for outputs that were built on `open_source`, reading `source`, whatever its name looks like."""
    compiled = ffmpeg.compile(list(outputs), cmd=[])
    address = f"file:{source.absolute()}"
    return list(separate_graphs(address if argument == SOURCE else argument for argument in compiled))


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
    """The parts of a filter graph that share no label."""
    parts = list[tuple[set[str], list[str]]]()
    for chain in CHAINS.split(graph):
        labels, chains = set(LABEL.findall(chain)), [chain]
        for part in [part for part in parts if part[0] & labels]:
            parts.remove(part)
            labels, chains = labels | part[0], part[1] + chains
        parts.append((labels, chains))
    return [";".join(chains) for _, chains in parts]
