"""The argument lists, whole."""

from dataclasses import replace
from pathlib import Path
from uuid import UUID

from services.proxy.footage import Colour, Footage, Picture, Track
from services.proxy.plans import Plan
from services.proxy.renditions import Source
from services.proxy.video import audio_arguments, levelling_arguments, probe_arguments, video_arguments
from shared.contracts import Kind
from shared.media_encoders import Encoder
from shared.media_graph import CONTAINERS

CLIP = Source(UUID(int=1), 1, Kind.VIDEO, Path("/films/clip.mov"), 1_000_000, 0, duration=60.0, has_audio=True)
SEEN = Footage(Picture(1920, 1080), (Track(0), Track(1)))
PLAN = Plan(Encoder.X264, Track(1))

READING = ["-format_whitelist", CONTAINERS, "-protocol_whitelist", "file,pipe", "-i", "file:/films/clip.mov"]
TURN = r"floor(t*15+0.02)\,floor(prev_selected_t*15+0.02)"
SNAPPED = r"max(floor(T*15+0.02)\,if(isnan(PREV_OUTT)\,0\,round(PREV_OUTT*15)+1))/(15*TB)"
GRAPHS = [
    "[0:a:1]aformat=sample_fmts=s32[s0];[s0]aresample=async=1:first_pts=0[s1];[s1]asplit=2[s2][s3]",
    (
        "[0:V:0]setparams=colorspace=bt709[s4];"
        "[s4]bwdif=deint=interlaced:mode=send_frame[s5];"
        rf"[s5]select=isnan(prev_selected_t)+gt({TURN})[s6];"
        rf"[s6]setpts={SNAPPED}[s7];"
        r"[s7]scale=h=2*max(1\,round(min(720\,1280/dar)/2)):out_range=tv:w=2*max(1\,round(min(1280\,720*dar)/2))[s8];"
        "[s8]setsar=1[s9];"
        "[s9]pad=1280:720:-1:-1[s10];"
        "[s10]format=yuv420p[s11];"
        "[s11]fps=15[s12];"
        "[s12]null@lasting[s13]"
    ),
    (
        "[s13]split=3[s14][s15][s16];"
        r"[s16]scale=min(160\,iw):-1:flags=area[s17];"
        "[s17]format=gbrp[s18];"
        "[s18]scdet=t=100[s19];"
        "[s19]metadata=file=changes.txt:key=lavfi.scd.mafd:mode=print[s20];"
        r"[s15]select=isnan(prev_selected_pts)+not(mod(pts\,3*pow(2\,max(0\,floor(log(max(pts\,1)/300)/log(2))))))[s21];"
        "[s21]scale=320:180:out_color_matrix=bt601:out_range=pc[s22];"
        "[s22]format=yuv420p[s23]"
    ),
]
LEVELLED = "[0:a:1]aformat=channel_layouts=stereo:sample_fmts=s16:sample_rates=48000[s0];[s0]anull@lasting[s1]"
BARE = ["-map_chapters", "-1", "-map_metadata", "-1"]
LIMIT = ["-t", "80000"]
AAC = ["-ac", "2", "-ar", "48000", "-b:a", "96k", "-c:a", "aac"]
SPEECH = ["-ac", "1", "-ar", "16000", "-c:a", "flac", *BARE, "-sample_fmt", "s16", *LIMIT, "16khz.flac"]
CANDIDATES = ["-fps_mode", "passthrough", "-frame_pts", "1", "-q:v", "3", *LIMIT, "frame-%d.jpg"]
X264 = ["-c:v", "libx264", "-crf", "26", "-fps_mode", "cfr", "-g", "75"]
PROXY = [*AAC, *X264, *BARE, "-movflags", "+faststart", "-preset", "veryfast", "-r", "15", *LIMIT, "720p15.mp4"]


def graphs(arguments: list[str]) -> list[str]:
    return [arguments[place + 1] for place, word in enumerate(arguments) if word == "-filter_complex"]


def test_one_run_makes_everything_of_a_video() -> None:
    assert video_arguments(CLIP, SEEN, PLAN) == [
        *(*READING, *(word for graph in GRAPHS for word in ("-filter_complex", graph))),
        *("-map", "[s3]", *SPEECH),
        *("-map", "[s20]", "-f", "null", "-fps_mode", "passthrough", *LIMIT, "-"),
        *("-map", "[s23]", *CANDIDATES),
        *("-map", "[s14]", "-map", "[s2]", *PROXY),
    ]


def test_a_silent_video_has_no_sound_options() -> None:
    arguments = video_arguments(CLIP, SEEN, replace(PLAN, track=None))
    assert len(graphs(arguments)) == 2
    assert not {"16khz.flac", "aac", "-ac"} & set(arguments)
    assert {"720p15.mp4", "frame-%d.jpg"} <= set(arguments)
    assert not any("0:a" in argument for argument in arguments)


def test_cover_art_is_not_asked_for() -> None:
    assert audio_arguments(replace(CLIP, kind=Kind.AUDIO), Track(1)) == [
        *(
            *READING,
            "-filter_complex",
            LEVELLED,
            "-filter_complex",
            "[s1]aresample=async=1:first_pts=0[s2];[s2]asplit=2[s3][s4]",
        ),
        *("-map", "[s4]", *SPEECH),
        *("-map", "[s3]", *AAC, *BARE, "-movflags", "+faststart", *LIMIT, "listening.m4a"),
    ]


def test_sound_is_levelled_by_itself_and_taken_from_there() -> None:
    assert levelling_arguments(CLIP, Track(1)) == [
        *(*READING, "-filter_complex", LEVELLED, "-filter_complex", "[s1]aresample=async=1:first_pts=0[s2]"),
        *("-map", "[s2]", "-c:a", "flac", *BARE, *LIMIT, "levelled.flac"),
    ]
    arguments = video_arguments(CLIP, SEEN, replace(PLAN, levelled=True))
    inputs = [arguments[place + 1] for place, word in enumerate(arguments) if word == "-i"]
    assert sorted(inputs) == ["file:/films/clip.mov", "levelled.flac"]
    assert any(graph.startswith(f"[{inputs.index('levelled.flac')}:a:0]") for graph in graphs(arguments))
    assert any(f"[{inputs.index('file:/films/clip.mov')}:V:0]" in graph for graph in graphs(arguments))


def test_another_encoder_changes_its_own_options_alone() -> None:
    nvenc = video_arguments(CLIP, SEEN, replace(PLAN, encoder=Encoder.NVENC))
    assert graphs(nvenc) == GRAPHS
    assert nvenc[nvenc.index("-c:v") + 1] == "h264_nvenc"
    assert {"-cq", "-g", "-r"} <= set(nvenc)
    assert "-crf" not in nvenc


def test_hdr_is_mapped_after_it_is_made_small_and_before_it_is_repeated() -> None:
    picture = Picture(3840, 2160, Colour("bt2020nc", "bt2020", "smpte2084"))
    [shown, _] = graphs(video_arguments(CLIP, Footage(picture), replace(PLAN, track=None)))
    steps = ["setparams", "select", "setpts", "scale", "zscale", "tonemap", "zscale", "format=yuv420p", "fps"]
    places = [shown.find(f"]{step}", 0 if number != 6 else shown.index("tonemap")) for number, step in enumerate(steps)]
    assert places == sorted(places)
    assert -1 not in places


def test_a_picture_of_three_lines_is_not_unwoven() -> None:
    [shown, _] = graphs(video_arguments(CLIP, Footage(Picture(64, 2)), replace(PLAN, track=None)))
    assert "bwdif" not in shown


def test_a_probe_reads_no_further_than_it_must() -> None:
    assert probe_arguments(CLIP.path) == [
        *("-t", "0", *READING, "-map", "0:V?", "-map", "0:a?", "-c", "copy", "-f", "null", "-"),
    ]
