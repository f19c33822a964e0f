"""Bytes: one S3 bucket, by boto3 in worker threads. Keys of derived objects are deterministic, so writing twice is harmless."""

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from shared.errors import BlobsUnavailable, NotFound
from shared.settings import PlatformSettings

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

T = TypeVar("T")

LINK_LIFETIME = 3600
"""Seconds that a presigned link works: a viewing session, not a leak."""
MISSING = {"404", "NoSuchKey", "NotFound", "NoSuchBucket"}


class Blobs:
    """The bucket. Every method raises BlobsUnavailable while the store cannot be used."""

    def __init__(self, settings: PlatformSettings) -> None:
        self.bucket = settings.s3_bucket
        self._client = s3_client(settings)

    async def put_file(self, path: Path, key: str, content_type: str) -> None:
        """Store a file's bytes under `key`; large ones go in parts."""
        extra = {"ContentType": content_type}
        await self._call(lambda: self._client.upload_file(str(path), self.bucket, key, ExtraArgs=extra))

    async def get_file(self, key: str, path: Path) -> None:
        """Fetch an object into a file; raises NotFound."""
        await self._call(lambda: self._client.download_file(self.bucket, key, str(path)), key)

    async def put(self, key: str, body: bytes, content_type: str) -> None:
        """Store bytes under `key`."""
        await self._call(lambda: self._client.put_object(Bucket=self.bucket, Key=key, Body=body, ContentType=content_type))

    async def get(self, key: str) -> bytes:
        """An object's bytes; raises NotFound."""

        def read() -> bytes:
            return self._client.get_object(Bucket=self.bucket, Key=key)["Body"].read()

        return await self._call(read, key)

    async def ready(self) -> None:
        """Return if the bucket answers."""
        await self._call(lambda: self._client.head_bucket(Bucket=self.bucket), self.bucket)

    async def make_bucket(self) -> None:
        """Create the bucket if it is not there."""
        try:
            await self.ready()
        except NotFound:
            await self._call(lambda: self._client.create_bucket(Bucket=self.bucket))

    def link(self, key: str, *, lifetime: int = LINK_LIFETIME) -> str:
        """A URL with which anyone can read the object for `lifetime` seconds."""
        return self._client.generate_presigned_url("get_object", Params={"Bucket": self.bucket, "Key": key}, ExpiresIn=lifetime)

    async def _call(self, call: Callable[[], T], key: str = "") -> T:
        return await asyncio.to_thread(_translated, call, key)


def s3_client(settings: PlatformSettings) -> "S3Client":
    """A client for the settings' endpoint; without one, for AWS with its usual credentials."""
    access, secret = settings.s3_access_key, settings.s3_secret_key
    return boto3.client(
        "s3",
        endpoint_url=settings.s3_endpoint,
        region_name=settings.s3_region,
        aws_access_key_id=access.get_secret_value() if access else None,
        aws_secret_access_key=secret.get_secret_value() if secret else None,
        config=Config(
            s3={"addressing_style": "path" if settings.s3_endpoint else "auto"},
            signature_version="s3v4",
            retries={"mode": "standard", "max_attempts": 4},
            connect_timeout=5,
            read_timeout=60,
            max_pool_connections=16,
        ),
    )


def _translated(call: Callable[[], T], key: str) -> T:
    """Call boto3 and turn its errors into ours: what is not there is the caller's business, the rest is the store's."""
    try:
        return call()
    except ClientError as error:
        if error.response.get("Error", {}).get("Code") in MISSING:
            raise NotFound("object", key) from error
        raise BlobsUnavailable(f"The object store refused: {error}") from error
    except (BotoCoreError, OSError) as error:
        raise BlobsUnavailable(f"The object store cannot be reached: {error}") from error
