"""Bytes: one S3 bucket, by boto3 in worker threads. Keys of derived objects are deterministic, so writing twice is harmless."""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

import boto3
import structlog
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from shared.errors import BlobsUnavailable, Conflict, NotFound
from shared.parts import Part
from shared.settings import PlatformSettings

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client
    from mypy_boto3_s3.type_defs import CORSRuleOutputTypeDef

T = TypeVar("T")

LINK_LIFETIME = 3600
"""Seconds that a presigned link works: a viewing session, not a leak."""
MISSING = {"404", "NoSuchKey", "NotFound", "NoSuchBucket", "NoSuchUpload", "NoSuchCORSConfiguration"}
UNFIT = {"InvalidPart", "InvalidPartOrder", "EntityTooSmall"}
"""What a store answers when parts cannot be joined as asked."""
RULE = "spillway"
"""Name of our rule among those of a bucket."""

log = structlog.get_logger()


@dataclass(frozen=True)
class Stored:
    """An object, or one whose parts are not joined yet and which then has a `multipart_id`."""

    key: str
    stored_at: datetime
    multipart_id: str | None = None
    size: int | None = None


class Blobs:
    """The bucket. Every method raises BlobsUnavailable while the store cannot be used."""

    def __init__(self, settings: PlatformSettings) -> None:
        self.bucket = settings.s3_bucket
        self._origins = settings.s3_browser_origins.split()
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

    async def size(self, key: str) -> int:
        """Bytes of an object; raises NotFound."""
        return (await self._call(lambda: self._client.head_object(Bucket=self.bucket, Key=key), key))["ContentLength"]

    async def delete(self, keys: Sequence[str]) -> None:
        """Remove up to 1000 objects; those that are not there are none the less gone."""
        objects = [{"Key": key} for key in keys]
        if objects:
            answer = await self._call(
                lambda: self._client.delete_objects(Bucket=self.bucket, Delete={"Objects": objects, "Quiet": True})  # type: ignore[typeddict-item]
            )
            if refused := answer.get("Errors"):
                raise BlobsUnavailable(f"The object store did not remove {len(refused)} objects: {refused[0].get('Message')}")

    async def stored(self, prefix: str) -> AsyncIterator[list[Stored]]:
        """The objects whose keys begin so, by the page."""
        pages = self._client.get_paginator("list_objects_v2").paginate(Bucket=self.bucket, Prefix=prefix)
        async for page in self._pages(pages):
            yield [Stored(found["Key"], found["LastModified"], size=found["Size"]) for found in page.get("Contents", [])]

    async def begin_parts(self, key: str, content_type: str) -> str:
        """Begin an object that comes in parts; answers with its multipart id."""
        begun = await self._call(
            lambda: self._client.create_multipart_upload(Bucket=self.bucket, Key=key, ContentType=content_type)
        )
        return begun["UploadId"]

    def part_link(self, key: str, multipart_id: str, number: int, size: int, *, lifetime: int = LINK_LIFETIME) -> str:
        """A URL to which anyone can PUT this part, of exactly this size, for `lifetime` seconds."""
        target = {"Bucket": self.bucket, "Key": key, "UploadId": multipart_id, "PartNumber": number, "ContentLength": size}
        return self._client.generate_presigned_url("upload_part", Params=target, ExpiresIn=lifetime)

    async def put_part(self, key: str, multipart_id: str, number: int, body: bytes) -> Part:
        """Store a part; raises NotFound if the object is begun no more."""
        stored = await self._call(
            lambda: self._client.upload_part(Bucket=self.bucket, Key=key, UploadId=multipart_id, PartNumber=number, Body=body),
            key,
        )
        return Part(number, len(body), stored["ETag"].strip('"'))

    async def parts(self, key: str, multipart_id: str) -> list[Part]:
        """The parts that are stored, by number; one that was stored twice may be told twice. Raises NotFound."""
        pages = self._client.get_paginator("list_parts").paginate(Bucket=self.bucket, Key=key, UploadId=multipart_id)
        return [
            Part(found["PartNumber"], found["Size"], found["ETag"].strip('"'), found["LastModified"])
            async for page in self._pages(pages, key)
            for found in page.get("Parts", [])
        ]

    async def join_parts(self, key: str, multipart_id: str, parts: Sequence[Part]) -> None:
        """Make the object of its parts; raises NotFound, or Conflict if they are not as the store has them."""
        named = [{"PartNumber": part.number, "ETag": f'"{part.etag}"'} for part in parts]
        await self._call(
            lambda: self._client.complete_multipart_upload(
                Bucket=self.bucket,
                Key=key,
                UploadId=multipart_id,
                MultipartUpload={"Parts": named},  # type: ignore[typeddict-item]
            ),
            key,
        )

    async def drop_parts(self, key: str, multipart_id: str) -> None:
        """Forget an object that is not joined, and its parts; nothing if it is not there."""
        try:
            await self._call(
                lambda: self._client.abort_multipart_upload(Bucket=self.bucket, Key=key, UploadId=multipart_id), key
            )
        except NotFound:
            return

    async def unjoined(self, prefix: str) -> AsyncIterator[list[Stored]]:
        """The objects in parts whose keys begin so, by the page."""
        pages = self._client.get_paginator("list_multipart_uploads").paginate(Bucket=self.bucket, Prefix=prefix)
        async for page in self._pages(pages):
            yield [Stored(found["Key"], found["Initiated"], found["UploadId"]) for found in page.get("Uploads", [])]

    async def admit(self, origins: Sequence[str]) -> None:
        """Let pages of these origins read and write by links; what others have ruled for the bucket stays."""
        if not origins:
            return
        rule = {
            "ID": RULE,
            "AllowedOrigins": list(origins),
            "AllowedMethods": ["GET", "HEAD", "PUT"],
            "AllowedHeaders": ["*"],
            "ExposeHeaders": ["ETag", "Content-Length", "Content-Range"],
            "MaxAgeSeconds": 3600,
        }
        others = [other for other in await self._rules() if other.get("ID") != RULE]
        configuration = {"CORSRules": [*others, rule]}
        await self._call(
            lambda: self._client.put_bucket_cors(Bucket=self.bucket, CORSConfiguration=configuration)  # type: ignore[arg-type]
        )

    async def ready(self) -> None:
        """Return if the bucket answers."""
        await self._call(lambda: self._client.head_bucket(Bucket=self.bucket), self.bucket)

    async def make_bucket(self) -> None:
        """Create the bucket if it is not there, and let the gateway's pages use its links."""
        try:
            await self.ready()
        except NotFound:
            await self._call(lambda: self._client.create_bucket(Bucket=self.bucket))
        try:
            await self.admit(self._origins)
        except BlobsUnavailable as error:  # not every user may; whoever runs the store can set the rule by hand
            log.warning("browsers cannot upload: the bucket's CORS rule could not be set", reason=str(error))

    def link(self, key: str, *, lifetime: int = LINK_LIFETIME, disposition: str | None = None) -> str:
        """A URL with which anyone can read the object for `lifetime` seconds, with this Content-Disposition if one is named."""
        target = {"Bucket": self.bucket, "Key": key}
        if disposition is not None:
            target["ResponseContentDisposition"] = disposition
        return self._client.generate_presigned_url("get_object", Params=target, ExpiresIn=lifetime)

    def head_link(self, key: str, *, lifetime: int = LINK_LIFETIME) -> str:
        """A URL whose HEAD tells the object's size and type: a link to read it is not signed for that."""
        target = {"Bucket": self.bucket, "Key": key}
        return self._client.generate_presigned_url("head_object", Params=target, ExpiresIn=lifetime)

    async def _rules(self) -> "Sequence[CORSRuleOutputTypeDef]":
        try:
            return (await self._call(lambda: self._client.get_bucket_cors(Bucket=self.bucket)))["CORSRules"]
        except NotFound:
            return []

    async def _pages(self, pages: Iterable[T], key: str = "") -> AsyncIterator[T]:
        listing = iter(pages)
        while (page := await self._call(lambda: next(listing, None), key)) is not None:
            yield page

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
        code = error.response.get("Error", {}).get("Code")
        if code in MISSING:
            raise NotFound("object", key) from error
        if code in UNFIT:
            raise Conflict(f"The object store cannot join the parts: {error}") from error
        raise BlobsUnavailable(f"The object store refused: {error}") from error
    except (BotoCoreError, OSError) as error:
        raise BlobsUnavailable(f"The object store cannot be reached: {error}") from error
