"""The argument lists, whole."""

from dataclasses import replace
from pathlib import Path
from uuid import UUID

from services.proxy.renditions import Source
from services.proxy.video import audio_arguments, video_arguments, video_encoder
from shared.contracts import Kind
from shared.media_graph import CONTAINERS

CLIP = Source(UUID(int=1), 1, Kind.VIDEO, Path("/films/clip.mov"), 1, 0, duration=60.0, has_audio=True)

READING = ["-format_whitelist", CONTAINERS, "-protocol_whitelist", "file,pipe", "-i", "file:/films/clip.mov"]
SOUND = "[0:a:0]aresample=async=1:first_pts=0[s0];[s0]asplit=2[s1][s2]"
SCALED = r"min(1\,720/min(iw*sar\,ih))/2+0.01))"
PICTURE = (
    "[0:V:0]fps=15[s3];"
    rf"[s3]scale=h=2*max(1\,trunc(ih*{SCALED}:w=2*max(1\,trunc(iw*sar*{SCALED}[s4];"
    "[s4]setsar=1[s5];"
    "[s5]format=yuv420p[s6];"
    "[s6]split=2[s7][s8];"
    r"[s8]scale=h=-1:w=min(320\,iw)[s9];"
    "[s9]split=2[s10][s11];"
    r"[s11]select=eq(n\,0)+gt(scene\,0.3)[s12];"
    "[s12]metadata=file=cuts.txt:mode=print[s13];"
    r"[s10]select=isnan(prev_selected_t)+lt(prev_selected_t\,30.0)*gte(t\,prev_selected_t+3.75)[s14]"
)
BARE = ["-map_chapters", "-1", "-map_metadata", "-1"]
AAC = ["-ac", "2", "-b:a", "96k", "-c:a", "aac"]
X264 = ["-c:v", "libx264", "-crf", "26", "-g", "75"]
SPEECH = ["-ac", "1", "-ar", "16000", "-c:a", "flac", *BARE, "-sample_fmt", "s16", "16khz.flac"]
CUTS = ["-f", "null", "-fps_mode", "vfr", "-"]
THUMBNAIL = ["-fps_mode", "vfr", "-q:v", "3", "-update", "1", "thumbnail.jpg"]


def test_one_run_makes_everything_of_a_video() -> None:
    assert video_arguments(CLIP) == [
        *(*READING, "-filter_complex", SOUND, "-filter_complex", PICTURE),
        *("-map", "[s2]", *SPEECH),
        *("-map", "[s13]", *CUTS),
        *("-map", "[s14]", *THUMBNAIL),
        *("-map", "[s7]", "-map", "[s1]", *AAC, *X264, *BARE, "-movflags", "+faststart", "-preset", "veryfast", "720p15.mp4"),
    ]


def test_a_silent_video_has_no_sound_options() -> None:
    arguments = video_arguments(replace(CLIP, has_audio=False))
    assert arguments.count("-filter_complex") == 1
    assert not {"16khz.flac", "aac", "-ac"} & set(arguments)
    assert {"720p15.mp4", "thumbnail.jpg", "-"} <= set(arguments)
    assert not any("0:a" in argument for argument in arguments)


def test_without_a_length_the_thumbnail_is_a_typical_frame() -> None:
    assert any("thumbnail=100[" in argument for argument in video_arguments(replace(CLIP, duration=None)))


def test_cover_art_is_not_asked_for() -> None:
    assert audio_arguments(replace(CLIP, kind=Kind.AUDIO)) == [
        *(*READING, "-filter_complex", SOUND),
        *("-map", "[s2]", *SPEECH),
        *("-map", "[s1]", *AAC, *BARE, "-movflags", "+faststart", "listening.m4a"),
    ]


def test_the_encoder_is_chosen_in_one_place() -> None:
    assert video_encoder() == {"c:v": "libx264", "preset": "veryfast", "crf": 26, "g": 75}
