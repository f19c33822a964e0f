"""What the services of an installation are told."""

import pytest

from cli.local.installation import platform_settings

SERVERS = {
    "SPILLWAY_DATABASE_URL": "postgresql://user@localhost/name",
    "SPILLWAY_NATS_URL": "nats://localhost",
    "SPILLWAY_S3_ENDPOINT": "http://localhost:1",
}


def test_pages_come_from_the_gateways_own_port_unless_told_otherwise(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("SPILLWAY_S3_BROWSER_ORIGINS", raising=False)
    assert platform_settings(SERVERS, 4711).s3_browser_origins == "http://127.0.0.1:4711 http://localhost:4711"
    monkeypatch.setenv("SPILLWAY_S3_BROWSER_ORIGINS", "https://media.example")
    assert platform_settings(SERVERS, 4711).s3_browser_origins == "https://media.example"


def test_the_stacks_addresses_beat_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SPILLWAY_S3_ENDPOINT", "http://elsewhere")
    monkeypatch.setenv("SPILLWAY_S3_BUCKET", "own")
    settings = platform_settings(SERVERS, 4711)
    assert (settings.s3_endpoint, settings.s3_bucket) == ("http://localhost:1", "own")
