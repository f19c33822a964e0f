"""The gateway: `python -m services.search`."""

from services.search.server import run

if __name__ == "__main__":
    run()
