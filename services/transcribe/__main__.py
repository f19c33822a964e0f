"""The transcription service: `python -m services.transcribe`."""

from services.transcribe.app import build
from shared.service import run

if __name__ == "__main__":
    run("transcribe", build)
