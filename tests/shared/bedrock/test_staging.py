"""What is too large to be sent lies in the bucket of AWS for as long as it is needed; what keeps it from that is told."""

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import boto3
import pytest
from mypy_boto3_s3 import S3Client

from shared.bedrock.faults import NoCredentials, Unreachable
from shared.bedrock.staging import Staging, StagingBusy, StagingRefused
from shared.errors import SpillwayError
from shared.models.bedrock_settings import BedrockSettings
from tests.support.bedrock.fake import FakeBedrock

BUCKET = "spillway-staging"


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "clip.mp4"
    path.write_bytes(b"moving pictures")
    return path


@pytest.fixture
def s3(stack_environment: dict[str, str], bedrock: FakeBedrock) -> S3Client:
    """The store as AWS's SDK finds it by its own variables, with the bucket made."""
    client: S3Client = boto3.Session(region_name="us-east-1").client("s3")
    if BUCKET not in [bucket["Name"] for bucket in client.list_buckets()["Buckets"]]:
        client.create_bucket(Bucket=BUCKET)
    return client


def keys(client: S3Client) -> list[str]:
    return [found["Key"] for found in client.list_objects_v2(Bucket=BUCKET).get("Contents", [])]


@pytest.mark.connected
async def test_a_file_is_there_with_its_type_until_it_is_deleted(s3: S3Client, file: Path) -> None:
    staging = Staging(BedrockSettings(staging_bucket=BUCKET))
    uri = await staging.put(file, "nova/staging/abc.mp4", "video/mp4")
    assert uri == f"s3://{BUCKET}/spillway/nova/staging/abc.mp4"
    found = s3.get_object(Bucket=BUCKET, Key="spillway/nova/staging/abc.mp4")
    assert (found["ContentType"], found["Body"].read()) == ("video/mp4", b"moving pictures")
    assert await staging.get(uri) == b"moving pictures"
    await staging.delete("nova/staging/abc.mp4")
    assert keys(s3) == []
    with pytest.raises(StagingRefused, match="is not there"):
        await staging.get(uri)


@pytest.mark.connected
async def test_what_two_need_stays_until_both_are_done(s3: S3Client, file: Path) -> None:
    staging = Staging(BedrockSettings(staging_bucket=BUCKET))
    for _ in range(2):
        await staging.put(file, "k.mp4", "video/mp4")
    await staging.delete("k.mp4")
    assert keys(s3) == ["spillway/k.mp4"]
    await staging.delete("k.mp4")
    assert keys(s3) == []
    await staging.delete("k.mp4")


async def test_without_a_bucket_it_is_told_what_to_set(file: Path) -> None:
    with pytest.raises(StagingRefused, match="SPILLWAY_BEDROCK_STAGING_BUCKET"):
        await Staging(BedrockSettings()).put(file, "k", "video/mp4")


class Refusing(ThreadingHTTPServer):
    """S3 that answers every request with one error, as S3 writes errors."""

    status, code = 403, "AccessDenied"
    drops = False

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)


class _Handler(BaseHTTPRequestHandler):
    server: Refusing

    def do_PUT(self) -> None:
        self.rfile.read(int(self.headers.get("content-length") or 0))
        if self.server.drops:
            self.close_connection = True
            return
        message = "User: arn:aws:iam::123456789012:user/ada is not authorized"
        body = f"<?xml version='1.0'?><Error><Code>{self.server.code}</Code><Message>{message}</Message></Error>".encode()
        self.send_response(self.server.status)
        self.send_header("content-type", "application/xml")
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - as in the base class
        pass


@pytest.fixture
def refusing(monkeypatch: pytest.MonkeyPatch) -> Iterator[Refusing]:
    server = Refusing()
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    monkeypatch.setenv("AWS_ENDPOINT_URL_S3", f"http://127.0.0.1:{server.server_address[1]}")
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "AKIDNOBODY")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "none")
    yield server
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.mark.parametrize(
    ("status", "code", "kind", "told"),
    [
        (403, "AccessDenied", StagingRefused, r"s3:PutObject, s3:GetObject and s3:DeleteObject on mine/spillway/\*"),
        (403, "SomethingNew", StagingRefused, "s3:PutObject"),
        (301, "PermanentRedirect", StagingRefused, "is not in us-east-1"),
        (404, "NoSuchBucket", StagingRefused, r"mine is not there\. Make it on AWS in us-east-1"),
        (400, "ExpiredToken", NoCredentials, "have expired"),
        (403, "InvalidAccessKeyId", NoCredentials, "AWS_ACCESS_KEY_ID"),
        (403, "RequestTimeTooSkewed", NoCredentials, "clock"),
        (400, "SomethingElse", StagingRefused, "did not take the file"),
    ],
)
async def test_what_aws_refuses_is_told_without_naming_anybody(
    refusing: Refusing, file: Path, status: int, code: str, kind: type[SpillwayError], told: str
) -> None:
    refusing.status, refusing.code = status, code
    with pytest.raises(kind, match=told) as raised:
        await Staging(BedrockSettings(staging_bucket="mine")).put(file, "k", "video/mp4")
    assert "123456789012" not in str(raised.value)
    assert "ada" not in str(raised.value)


@pytest.mark.parametrize("drops", [True, False])
async def test_what_passes_is_tried_again(refusing: Refusing, file: Path, drops: bool) -> None:
    refusing.status, refusing.code, refusing.drops = 503, "SlowDown", drops
    with pytest.raises(StagingBusy):
        await Staging(BedrockSettings(staging_bucket="mine")).put(file, "k", "video/mp4")


@pytest.mark.usefixtures("refusing")
async def test_a_network_that_is_away_is_waited_for(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL_S3", "http://127.0.0.1:1")
    with pytest.raises(Unreachable, match="Amazon S3 in us-east-1"):
        await Staging(BedrockSettings(staging_bucket="mine")).put(file, "k", "video/mp4")
