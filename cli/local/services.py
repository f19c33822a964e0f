"""Which services run on this machine, and how each is started."""

import os
import sys
from collections.abc import Mapping

from cli.local.home import Home
from cli.local.ports import free_ports
from cli.local.settings import LocalSettings
from cli.local.supervisor import ServiceSpec

WORKERS = ("ingest", "proxy", "transcribe", "nova")
GATEWAY = "search"


def service_specs(settings: LocalSettings, overrides: Mapping[str, str]) -> list[ServiceSpec]:
    """Every service, each with health endpoints on a free port; `overrides` beat the environment."""
    specs = [
        spec(name, {"SPILLWAY_HEALTH_PORT": str(health), **overrides}, f"http://127.0.0.1:{health}/readyz")
        for name, health in zip(WORKERS, free_ports(len(WORKERS)), strict=True)
    ]
    own = {
        "SPILLWAY_PORT": str(settings.port),
        "SPILLWAY_SEARCH_CREDENTIALS_FILE": str(Home(settings.data).credentials),
    }
    gateway = spec(GATEWAY, {**own, **overrides}, f"http://127.0.0.1:{settings.port}/readyz")
    return [*specs, gateway]


def spec(name: str, environment: Mapping[str, str], health_url: str) -> ServiceSpec:
    """How to start one service."""
    own = {"SPILLWAY_LOG_FORMAT": os.environ.get("SPILLWAY_LOG_FORMAT", "console"), **environment}
    return ServiceSpec(name, [sys.executable, "-m", f"services.{name}"], own, health_url)
