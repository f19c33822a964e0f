"""Clips for the proxy benchmark, made by ffmpeg when they are first needed and kept in the system's temporary folder."""

import json
import random
import tempfile
from dataclasses import dataclass
from pathlib import Path

import av

from tests.support.media import run_ffmpeg

CACHE = Path(tempfile.gettempdir()) / "spillway-bench-proxy-1"
SECONDS, SHOTS, RATE = 24, 60, 25

DETAIL = f"mandelbrot=size=1920x1080:rate=30:start_scale=0.4:end_scale=0.05,noise=alls=10:allf=t,trim=duration={SECONDS}"
MOTIFS = (
    "mandelbrot=size=640x360:rate=25:start_scale={scale}:end_scale=0.02",
    "testsrc2=size=640x360:rate=25,hue=h={hue}",
    "gradients=size=640x360:rate=25:speed=0.03:seed={seed}:nb_colors=5",
    "life=size=160x90:rate=25:ratio=0.2:seed={seed}:mold=9:life_color=#{colour}:death_color=#203040,scale=640:360:flags=neighbor",
    "smptehdbars=size=1280x720:rate=25,crop=640:360:x='mod({hue}+{speed}*n\\,640)':y='180+40*sin(n/5)',hue=h={hue}",
    "cellauto=size=640x360:rate=25:scroll=1:full=1:rule={rule}:seed={seed},negate",
)
TREMBLE = ",crop=iw*0.9:ih*0.9:x='iw*0.05*(1+sin(n*1.3))':y='ih*0.05*(1+sin(n*1.7))',scale=640:360"
FLASH = ",eq=brightness='0.6*eq(mod(n\\,40)\\,20)':eval=frame"
GRAIN = ",noise=alls=18:allf=t"


@dataclass(frozen=True)
class Cut:
    """A clip and the seconds at which its shots begin, the first left out."""

    path: Path
    cuts: tuple[float, ...]


def detailed() -> Path:
    """24 seconds of 1080p30 H.264 with sound, full of detail."""
    path = CACHE / "detailed.mp4"
    if not path.exists():
        CACHE.mkdir(exist_ok=True)
        making = path.with_name("making.mp4")
        sound = ["-f", "lavfi", "-i", f"anoisesrc=duration={SECONDS}:color=pink:amplitude=0.3", "-c:a", "aac"]
        encoder = ["-c:v", "libx264", "-preset", "ultrafast", "-crf", "24", "-pix_fmt", "yuv420p"]
        run_ffmpeg("-f", "lavfi", "-i", DETAIL, *sound, *encoder, making)
        making.rename(path)
    return path


def cut_list() -> Cut:
    """Sixty shots of moving patterns, some of them trembling, grainy or with flashes."""
    path, told = CACHE / "cuts.mp4", CACHE / "cuts.json"
    if not told.exists():
        CACHE.mkdir(exist_ok=True)
        parts = [_shot(number) for number in range(SHOTS)]
        (CACHE / "parts.txt").write_text("".join(f"file '{part.name}'\n" for part in parts))
        encoder = ["-c:v", "libx264", "-preset", "veryfast", "-crf", "21"]
        run_ffmpeg("-f", "concat", "-safe", "0", "-i", CACHE / "parts.txt", *encoder, path)
        ends = [0]
        for part in parts:
            ends.append(ends[-1] + _frames(part))
            part.unlink()
        told.write_text(json.dumps([frame / RATE for frame in ends[1:-1]]))
    return Cut(path, tuple(json.loads(told.read_text())))


def _shot(number: int) -> Path:
    chance = random.Random(number)
    motif = MOTIFS[number % len(MOTIFS)].format(
        scale=chance.uniform(0.1, 2),
        hue=chance.randrange(360),
        seed=chance.randrange(1, 10**6),
        colour=f"{chance.randrange(0x404040, 0xFFFFFF):06x}",
        speed=chance.choice((1, 4, 9)),
        rule=chance.choice((18, 30, 90, 110)),
    )
    extra = "".join(effect for effect in (TREMBLE, FLASH, GRAIN) if chance.random() < 0.25)
    length = chance.choice((0.8, 1.2, 1.6, 2.4, 3.2))
    path = CACHE / f"shot-{number}.mkv"
    picture = f"{motif}{extra},format=yuv420p,trim=duration={length}"
    run_ffmpeg("-f", "lavfi", "-i", picture, "-c:v", "libx264", "-preset", "ultrafast", "-qp", "14", path)
    return path


def _frames(path: Path) -> int:
    with av.open(str(path)) as container:
        return sum(1 for packet in container.demux(video=0) if packet.size)
