"""From ffmpeg's outputs to renditions: each is checked, the thumbnail is chosen, the sprite is laid out."""

import shutil
from pathlib import Path

from services.proxy import candidates, shots, sprite, thumbnails, video, waveform
from services.proxy.check import disagreement, measure, require_whole, shortfall
from services.proxy.conversion import Converted
from services.proxy.framing import FRAME_RATE
from services.proxy.hearing import samples_of
from services.proxy.looking import Candidate, size_of, survey
from services.proxy.recipes import recipe
from services.proxy.renditions import Measure, Rendered, Rendition, Source
from shared.errors import BadMedia
from shared.media_encoders import Encoder

NO_PICTURE = "No picture could be decoded. Check that the video plays, or copy it again from the camera or card."
NO_SOUND = "No sound could be decoded. Check that the file plays, or copy it again from the recorder or card."
SILENT = "The sound is damaged and could not be decoded; the proxy was made without it. Copy the file again to get it."

THUMBNAIL, SHEET, CUES, PEAKS = "thumbnail.jpg", "sprite.jpg", "sprite.vtt", "waveform.json"


class Assembly:
    """The renditions of one source, from the files in one folder."""

    def __init__(self, source: Source, folder: Path, converted: Converted) -> None:
        self._source = source
        self._folder = folder
        self._converted = converted

    def video(self) -> Rendered:
        """All of a video's renditions; raises BadMedia if there is no picture, Spoilt if the proxy is not whole."""
        converted = self._converted
        made = require_whole(self._folder / video.PROXY, converted.seconds, NO_PICTURE)
        cuts, pictures = self._pictures(made.measure.duration or 0.0)
        heard = self._heard() if converted.plan.track else ()
        silent = SILENT if converted.silenced or (converted.plan.track and not heard) else None
        return Rendered(
            (self._rendition("proxy", video.PROXY, "video/mp4", made.measure, converted.plan.encoder), *pictures, *heard),
            cuts,
            _sentences(self._shortfall(made.measure), silent or disagreement(made.lengths)),
        )

    def audio(self) -> Rendered:
        """All of a sound file's renditions; raises BadMedia if there is no sound, Spoilt if they are not whole."""
        proxy = require_whole(self._folder / video.LISTENING, self._converted.seconds, NO_SOUND).measure
        speech = require_whole(self._folder / video.SPEECH, self._converted.seconds, NO_SOUND).measure
        return Rendered(
            (self._rendition("proxy", video.LISTENING, "audio/mp4", proxy), *self._heard()), reason=self._shortfall(speech)
        )

    def _shortfall(self, measured: Measure) -> str | None:
        return shortfall(self._source.duration, measured.duration, guessed=self._converted.footage.length_guessed)

    def _pictures(self, duration: float) -> tuple[tuple[float, ...], tuple[Rendition, ...]]:
        """Where shots begin; and thumbnail and sprite."""
        with (self._folder / shots.CHANGES).open() as lines:
            changes = shots.changes(lines)
        cuts = shots.cuts(changes)
        numbers = candidates.even_row(candidates.number_of(file.name) for file in self._folder.glob(candidates.ALL_FILES))
        if not numbers:
            raise BadMedia(NO_PICTURE)
        frames = [
            Candidate(
                self._folder / (candidates.FILES % number),
                number / FRAME_RATE,
                max(changes[number : number + 2], default=0.0),
            )
            for number in numbers
        ]
        size = size_of(frames[0].path)
        sheet = sprite.sheet(len(frames), *size)
        looks = survey(frames, sheet, self._folder / SHEET)
        shutil.copyfile(frames[thumbnails.best(looks, cuts, duration)].path, self._folder / THUMBNAIL)
        cues = sprite.webvtt(sheet, [frame.at for frame in frames], duration, self._source.file_id)
        (self._folder / CUES).write_text(cues)
        return cuts, (
            self._rendition("thumbnail", THUMBNAIL, "image/jpeg", Measure(*size, None)),
            self._rendition("sprite", SHEET, "image/jpeg", Measure(*sheet.size, None)),
            self._rendition("sprite_vtt", CUES, "text/vtt", Measure(None, None, duration)),
        )

    def _heard(self) -> tuple[Rendition, ...]:
        """Speech audio and waveform; nothing if no sound came out."""
        speech = measure(self._folder / video.SPEECH)
        if speech is None:
            return ()
        (self._folder / PEAKS).write_text(waveform.document(samples_of(self._folder / video.SPEECH), video.SPEECH_RATE))
        return (
            self._rendition("audio", video.SPEECH, "audio/flac", speech),
            self._rendition("waveform", PEAKS, "application/json", Measure(None, None, speech.duration)),
        )

    def _rendition(self, name: str, file: str, content_type: str, size: Measure, encoder: Encoder = Encoder.X264) -> Rendition:
        path = self._folder / file
        made_with = recipe(self._source.kind, name, encoder)
        return Rendition(name, path, content_type, path.stat().st_size, size.width, size.height, size.duration, made_with)


def _sentences(*reasons: str | None) -> str | None:
    return " ".join(reason for reason in reasons if reason) or None
