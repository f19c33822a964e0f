"""What the probe tells of pictures and sound beyond their size, from clips that ffmpeg makes."""

import json
import struct
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from pydantic import JsonValue

from services.ingest.inspection.sniff import sniff
from services.ingest.metadata.probe import describe_media
from services.ingest.outcome import Description
from tests.support.media import run_ffmpeg, tiny_photo, tiny_video
from tests.support.xmp import alternatives, bag, packet

PICTURE = ("-f", "lavfi", "-i", "testsrc2=size=64x48:rate=25:duration=2")
TONE = ("-f", "lavfi", "-i", "sine=frequency=440:sample_rate=48000:duration=1")
H264 = ("-c:v", "libx264", "-preset", "ultrafast", "-pix_fmt", "yuv420p")
HDR = ("-c:v", "libx265", "-preset", "ultrafast", "-pix_fmt", "yuv420p10le", "-x265-params")
XMP_BOX = UUID("be7acfcb-97a9-42e8-9c71-999491e3afac").bytes


def described(path: Path) -> Description:
    with path.open("rb") as file:
        format_ = sniff(file.read(4096))
        assert format_ is not None
        file.seek(0)
        return describe_media(file, format_)


def told(path: Path, block: str) -> dict[str, Any]:
    found = described(path).metadata[block]
    assert isinstance(found, dict)
    return found


@pytest.mark.parametrize("name", ["a.mp4", "a.mkv"])
def test_frames_that_come_unevenly_are_noticed(tmp_path: Path, name: str) -> None:
    run_ffmpeg(*PICTURE, "-vf", "select=not(mod(n\\,3))+not(mod(n\\,5))", "-fps_mode", "vfr", *H264, tmp_path / name)
    assert told(tmp_path / name, "video")["variable_frame_rate"] is True


@pytest.mark.parametrize("name", ["a.mp4", "a.mov", "a.mkv", "a.avi", "a.mts"])
def test_frames_that_come_evenly_are_not_called_uneven(tmp_path: Path, name: str) -> None:
    run_ffmpeg(*PICTURE, "-c:v", "libx264", "-preset", "medium", "-bf", "3", "-pix_fmt", "yuv420p", tmp_path / name)
    assert told(tmp_path / name, "video")["variable_frame_rate"] is False


def test_a_change_of_rate_late_in_a_long_file_is_noticed(tmp_path: Path) -> None:
    slow = "settb=1/600,setpts=if(lt(N\\,700)\\,N*20\\,14000+(N-700)*60)"
    source = ("-f", "lavfi", "-i", "color=size=16x16:rate=30:duration=30")
    run_ffmpeg(*source, "-vf", slow, "-fps_mode", "passthrough", "-enc_time_base", "1:600", *H264, tmp_path / "a.mp4")
    assert told(tmp_path / "a.mp4", "video")["variable_frame_rate"] is True


@pytest.mark.parametrize(("first", "field"), [("tff", "top"), ("bff", "bottom")])
@pytest.mark.parametrize(
    ("name", "codec"), [("a.mp4", "libx264"), ("a.mts", "libx264"), ("a.mts", "mpeg2video"), ("a.mov", "prores_ks")]
)
def test_interlaced_pictures_are_told_with_their_first_field(
    tmp_path: Path, name: str, codec: str, first: str, field: str
) -> None:
    extra = ("-x264opts", f"{first}=1", "-pix_fmt", "yuv420p") if codec == "libx264" else ()
    run_ffmpeg(*PICTURE, "-vf", f"setfield={first}", "-flags", "+ilme+ildct", "-c:v", codec, *extra, tmp_path / name)
    assert told(tmp_path / name, "video")["interlaced"] == field


def test_progressive_pictures_are_not_called_interlaced(tmp_path: Path) -> None:
    assert "interlaced" not in told(tiny_video(tmp_path / "a.mp4"), "video")


def test_hdr10_is_told_with_its_static_values(tmp_path: Path) -> None:
    static = "master-display=G(13250,34500)B(7500,3000)R(34000,16000)WP(15635,16450)L(10000000,1):max-cll=1000,400"
    colours = "colorprim=bt2020:transfer=smpte2084:colormatrix=bt2020nc"
    run_ffmpeg(*PICTURE, *HDR, f"log-level=none:{colours}:{static}", tmp_path / "a.mp4")
    video = told(tmp_path / "a.mp4", "video")
    assert (video["hdr"], video["hdr_format"], video["bit_depth"]) == ("pq", "HDR10", 10)
    assert (video["hdr_static"]["brightest"], video["hdr_static"]["max_cll"]) == (1000.0, 1000)
    assert video["colour"] == {"primaries": "bt2020", "transfer": "smpte2084", "matrix": "bt2020nc", "range": "tv"}


def test_hlg_is_told(tmp_path: Path) -> None:
    colours = "colorprim=bt2020:transfer=arib-std-b67:colormatrix=bt2020nc"
    run_ffmpeg(*PICTURE, *HDR, f"log-level=none:{colours}", tmp_path / "a.mkv")
    video = told(tmp_path / "a.mkv", "video")
    assert (video["hdr"], video["hdr_format"]) == ("hlg", "HLG")


def test_ten_bits_alone_are_no_hdr(tmp_path: Path) -> None:
    run_ffmpeg(*PICTURE, "-c:v", "libx264", "-pix_fmt", "yuv422p10le", tmp_path / "a.mov")
    video = told(tmp_path / "a.mov", "video")
    assert "hdr" not in video
    assert (video["bit_depth"], video["profile"], video["codec_tag"]) == (10, "High 4:2:2", "avc1")


def test_a_mirrored_picture_is_told(tmp_path: Path) -> None:
    plain = tiny_video(tmp_path / "plain.mp4")
    run_ffmpeg("-display_rotation:v:0", "90", "-display_hflip:v:0", "-i", plain, "-c", "copy", tmp_path / "a.mp4")
    video = told(tmp_path / "a.mp4", "video")
    assert (video["rotation"], video["mirrored"]) == (90, True)
    found = described(tmp_path / "a.mp4")
    assert (found.width, found.height) == (48, 64)


def test_the_start_is_told_where_a_recording_does_not_begin_at_zero(tmp_path: Path) -> None:
    run_ffmpeg(*PICTURE, *H264, "-output_ts_offset", "10", tmp_path / "a.mts")
    assert told(tmp_path / "a.mts", "video")["start"] == pytest.approx(11.4, abs=0.2)


def test_every_track_is_listed_with_its_language(tmp_path: Path) -> None:
    languages = ("-metadata:s:a:0", "language=eng", "-metadata:s:a:1", "language=deu", "-metadata:s:a:1", "title=Lavalier")
    mapping = ("-map", "0", "-map", "1", "-map", "2", "-ac:a:1", "1")
    run_ffmpeg(*PICTURE, *TONE, *TONE, *mapping, *languages, "-timecode", "01:00:00:00", *H264, tmp_path / "a.mp4")
    found = described(tmp_path / "a.mp4").metadata
    tracks = found["tracks"]
    assert isinstance(tracks, list)
    assert [track["type"] for track in tracks if isinstance(track, dict)] == ["video", "audio", "audio", "data"]
    assert [track.get("language") for track in tracks if isinstance(track, dict)][1:3] == ["eng", "deu"]
    assert found["timecode"] == "01:00:00:00"


def test_the_sound_is_told_with_layout_and_depth(tmp_path: Path) -> None:
    surround = ("-f", "lavfi", "-i", "anullsrc=channel_layout=5.1:sample_rate=48000:duration=1")
    run_ffmpeg(*surround, "-c:a", "pcm_s24le", tmp_path / "a.wav")
    sound = told(tmp_path / "a.wav", "audio")
    assert (sound["channels"], sound["layout"], sound["bit_depth"], sound["sample_rate"]) == (6, "5.1", 24, 48000)


def test_chapters_are_told(tmp_path: Path) -> None:
    (tmp_path / "chapters").write_text(
        ";FFMETADATA1\n[CHAPTER]\nTIMEBASE=1/1000\nSTART=0\nEND=500\ntitle=Digging\n"
        "[CHAPTER]\nTIMEBASE=1/1000\nSTART=500\nEND=1000\ntitle=Filling\n"
    )
    run_ffmpeg("-i", tiny_video(tmp_path / "plain.mp4"), "-i", tmp_path / "chapters", "-map_metadata", "1", "-c", "copy",
               tmp_path / "a.mkv")  # fmt: skip
    assert described(tmp_path / "a.mkv").metadata["chapters"] == [
        {"start": 0.0, "title": "Digging"},
        {"start": 0.5, "title": "Filling"},
    ]


def box(kind: bytes, content: bytes) -> bytes:
    return struct.pack(">I", 8 + len(content)) + kind + content


def test_xmp_in_a_video_is_read_wherever_writers_put_it(tmp_path: Path) -> None:
    written = packet(
        bag("dc:subject", "waterfall"),
        alternatives("dc:title", x_default="Dusk"),
        xmp_CreateDate="2021-05-01T10:00:00+02:00",
        exif_GPSLatitude="37,46.494N",
        exif_GPSLongitude="122,25,10W",
        tiff_Model="FX6",
    )
    path = tiny_video(tmp_path / "a.mp4")
    path.write_bytes(path.read_bytes() + box(b"uuid", XMP_BOX + written))
    found = described(path)
    assert found.metadata["Title"] == "Dusk"
    assert found.metadata["Keywords"] == ["waterfall"]
    assert found.captured_at == datetime(2021, 5, 1, 8, tzinfo=UTC)
    assert (found.metadata["captured_from"], found.metadata["captured_zone"]) == ("XMP", "+02:00")
    assert (found.latitude, found.longitude) == (37.7749, -122.4194444)
    assert found.camera == "FX6"

    run_ffmpeg("-i", tiny_video(tmp_path / "b.mov"), "-c", "copy", "-movflags", "+faststart", tmp_path / "c.mov")
    assert "xmp" not in described(tmp_path / "c.mov").metadata


def test_xmp_in_the_user_data_of_a_movie_is_read(tmp_path: Path) -> None:
    run_ffmpeg(*PICTURE, *H264, "-metadata", "title=x" * 40, tmp_path / "a.mov")
    content = (tmp_path / "a.mov").read_bytes()
    at = content.index(b"udta") - 4
    size = int.from_bytes(content[at : at + 4], "big")
    written = packet(alternatives("dc:title", x_default="Dusk"))
    moov = content.index(b"moov") - 4
    grown = bytearray(content[: at + size] + box(b"XMP_", written) + content[at + size :])
    for place in (at, moov):
        before = int.from_bytes(grown[place : place + 4], "big")
        grown[place : place + 4] = struct.pack(">I", before + 8 + len(written))
    assert moov > content.index(b"mdat"), "the offsets of the media stay right"
    (tmp_path / "b.mov").write_bytes(grown)
    assert described(tmp_path / "b.mov").metadata["Title"] == "Dusk"


def test_a_container_that_counts_from_an_epoch_tells_the_time_but_no_zone(tmp_path: Path) -> None:
    run_ffmpeg(*PICTURE, *H264, "-metadata", "creation_time=2021-05-01T08:00:00Z", tmp_path / "a.mp4")
    found = described(tmp_path / "a.mp4")
    assert found.captured_at == datetime(2021, 5, 1, 8, tzinfo=UTC)
    assert found.metadata["captured_from"] == "container"
    assert "captured_zone" not in found.metadata


def test_the_height_above_the_sea_is_told(tmp_path: Path) -> None:
    options = ("-movflags", "use_metadata_tags", "-metadata", "com.apple.quicktime.location.ISO6709=+48.8577+002.2950+035.5/")
    run_ffmpeg(*PICTURE, *H264, *options, tmp_path / "a.mov")
    assert described(tmp_path / "a.mov").metadata["gps"] == {"altitude": 35.5}


def test_what_a_film_crews_recorder_writes_is_found(tmp_path: Path) -> None:
    tags = {
        "description": "Waterfall, close", "originator": "MixPre", "origination_date": "2021-05-01",
        "origination_time": "10:00:00", "time_reference": "172800000",
    }  # fmt: skip
    options = [part for name, value in tags.items() for part in ("-metadata", f"{name}={value}")]
    run_ffmpeg(*TONE, "-write_bext", "1", *options, tmp_path / "a.wav")
    slate = b"<BWFXML><SCENE>12A</SCENE><TAKE>3</TAKE><NOTE>wind</NOTE></BWFXML>"
    with (tmp_path / "a.wav").open("ab") as file:
        file.write(b"iXML" + struct.pack("<I", len(slate)) + slate)
    found = described(tmp_path / "a.wav")
    assert found.captured_at == datetime(2021, 5, 1, 10, tzinfo=UTC)
    assert found.metadata["captured_from"] == "recorder"
    assert found.metadata["ixml"] == {"scene": "12A", "take": "3", "note": "wind"}
    assert found.metadata["UserComment"] == ["wind", "scene 12A, take 3", "Waterfall, close"]
    container = found.metadata["tags"]
    assert isinstance(container, dict)
    assert container["time_reference"] == "172800000"


@pytest.mark.parametrize("name", ["a.mp3", "a.flac", "a.ogg", "a.m4a"])
def test_what_people_write_into_sound_is_found(tmp_path: Path, name: str) -> None:
    tags = ("-metadata", "title=Interview", "-metadata", "artist=Ann", "-metadata", "comment=About the pool")
    run_ffmpeg(*TONE, *tags, tmp_path / name)
    found = described(tmp_path / name).metadata
    assert (found["Title"], found["Creator"]) == ("Interview", "Ann")
    assert "About the pool" in json.dumps(found["UserComment"] if "UserComment" in found else found["Description"])


def test_a_codec_tag_that_is_no_text_costs_nothing_else(tmp_path: Path) -> None:
    sound = told(tiny_video(tmp_path / "a.avi"), "audio")
    assert sound["codec"] == "aac"
    assert "codec_tag" not in sound, "it is the byte 255"


def test_cover_art_is_listed_as_such(tmp_path: Path) -> None:
    cover = tiny_photo(tmp_path / "cover.jpg")
    path = tmp_path / "a.m4a"
    run_ffmpeg(*TONE, "-i", cover, "-map", "0", "-map", "1", "-c:v", "mjpeg", "-disposition:v", "attached_pic", path)
    tracks: JsonValue = described(path).metadata["tracks"]
    assert isinstance(tracks, list)
    assert [isinstance(track, dict) and track.get("is_cover") for track in tracks] == [None, True]
