"""The ffmpeg runs: every output of a file from one decode. Pure: a source and what is known of it go in, arguments come out."""

from pathlib import Path
from typing import Any

from services.proxy import candidates, colour, framing, shots
from services.proxy.footage import Colour, Footage, Picture, Track
from services.proxy.framing import FRAME_RATE
from services.proxy.plans import Plan
from services.proxy.renditions import Source
from shared.media_encoders import OPTIONS
from shared.media_graph import arguments, lasting, open_beside, open_source, opened, output

PROXY, LISTENING, SPEECH, LEVELLED = "720p15.mp4", "listening.m4a", "16khz.flac", "levelled.flac"

DEINTERLACING = {"mode": "send_frame", "deint": "interlaced"}
"""Frames that are marked as interlaced, and those alone; all others pass untouched and at no cost."""
SMALLEST_INTERLACED = 4
"""Pixels; the filter refuses pictures of less than three lines."""
ALIGNED = {"async": 1, "first_pts": 0}
"""Fills gaps with silence, so that a second of sound is the same second as in the picture."""
FINITE = {"sample_fmts": "s32"}
"""Floating-point sound can hold what is infinite or no number, on which the AAC encoder gives up; 32-bit integers cannot."""
BARE = {"map_metadata": -1, "map_chapters": -1}
"""Neither tags nor chapters: they are in the library, and may tell where the person lives."""
SPEECH_RATE = 16_000
SPEECH_FORM = {"ar": SPEECH_RATE, "ac": 1, "sample_fmt": "s16", "c:a": "flac", **BARE}
MP4 = {"movflags": "+faststart", **BARE}
AAC = {"ac": 2, "ar": 48000, "c:a": "aac", "b:a": "96k"}
STEADY = {"r": FRAME_RATE, "fps_mode": "cfr", "g": 5 * FRAME_RATE}
"""Frames from the file's beginning on, as the sound: those before the first are as the first, and gaps as what is before them.
A key frame every five seconds at least lets a player that jumps be there at once."""
SHORT, LEAST_RATE = 600, 100
"""Seconds that any file may last, and bits per second that even the quietest footage has."""
CANDIDATES = {"fps_mode": "passthrough", "frame_pts": 1, "q:v": 3}


def video_arguments(source: Source, footage: Footage, plan: Plan) -> list[str]:
    """One run: proxy, candidate frames, how much each frame differs from the one before, and, with a track, speech audio."""
    media, limit = open_source(), {"t": longest(source.size)}
    heard = _halves(_sound(media, plan)) if plan.track else ()
    width, height = framing.size(footage.picture)
    frames = _pictures(media, footage.picture, width, height).split()
    outputs = [
        output(frames[0], *heard[:1], PROXY, **OPTIONS[plan.encoder], **STEADY, **(AAC if heard else {}), **MP4, **limit),
        output(_candidates(frames[1], width, height), candidates.FILES, **CANDIDATES, **limit),
        output(_measured(frames[2]), "-", f="null", fps_mode="passthrough", **limit),
        *(output(speech, SPEECH, **SPEECH_FORM, **limit) for speech in heard[1:]),
    ]
    return arguments(source.path, *outputs)


def audio_arguments(source: Source, track: Track) -> list[str]:
    """One run: something to listen to, and 16 kHz speech audio. Pictures in the file are cover art and left out."""
    proxy, speech = _halves(_levelled(open_source(), track))
    limit = {"t": longest(source.size)}
    outputs = output(proxy, LISTENING, **AAC, **MP4, **limit), output(speech, SPEECH, **SPEECH_FORM, **limit)
    return arguments(source.path, *outputs)


def levelling_arguments(source: Source, track: Track) -> list[str]:
    """One run: the sound alone, with the same channels from the first to the last, for a plan that is `levelled`.

    Only where there is no picture: beside pictures, ffmpeg may wait for ever on sound that goes from one graph to another.
    """
    sound = _levelled(open_source(), track).filter("aresample", **ALIGNED)
    return arguments(source.path, output(sound, LEVELLED, t=longest(source.size), **{"c:a": "flac"}, **BARE))


def longest(size: int) -> int:
    """Seconds that so many bytes can last: a clock that jumps by weeks would have its gap filled with pictures for hours."""
    return max(SHORT, size * 8 // LEAST_RATE)


def probe_arguments(source: Path) -> list[str]:
    """A run that opens the source, tells of it, and reads no further."""
    return ["-t", "0", *opened(source), "-map", "0:V?", "-map", "0:a?", "-c", "copy", "-f", "null", "-"]


def _pictures(media: Any, picture: Picture | None, width: int, height: int) -> Any:
    """The proxy's frames, of one form from the first to the last."""
    frames, told = media["V:0"], picture.colour if picture else Colour()
    if picture and (declared := colour.declared(picture)):
        frames = frames.filter("setparams", **declared)
    if min(width, height) >= SMALLEST_INTERLACED:
        frames = frames.filter("bwdif", **DEINTERLACING)
    # Frames that are too many go before there is work with them; where they are too few, finished ones are repeated, which
    # takes no memory: ffmpeg holds all that a gap is filled with at once.
    frames = frames.filter("select", framing.first_of_its_turn()).filter("setpts", framing.turn())
    frames = frames.filter("scale", **framing.fitting(width, height), **colour.scaling(told)).filter("setsar", 1)
    frames = frames.filter("pad", width, height, -1, -1)
    steady = colour.shown(frames, told).filter("format", "yuv420p").filter("fps", FRAME_RATE)
    return lasting(steady, "null")


def _measured(frames: Any) -> Any:
    """The frames of which each is compared with the one before; in red, green and blue, as shots may differ in colour alone."""
    small = frames.filter("scale", f"min({shots.WIDTH},iw)", -1, flags="area").filter("format", "gbrp").filter("scdet", t=100)
    return small.filter("metadata", mode="print", key="lavfi.scd.mafd", file=shots.CHANGES)


def _candidates(frames: Any, width: int, height: int) -> Any:
    """The chosen frames, small; JPEG knows no other matrix than that of BT.601."""
    across, down = candidates.size(width, height)
    chosen = frames.filter("select", candidates.selection())
    return chosen.filter("scale", across, down, out_color_matrix="bt601", out_range="pc").filter("format", "yuv420p")


def _sound(media: Any, plan: Plan) -> Any:
    assert plan.track is not None
    return open_beside(LEVELLED)["a:0"] if plan.levelled else _chosen(media, plan.track).filter("aformat", **FINITE)


def _levelled(media: Any, track: Track) -> Any:
    """The sound with the same channels and rate all along, whatever the source changes to."""
    form = {"sample_rates": 48000, "sample_fmts": "s16", "channel_layouts": "mono" if track.mono or track.unnamed else "stereo"}
    return lasting(_chosen(media, track).filter("aformat", **form), "anull")


def _chosen(media: Any, track: Track) -> Any:
    sound = media[f"a:{track.number}"]
    return sound.filter("pan", args=_all_in_one(track.unnamed)) if track.unnamed else sound


def _halves(sound: Any) -> tuple[Any, Any]:
    """The sound for the proxy and for speech, from one filter: two that share a decoder can make ffmpeg wait for ever."""
    both = sound.filter("aresample", **ALIGNED).asplit()
    return both[0], both[1]


def _all_in_one(channels: int) -> str:
    """Of channels that nobody says the place of, all are heard alike."""
    return "mono|FC<" + "+".join(f"c{number}" for number in range(channels))
