"""The sides of the image benchmark: each turns a file into the same two JPEGs in its own way.

`make` does all of it; `pixels` gives the larger rendition before it is coded, to compare.
"""

import io
from abc import ABC, abstractmethod
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from PIL import Image, ImageCms, ImageOps

from services.proxy.image_loading import load, loader_of
from services.proxy.image_rendering import finished
from services.proxy.image_size import fitted, thumbnail
from services.proxy.images import ImageJob, render

Pixels = npt.NDArray[np.uint8]
PIXEL_LIMIT = 10**9
QUALITY = 85
IMAGE, THUMBNAIL = "image.jpg", "thumbnail.jpg"


class ImageSide(ABC):
    """One way to make the renditions."""

    @abstractmethod
    def make(self, source: Path, folder: Path) -> None:
        """Both renditions, into the folder."""

    @abstractmethod
    def pixels(self, source: Path) -> Pixels:
        """The larger rendition."""


class Spillway(ImageSide):
    """Ours, as a worker calls it."""

    def make(self, source: Path, folder: Path) -> None:
        render(ImageJob(source, folder / IMAGE, folder / THUMBNAIL, PIXEL_LIMIT))

    def pixels(self, source: Path) -> Pixels:
        loader = loader_of(source)
        assert loader is not None
        found: Pixels = finished(load(source, loader, PIXEL_LIMIT)).numpy()
        return found


class PlainPillow(ImageSide):
    """Pillow as its tutorial has it: decode, convert, Lanczos."""

    def make(self, source: Path, folder: Path) -> None:
        image = self._image(source)
        image.save(folder / IMAGE, quality=QUALITY)
        image.resize(thumbnail(image.size), Image.Resampling.LANCZOS).save(folder / THUMBNAIL, quality=QUALITY)

    def pixels(self, source: Path) -> Pixels:
        return np.asarray(self._image(source))

    def _image(self, source: Path) -> Image.Image:
        with Image.open(source) as image:
            size = fitted(image.size)
            self._hint(image, size)
            scaled = image.convert("RGB").resize(size, Image.Resampling.LANCZOS)
            profile = image.info.get("icc_profile")
        if profile:
            srgb = ImageCms.createProfile("sRGB")
            scaled = ImageCms.profileToProfile(scaled, ImageCms.ImageCmsProfile(io.BytesIO(profile)), srgb) or scaled
        return ImageOps.exif_transpose(scaled)

    def _hint(self, image: Image.Image, size: tuple[int, int]) -> None:
        """Nothing: the whole image is decoded."""


class PillowDraft(PlainPillow):
    """Pillow told to decode JPEGs smaller."""

    def _hint(self, image: Image.Image, size: tuple[int, int]) -> None:
        image.draft("RGB", size)


class Pyvips(ImageSide):
    """libvips's own thumbnailer, which its documentation says to use, into sRGB; the small rendition from the large."""

    def make(self, source: Path, folder: Path) -> None:
        image = self._image(source)
        width, height = thumbnail((image.width, image.height))
        small = image.thumbnail_image(width, height=height, size="force")
        for made, name in ((image, IMAGE), (small, THUMBNAIL)):
            made.jpegsave(str(folder / name), Q=QUALITY, keep="none")

    def pixels(self, source: Path) -> Pixels:
        found: Pixels = self._image(source).numpy()
        return found

    def _image(self, source: Path) -> Any:
        import pyvips

        header = pyvips.Image.new_from_file(str(source))
        width, height = fitted((header.width, header.height))
        if header.get_fields().count("orientation") and header.get("orientation") >= 5:
            width, height = height, width
        into_srgb = {"output_profile": "srgb"} if header.get_typeof("icc-profile-data") else {}
        return pyvips.Image.thumbnail(str(source), width, height=height, size="force", **into_srgb).copy_memory()


SIDES: dict[str, ImageSide] = {
    "Spillway": Spillway(),
    "pyvips": Pyvips(),
    "Pillow, draft": PillowDraft(),
    "Pillow": PlainPillow(),
}
