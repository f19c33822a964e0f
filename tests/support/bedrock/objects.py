"""The S3 that the fake reads media from and writes results to, through a client of its own."""

import re
from dataclasses import dataclass

import boto3
from botocore.config import Config
from botocore.credentials import Credentials
from botocore.exceptions import BotoCoreError, ClientError

from tests.support.bedrock.errors import invalid

PLACE = re.compile(r"s3://(?P<bucket>[^/]+)(?:/(?P<key>.*))?", re.DOTALL)


@dataclass(frozen=True)
class Object:
    """Bytes with what the store says of them."""

    body: bytes
    content_type: str


class Objects:
    """An S3 store, or none; keys are taken literally, as Bedrock takes them."""

    def __init__(self, endpoint: str | None, credentials: Credentials, region: str) -> None:
        self._client = endpoint and boto3.client(
            "s3",
            endpoint_url=endpoint,
            region_name=region,
            aws_access_key_id=credentials.access_key,
            aws_secret_access_key=credentials.secret_key,
            config=Config(s3={"addressing_style": "path"}, retries={"total_max_attempts": 2, "mode": "standard"}),
        )

    def size(self, uri: str) -> int:
        """Bytes of an object; raises ValidationException if it is not there."""
        return self._head(uri)[0]

    def read(self, uri: str, types: tuple[str, ...]) -> Object:
        """An object whose content type begins with one of these; raises ValidationException."""
        _, content_type = self._head(uri)
        if not content_type.startswith(types):
            raise invalid(f"The content type {content_type} of the S3 object {uri} is not supported.")
        bucket, key = _split(uri)
        assert self._client
        return Object(self._client.get_object(Bucket=bucket, Key=key)["Body"].read(), content_type)

    def write(self, uri: str, body: bytes, content_type: str) -> None:
        """Store an object; raises ValidationException if the bucket does not take it."""
        bucket, key = _split(uri)
        if not self._client:
            raise invalid(f"Invalid S3 location: {uri} cannot be written to.")
        try:
            self._client.put_object(Bucket=bucket, Key=key, Body=body, ContentType=content_type)
        except (BotoCoreError, ClientError) as error:
            raise invalid(f"Invalid S3 location: {uri} cannot be written to.") from error

    def has_bucket(self, uri: str) -> bool:
        """Whether the bucket of an address is there."""
        try:
            return bool(self._client and self._client.head_bucket(Bucket=_split(uri)[0]))
        except (BotoCoreError, ClientError):
            return False

    def close(self) -> None:
        """Let the store's connections go."""
        if self._client:
            self._client.close()

    def _head(self, uri: str) -> tuple[int, str]:
        bucket, key = _split(uri)
        refusal = invalid(f"Unable to read the S3 object {uri}: it is not there, or the caller may not read it.")
        if not self._client or not key:
            raise refusal
        try:
            found = self._client.head_object(Bucket=bucket, Key=key)
        except (BotoCoreError, ClientError) as error:
            raise refusal from error
        return int(found["ContentLength"]), str(found.get("ContentType", ""))


def _split(uri: str) -> tuple[str, str]:
    found = PLACE.fullmatch(uri)
    if not found:
        raise invalid(f"Invalid S3 URI: {uri}")
    return found["bucket"], found["key"] or ""
