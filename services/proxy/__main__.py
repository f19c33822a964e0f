"""The proxy service: `python -m services.proxy`."""

from services.proxy.app import build
from shared.service import run

if __name__ == "__main__":
    run("proxy", build)
