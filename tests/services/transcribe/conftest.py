"""Fixtures of the transcription service's tests."""

import os

import pytest

os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")  # as the service has it: read when CTranslate2 is loaded

from services.transcribe.handlers import Resources
from services.transcribe.whisper import Whisper
from shared.service import Platform
from tests.support.sounding import SETTINGS


@pytest.fixture(scope="session")
def whisper() -> Whisper:
    """One model for all tests that change no setting."""
    return Whisper(SETTINGS, workers=2)


@pytest.fixture
def resources(platform: Platform, whisper: Whisper) -> Resources:
    """What the handlers work with."""
    return Resources(platform, whisper)
