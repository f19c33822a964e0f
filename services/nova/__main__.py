"""The nova service: `python -m services.nova`."""

from services.nova.app import build
from shared.service import run

if __name__ == "__main__":
    run("nova", build)
