"""The fake as a fixture, with the environment that leads to it."""

from collections.abc import Iterator

import boto3
import pytest

from tests.support.bedrock.fake import ACCESS_KEY, SECRET_KEY, FakeBedrock, fake_bedrock

ASTRAY = (
    "AWS_PROFILE",
    "AWS_SESSION_TOKEN",
    "AWS_BEARER_TOKEN_BEDROCK",
    "AWS_ENDPOINT_URL",
    "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS",
)
"""What a developer's own environment may have, and would lead elsewhere."""


@pytest.fixture
def bedrock(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[FakeBedrock]:
    """Bedrock, and an environment in which AWS's SDK finds it; with the stack's S3 where a test uses the stack."""
    store: dict[str, str] = {}
    if "stack_environment" in request.fixturenames:
        store = request.getfixturevalue("stack_environment")
    with fake_bedrock(
        s3_endpoint=store.get("SPILLWAY_S3_ENDPOINT"),
        access_key=store.get("SPILLWAY_S3_ACCESS_KEY", ACCESS_KEY),
        secret_key=store.get("SPILLWAY_S3_SECRET_KEY", SECRET_KEY),
    ) as fake:
        for name in ASTRAY:
            monkeypatch.delenv(name, raising=False)
        for name, value in fake.environment.items():
            monkeypatch.setenv(name, value)
        monkeypatch.setattr(boto3, "DEFAULT_SESSION", None)  # it keeps the keys that it has found first
        yield fake
