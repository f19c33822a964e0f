"""The bucket on AWS in which Bedrock finds what is too large to be sent to it. It is not the bucket of the library."""

import asyncio
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import boto3
from botocore.config import Config
from botocore.exceptions import ClientError, HTTPClientError

from shared.bedrock.client import making
from shared.bedrock.faults import Asked
from shared.bedrock.redaction import redacted
from shared.bedrock.translating import said_by, translated
from shared.errors import Permanent, SpillwayError, Transient
from shared.models.bedrock_settings import BedrockSettings

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

NONE_SET = (
    "This is too large to be sent to Amazon Bedrock within a request, and there is no bucket from which it could read it. Make "
    "one on AWS in {region}, set SPILLWAY_BEDROCK_STAGING_BUCKET to its name, then try again; docs/guides/bedrock.md tells how."
)
NOT_THERE = (
    "The staging bucket {bucket} is not there. Make it on AWS in {region}, or set SPILLWAY_BEDROCK_STAGING_BUCKET to another, "
    "then try again."
)
ELSEWHERE = (
    "The staging bucket {bucket} is not in {region}, where Bedrock is asked. Set SPILLWAY_BEDROCK_STAGING_BUCKET to one in "
    "{region}, then try again. {said}"
)
NO_ACCESS = (
    "AWS does not let us use the staging bucket {bucket}. Let the role or user have s3:PutObject, s3:GetObject and "
    "s3:DeleteObject on {bucket}/{prefix}*, then try again. {said}"
)
GONE = (
    "What Bedrock wrote into the staging bucket {bucket} is not there. Look whether a rule of the bucket removes it, then try "
    "again."
)
BROKEN_OFF = "The connection to the staging bucket {bucket} ended before all was said; it is tried again."
REFUSED = "The staging bucket {bucket} did not take the file. {said}"

BY_CODE: dict[str, str] = {
    "NoSuchKey": GONE,
    "NoSuchBucket": NOT_THERE,
    "PermanentRedirect": ELSEWHERE,
    "AuthorizationHeaderMalformed": ELSEWHERE,
    "IllegalLocationConstraintException": ELSEWHERE,
    "AccessDenied": NO_ACCESS,
    "AllAccessDisabled": NO_ACCESS,
    "AccountProblem": NO_ACCESS,
}
OF_CREDENTIALS = {
    *("InvalidAccessKeyId", "SignatureDoesNotMatch", "ExpiredToken", "InvalidToken", "TokenRefreshRequired"),
    *("RequestTimeTooSkewed", "RequestExpired"),
}
PASSING = {"InternalError", "ServiceUnavailable", "SlowDown", "RequestTimeout", "OperationAborted"}


class StagingRefused(Permanent):
    """The staging bucket cannot be used; the text says what to set or to allow."""


class StagingBusy(Transient):
    """The staging bucket does not take anything just now."""


class Staging:
    """Objects in the staging bucket, for as long as a call needs them."""

    def __init__(self, settings: BedrockSettings) -> None:
        self._settings = settings
        self._client: S3Client | None = None
        self._in_use: Counter[str] = Counter()

    async def put(self, path: Path, key: str, content_type: str) -> str:
        """Copy a file there and answer with its URI; raises StagingRefused. `delete` belongs to it even then."""
        bucket, name = self._bucket(), self._name(key)
        self._in_use[key] += 1

        def copy(client: "S3Client") -> None:
            with path.open("rb") as file:  # by `upload_file`, AWS's error would be lost in a text
                client.upload_fileobj(file, bucket, name, ExtraArgs={"ContentType": content_type})

        await self._call(copy)
        return f"s3://{bucket}/{name}"

    async def get(self, uri: str) -> bytes:
        """What Bedrock has written there; raises StagingRefused."""
        bucket, _, name = uri.removeprefix("s3://").partition("/")
        found: list[bytes] = []
        await self._call(lambda client: found.append(client.get_object(Bucket=bucket, Key=name)["Body"].read()))
        return found[0]

    async def delete(self, key: str) -> None:
        """Remove an object once all who put it there have asked for that; nothing if it is not there."""
        self._in_use[key] -= 1
        if self._in_use[key] > 0:
            return
        del self._in_use[key]
        bucket, name = self._bucket(), self._name(key)
        await self._call(lambda client: client.delete_object(Bucket=bucket, Key=name))

    def _name(self, key: str) -> str:
        return f"{self._settings.staging_prefix}{key}"

    def _bucket(self) -> str:
        if self._settings.staging_bucket is None:
            raise StagingRefused(NONE_SET.format(region=self._settings.region))
        return self._settings.staging_bucket

    async def _call(self, work: Callable[["S3Client"], object]) -> None:
        await asyncio.to_thread(self._worked, work)

    def _worked(self, work: Callable[["S3Client"], object]) -> None:
        bucket, region = self._bucket(), self._settings.region
        asked = Asked(f"the staging bucket {bucket}", region, "s3:PutObject and s3:DeleteObject", service="Amazon S3")
        with translated(asked):
            try:
                work(self._made())
            except HTTPClientError:
                raise StagingBusy(BROKEN_OFF.format(bucket=bucket)) from None
            except ClientError as error:
                if fault := self._fault(error):
                    raise fault from None  # whose text names accounts
                raise

    def _made(self) -> "S3Client":
        with making:
            if self._client is None:
                config = Config(retries={"mode": "standard", "total_max_attempts": 3})
                self._client = boto3.Session(region_name=self._settings.region).client("s3", config=config)
            return self._client

    def _fault(self, error: ClientError) -> SpillwayError | None:
        """What S3 refused, in words; None if it is about credentials, as everywhere on AWS."""
        said = said_by(error)
        if said.code in OF_CREDENTIALS:
            return None
        values = {
            "bucket": self._settings.staging_bucket,
            "region": self._settings.region,
            "prefix": self._settings.staging_prefix,
            "said": f'AWS says: "{redacted(said.message)}"' if said.message else "",
        }
        if said.code in PASSING or said.status >= 500:
            return StagingBusy(REFUSED.format(**values))
        sentence = BY_CODE.get(said.code) or {301: ELSEWHERE, 403: NO_ACCESS, 404: NOT_THERE}.get(said.status, REFUSED)
        return StagingRefused(sentence.format(**values).strip())
