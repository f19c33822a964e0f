"""The servers that connected tests use: embedded ones from wheels, or the official images where a Docker engine is."""

from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path

from cli.local.settings import LocalSettings
from cli.local.stack import Stack
from shared.settings import PlatformSettings

POSTGRES_IMAGE = "pgvector/pgvector:pg18"
NATS_IMAGE = "nats:2.12"
S3_IMAGE = "chrislusf/seaweedfs:4.48"


@contextmanager
def embedded(folder: Path) -> Iterator[dict[str, str]]:
    """The project's own stack with its data in `folder`; yields the environment for services."""
    with Stack(LocalSettings(data=folder)) as environment:
        yield environment


@contextmanager
def containers() -> Iterator[dict[str, str]]:
    """The same servers from official images, through testcontainers; yields the environment for services."""
    from testcontainers.core.container import DockerContainer
    from testcontainers.core.waiting_utils import wait_for_logs
    from testcontainers.postgres import PostgresContainer

    with ExitStack() as stack:
        postgres = stack.enter_context(PostgresContainer(POSTGRES_IMAGE, driver=None))
        nats = stack.enter_context(DockerContainer(NATS_IMAGE).with_command("-js").with_exposed_ports(4222))
        s3 = stack.enter_context(DockerContainer(S3_IMAGE).with_command("mini -dir=/data").with_exposed_ports(8333))
        wait_for_logs(nats, "Server is ready", timeout=60)
        wait_for_logs(s3, "S3", timeout=60)
        yield {
            "SPILLWAY_DATABASE_URL": postgres.get_connection_url(),
            "SPILLWAY_NATS_URL": f"nats://{nats.get_container_host_ip()}:{nats.get_exposed_port(4222)}",
            "SPILLWAY_S3_ENDPOINT": f"http://{s3.get_container_host_ip()}:{s3.get_exposed_port(8333)}",
            "SPILLWAY_S3_BUCKET": "spillway",
            "SPILLWAY_S3_ACCESS_KEY": "any",
            "SPILLWAY_S3_SECRET_KEY": "any",
        }


def platform_settings(environment: Mapping[str, str], **overrides: object) -> PlatformSettings:
    """Settings for the servers of an environment, whatever this process's own environment says."""
    given = {name.removeprefix("SPILLWAY_").lower(): value for name, value in environment.items()}
    return PlatformSettings.model_validate({**given, **overrides})
