"""Clients of the fake, and media to show it; nothing is imported from here."""

import io
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from tests.support.bedrock import FakeBedrock
from tests.support.bedrock.clients import client
from tests.support.media import tiny_video


@pytest.fixture
def runtime(bedrock: FakeBedrock) -> Iterator[Any]:
    """bedrock-runtime, through boto3."""
    with client(bedrock, "bedrock-runtime") as made:
        yield made


@pytest.fixture
def control(bedrock: FakeBedrock) -> Iterator[Any]:
    """bedrock, through boto3."""
    with client(bedrock, "bedrock") as made:
        yield made


@pytest.fixture(scope="session")
def film(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """A silent video of 12 seconds."""
    return tiny_video(tmp_path_factory.mktemp("film") / "film.mp4", seconds=12, sound=False, rate=5).read_bytes()


@pytest.fixture(scope="session")
def talkie(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A video of 7 seconds with a tone."""
    return tiny_video(tmp_path_factory.mktemp("talkie") / "talkie.mp4", seconds=7, rate=5)


@pytest.fixture(scope="session")
def photo() -> bytes:
    """A picture for which AWS tells the tokens."""
    body = io.BytesIO()
    Image.new("RGB", (900, 450), "steelblue").save(body, "PNG")
    return body.getvalue()
