"""Runs ffmpeg on a source: first to look at it, then to make everything of it, and once more if that fails."""

from dataclasses import dataclass
from pathlib import Path

import structlog

from services.proxy import candidates, plans, tracks, video
from services.proxy.footage import Footage, Track, footage
from services.proxy.plans import Plan
from services.proxy.renditions import Source
from shared.media import Limits, Ran, run
from shared.media_encoders import Choice, Encoder, EncoderFailed, cards_fault
from shared.media_faults import MediaFailed
from shared.media_progress import OnProgress

log = structlog.get_logger()


@dataclass(frozen=True)
class Converted:
    """What a conversion left in its folder: of what, by which plan, how many seconds, and whether sound had to be left out."""

    footage: Footage
    plan: Plan
    seconds: float
    silenced: bool = False


class Converter:
    """Runs ffmpeg within limits, with the encoder that was chosen for this machine."""

    def __init__(self, limits: Limits, choice: Choice) -> None:
        self._limits = limits
        self._choice = choice

    async def video(self, source: Source, folder: Path, on_progress: OnProgress) -> Converted:
        """Make everything of a video; raises MediaFailed, EncoderFailed, or what `run` raises of limits and passing trouble."""
        found = await self.look(source, folder)
        track = await self.choose_track(source, found, folder) if source.has_audio else None
        plan = Plan(self._choice.require(), track)
        while True:
            try:
                ran = await self._run(video.video_arguments(source, found, plan), source, folder, on_progress)
                better = plans.levelled(plan, sound_changed=ran.sound_changed)
                if better is None:
                    return Converted(found, plan, ran.seconds, silenced=source.has_audio and plan.track is None)
                plan = await self._level(better, source, folder, on_progress)
            except MediaFailed as error:
                plan = self._instead(plan, error)
            _forget_candidates(folder)

    async def audio(self, source: Source, folder: Path, on_progress: OnProgress) -> Converted:
        """Make everything of a sound file; raises as `video` does."""
        found = await self.look(source, folder)
        track = await self.choose_track(source, found, folder) or Track(0)
        ran = await self._run(video.audio_arguments(source, track), source, folder, on_progress)
        return Converted(found, Plan(Encoder.X264, track), ran.seconds)

    async def look(self, source: Source, folder: Path) -> Footage:
        """What the source holds; raises MediaFailed if ffmpeg cannot open it."""
        arguments = video.probe_arguments(source.path)
        try:
            told = (await run(arguments, folder, limits=self._limits, account=True)).log
        except MediaFailed as error:
            told = error.log
            if footage(told) == Footage():
                raise
        return footage(told)

    async def choose_track(self, source: Source, found: Footage, folder: Path) -> Track | None:
        """The sound track to take; of several, ffmpeg listens to each for a moment."""
        if len(found.tracks) < 2:
            return next(iter(found.tracks), None)
        arguments = tracks.sampling_arguments(source.path, found.tracks, source.duration)
        try:
            told = (await run(arguments, folder, limits=self._limits, account=True)).log
        except MediaFailed as error:
            told = error.log  # one track does not decode; the log tells of the others all the same
        return tracks.listened_to(found.tracks, tracks.loudest(told))

    async def _level(self, plan: Plan, source: Source, folder: Path, on_progress: OnProgress) -> Plan:
        """Prepare what a levelled plan needs."""
        assert plan.track is not None
        log.info("the sound changes its channels midway and is levelled", file_id=str(source.file_id))
        await self._run(video.levelling_arguments(source, plan.track), source, folder, on_progress)
        return plan

    def _instead(self, plan: Plan, error: MediaFailed) -> Plan:
        """The next plan; raises the error if there is none, or EncoderFailed if NVENC must be used and failed."""
        fault = cards_fault(error.log)
        if fault and self._choice.forced and plan.encoder is Encoder.NVENC:
            raise EncoderFailed(fault) from error
        following = plans.instead(plan, error.log)
        if following is None:
            raise error
        log.warning(
            "conversion failed, trying otherwise", reason=str(error), encoder=following.encoder, sound=bool(following.track)
        )
        return following

    async def _run(self, arguments: list[str], source: Source, folder: Path, on_progress: OnProgress) -> Ran:
        return await run(arguments, folder, limits=self._limits, duration=source.duration, on_progress=on_progress)


def _forget_candidates(folder: Path) -> None:
    for frame in folder.glob(candidates.ALL_FILES):
        frame.unlink()
