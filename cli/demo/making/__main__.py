"""Draws the demo's samples: `python -m cli.demo.making [--speak]`.

The sound comes from the clips that are there already, so that only `--speak` needs espeak-ng.
"""

import argparse
import shutil
import tempfile
from pathlib import Path

from cli.demo.making import manifest
from cli.demo.making.clips import film, frame_count, record
from cli.demo.making.encoding import Sound
from cli.demo.making.manifest import Entry
from cli.demo.making.narration import Sentence, narrate
from cli.demo.making.photographs import take
from cli.demo.making.script import CLIPS, PHOTOS, RECORDINGS, Clip, Photo, Recording

SAMPLES = Path(__file__).resolve().parent.parent / "samples"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--speak", action="store_true", help="say the sentences again with espeak-ng")
    parser.add_argument("--folder", type=Path, default=SAMPLES, help="where the samples lie (default: beside this code)")
    options = parser.parse_args()
    entries = [make_clip(clip, options.folder, speak=options.speak) for clip in CLIPS]
    entries += [make_recording(recording, options.folder, speak=options.speak) for recording in RECORDINGS]
    entries += [make_photo(photo, options.folder) for photo in PHOTOS]
    manifest.write(entries, options.folder)


def make_clip(clip: Clip, folder: Path, *, speak: bool) -> Entry:
    print(clip.path, flush=True)
    with tempfile.TemporaryDirectory() as scratch:
        if not clip.lines:
            return film(clip, (), None, folder)
        if not speak:
            return film(clip, manifest.spoken(folder, clip.path), _kept(folder / clip.path, Path(scratch)), folder)
        narration, voice = narrate(clip.lines), Path(scratch) / "voice.wav"
        narration.write(voice, seconds=frame_count(clip, narration.sentences) / clip.rate)
        return film(clip, narration.sentences, Sound(voice, as_it_is=False), folder)


def make_recording(recording: Recording, folder: Path, *, speak: bool) -> Entry:
    print(recording.path, flush=True)
    with tempfile.TemporaryDirectory() as scratch:
        if not speak:
            sentences = manifest.spoken(folder, recording.path)
            kept = _kept(folder / recording.path, Path(scratch))
            return record(recording, sentences, _seconds(recording, sentences), kept, folder)
        narration, voice = narrate(recording.lines), Path(scratch) / "voice.wav"
        narration.write(voice, seconds=narration.seconds)
        sound = Sound(voice, as_it_is=False)
        return record(recording, narration.sentences, _seconds(recording, narration.sentences), sound, folder)


def make_photo(photo: Photo, folder: Path) -> Entry:
    print(photo.path, flush=True)
    target = folder / photo.path
    target.parent.mkdir(parents=True, exist_ok=True)
    take(photo, target)
    truth = Entry(photo.path, "image", photo.width, photo.height)
    if photo.camera is None:
        return truth
    place = (photo.place.latitude, photo.place.longitude, photo.place.altitude) if photo.place else None
    camera = {"make": photo.camera.make, "model": photo.camera.model, "lens": photo.camera.lens}
    return Entry(
        photo.path,
        "image",
        photo.width,
        photo.height,
        taken=photo.taken.isoformat(),
        camera=camera,
        orientation=photo.orientation,
        gps=place,
    )


def _seconds(recording: Recording, sentences: tuple[Sentence, ...]) -> float:
    return sentences[-1].end + recording.lines[-1].pause


def _kept(made: Path, scratch: Path) -> Sound:
    """The sound of a file that is about to be replaced."""
    return Sound(Path(shutil.copy2(made, scratch / made.name)), as_it_is=True)


if __name__ == "__main__":
    main()
