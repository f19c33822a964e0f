"""Starts the ingest service."""

if __name__ == "__main__":  # imports too: each inspector's process imports this module again, and needs none of them
    from services.ingest.app import build
    from shared.service import run

    run("ingest", build)
