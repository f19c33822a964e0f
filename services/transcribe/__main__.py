"""The transcription service: `python -m services.transcribe`."""

import os

# Read when CTranslate2 is loaded. Its threads would wait for work by spinning, and where every core is taken, as by ffmpeg of
# the proxy service, they then spend five times the processor's time and keep the others from theirs.
os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")

from services.transcribe.app import build
from shared.service import run

if __name__ == "__main__":
    run("transcribe", build)
