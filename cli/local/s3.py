"""The embedded S3: SeaweedFS in one process, its keys, and a client's first questions."""

import json
from collections.abc import Sequence
from pathlib import Path

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from cli.local.errors import NotReady
from cli.local.home import Credentials, Home, write_private
from cli.local.ports import HOST, configured_or_free, free_ports
from cli.local.programs import in_wheel
from cli.local.server import Server
from cli.local.settings import LocalSettings

_GRPC = 10_000
# SeaweedFS serves gRPC on each of its ports plus this.

_INNER_SERVERS = ("master", "volume", "filer", "admin")


def embedded_s3(settings: LocalSettings, home: Home, credentials: Credentials) -> Server:
    """Describe SeaweedFS on its configured port or a free one; raises MissingProgram or PortTaken."""
    port = configured_or_free(settings.s3_port, "SPILLWAY_S3_PORT", companion=_GRPC)
    inner = free_ports(len(_INNER_SERVERS), companion=_GRPC)
    data = home.root / "s3"
    identities = home.run / "s3.json"
    endpoint = f"http://{HOST}:{port}"
    exports = {
        "SPILLWAY_S3_ENDPOINT": endpoint,
        "SPILLWAY_S3_ACCESS_KEY": credentials.s3_access_key,
        "SPILLWAY_S3_SECRET_KEY": credentials.s3_secret_key,
    }
    return Server(
        name="s3",
        command=tuple(server_command(in_wheel("weed"), data, identities, port, inner)),
        stop_signal="SIGTERM",
        prepare=lambda: _prepare(data, identities, credentials),
        probe=lambda: probe(endpoint, credentials, settings.s3_bucket),
        exports=exports,
        folder=data,
        environment=signing_keys(credentials.s3_signing_key),
    )


def server_command(program: Path, data: Path, identities: Path, port: int, inner: Sequence[int]) -> list[str]:
    """Build the server's command line; `inner` are the ports of master, volume, filer and admin."""
    return [
        str(program),
        "-logtostderr",
        "mini",
        f"-dir={data}",
        f"-ip={HOST}",
        f"-ip.bind={HOST}",
        f"-s3.port={port}",
        f"-s3.config={identities}",
        *(f"-{name}.port={number}" for name, number in zip(_INNER_SERVERS, inner, strict=True)),
        "-s3.port.iceberg=0",
        "-s3.port.lance=0",
        "-s3.localSocket=../run/s3.sock",  # relative, as the path of a socket is limited to about 100 bytes
        "-filer.localSocket=../run/filer.sock",
        "-webdav=false",
        "-admin.ui=false",
        "-master.telemetry=false",
    ]


def identities_text(access_key: str, secret_key: str) -> str:
    """Build the file that names the one user and what it may do."""
    user = {
        "name": "spillway",
        "credentials": [{"accessKey": access_key, "secretKey": secret_key}],
        "actions": ["Admin", "Read", "Write", "List", "Tagging"],
    }
    return json.dumps({"identities": [user]}, indent=2)


def signing_keys(key: str) -> dict[str, str]:
    """Environment that has the inner servers ask for a token, so that only S3's own credentials open the files."""
    places = ("SIGNING", "SIGNING_READ", "FILER_SIGNING", "FILER_SIGNING_READ")
    return {f"WEED_JWT_{place}_KEY": key for place in places}


def probe(endpoint: str, credentials: Credentials, bucket: str) -> None:
    """Write a small object and read it back; SeaweedFS accepts connections some time before that works."""
    client = boto3.client(
        "s3",
        endpoint_url=endpoint,
        aws_access_key_id=credentials.s3_access_key,
        aws_secret_access_key=credentials.s3_secret_key,
        region_name="us-east-1",
        config=Config(
            s3={"addressing_style": "path"}, retries={"max_attempts": 1}, connect_timeout=2, read_timeout=5, proxies={}
        ),
    )
    try:
        if bucket not in {known["Name"] for known in client.list_buckets()["Buckets"]}:
            client.create_bucket(Bucket=bucket)
        client.put_object(Bucket=bucket, Key=".ready", Body=b"ready")
        client.get_object(Bucket=bucket, Key=".ready")["Body"].read()
    except (BotoCoreError, ClientError) as error:
        raise NotReady(f"S3 does not answer yet: {error}") from error
    finally:
        client.close()


def _prepare(data: Path, identities: Path, credentials: Credentials) -> None:
    data.mkdir(mode=0o700, exist_ok=True)
    write_private(identities, identities_text(credentials.s3_access_key, credentials.s3_secret_key))
