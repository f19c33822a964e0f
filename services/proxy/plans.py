"""What to try next when a conversion failed. Pure."""

from dataclasses import dataclass, replace

from services.proxy.footage import Track
from shared.media_encoders import Encoder, cards_fault


@dataclass(frozen=True)
class Plan:
    """How a video is to be made: with which encoder, and with which of its sound tracks, if with any; and whether that was
    levelled beforehand, as its channels change midway.
    """

    encoder: Encoder
    track: Track | None
    levelled: bool = False


def instead(plan: Plan, log: str) -> Plan | None:
    """The next plan after one that failed with this log; None if nothing is left to try.

    x264 instead of a graphics card that refuses, and then without the sound: if that works, the sound was at fault.
    """
    if plan.encoder is Encoder.NVENC and cards_fault(log):
        return replace(plan, encoder=Encoder.X264)
    return replace(plan, track=None) if plan.track else None


def levelled(plan: Plan, *, sound_changed: bool) -> Plan | None:
    """The plan to follow after one that worked; None if what it made is good.

    Where the sound changes its channels, ffmpeg's filters begin anew and fill in silence as long as all that was before.
    """
    return replace(plan, levelled=True) if sound_changed and plan.track and not plan.levelled else None
