"""Argument lists from graphs."""

from pathlib import Path

from shared.media_graph import CONTAINERS, arguments, connected, lasting, open_source, opened, output


def test_a_source_is_named_in_full_and_may_be_nothing_but_media_in_a_file() -> None:
    assert arguments(Path("/films/a b.mp4"), output(open_source()["V:0"], "copy.mkv", c="copy")) == [
        "-format_whitelist",
        CONTAINERS,
        "-protocol_whitelist",
        "file,pipe",
        "-i",
        "file:/films/a b.mp4",
        "-map",
        "0:V:0",
        "-c",
        "copy",
        "copy.mkv",
    ]
    assert not {"hls", "concat", "dash", "sdp", "lavfi"} & set(CONTAINERS.split(","))


def test_parts_of_a_graph_that_share_nothing_are_graphs_of_their_own() -> None:
    sound = "[0:a:0]aresample[s0];[s0]asplit=2[s1][s2]"
    picture = r"[0:V:0]fps=15[s3];[s3]drawtext=text=a\;[s4]split=2[s5][s6];[s5]null[s7];[s6]select=gt(t\,1)[s8]"
    assert connected(f"{sound};{picture}") == [sound, picture]
    assert connected("[0]fps=15[s0]") == ["[0]fps=15[s0]"]


def test_what_follows_a_lasting_filter_is_a_graph_of_its_own() -> None:
    stream = lasting(open_source()["a:0"].filter("aformat", channel_layouts="stereo"), "anull").filter("aresample", 8000)
    listed = arguments(Path("/films/a.mkv"), output(stream, "a.wav"))
    graphs = [listed[place + 1] for place, word in enumerate(listed) if word == "-filter_complex"]
    assert graphs == ["[0:a:0]aformat=channel_layouts=stereo[s0];[s0]anull@lasting[s1]", "[s1]aresample=8000[s2]"]


def test_a_source_can_be_opened_without_a_graph() -> None:
    assert opened(Path("/films/-a.mp4")) == [
        *("-format_whitelist", CONTAINERS, "-protocol_whitelist", "file,pipe", "-i", "file:/films/-a.mp4"),
    ]
