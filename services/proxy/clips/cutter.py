"""Cuts a span out of a file's proxy by ffmpeg, or out of the original's if there is no proxy yet."""

import asyncio
from collections.abc import Callable
from pathlib import Path

from services.proxy import video
from services.proxy.check import Examined, examine
from services.proxy.clips.cutting import arguments, planned
from services.proxy.conversion import Converter
from services.proxy.original import require_unchanged
from services.proxy.renderer import told, x264
from services.proxy.renditions import Source
from shared.contracts import Kind
from shared.errors import BadMedia
from shared.media import Limits, run
from shared.media_encoders import Choice
from shared.media_progress import Progress
from shared.working import Report

UNREADABLE = "The file's proxy cannot be read. Make it anew with ./spillway batch proxy --force, then share the span again."
EMPTY = "Nothing in this span could be decoded. Check that the file plays there, or share another span."


class Cutter:
    """Runs ffmpeg within limits; an original is converted with the encoder that was chosen for this machine."""

    def __init__(self, limits: Limits, choice: Callable[[], Choice] = x264) -> None:
        self._limits = limits
        self._choice = choice

    async def proxy_of(self, original: Source, folder: Path, report: Report) -> Path:
        """What is cut where there is no proxy: the original, converted as a proxy is; raises as a conversion does."""
        require_unchanged(original)
        converter = Converter(self._limits, self._choice())
        if original.kind is Kind.VIDEO:
            await converter.video(original, folder, told(original, report))
            made = folder / video.PROXY
        else:
            await converter.audio(original, folder, told(original, report))
            made = folder / video.LISTENING
        require_unchanged(original)
        return made

    async def cut(self, proxy: Path, starts: float, ends: float, clip: Path, report: Report) -> Path:
        """The clip of a span; raises BadMedia if there is nothing in it, or what `run` raises of limits and passing trouble."""
        lengths = (await _examined(proxy, UNREADABLE)).lengths
        plan = planned(starts, ends, picture=lengths.picture, sound=lengths.sound)

        def tell(progress: Progress) -> None:
            report(progress.seconds, plan.ends - plan.starts)

        await run(arguments(proxy, plan, clip.name), clip.parent, limits=self._limits, on_progress=tell)
        await _examined(clip, EMPTY)
        return clip


async def _examined(path: Path, sentence: str) -> Examined:
    found = await asyncio.to_thread(examine, path)
    if found is None:
        raise BadMedia(sentence)
    return found
