"""The doctor's look at Bedrock: what is missing, and where to get it."""

import boto3
import pytest

from shared.bedrock import checks
from shared.bedrock.checks import Finding, check, is_set_up
from shared.models.bedrock_settings import BedrockSettings
from tests.support.bedrock.fake import FakeBedrock

AWS_KEYS = ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY")


async def found(settings: BedrockSettings, *, wanted: bool = True) -> dict[str, Finding]:
    return {finding.name: finding for finding in await check(settings, wanted=wanted)}


async def test_where_all_is_there_all_is_good(bedrock: FakeBedrock) -> None:
    findings = await found(BedrockSettings())
    assert {name: finding.state for name, finding in findings.items()} == {
        "AWS credentials": "good",
        "Bedrock": "good",
        "Nova model": "good",
        "Staging bucket": "note",
    }
    assert findings["Nova model"].sentence == "Nova 2 Lite can be used, as us.amazon.nova-2-lite-v1:0."
    assert "SPILLWAY_BEDROCK_STAGING_BUCKET" in findings["Staging bucket"].sentence
    assert bedrock.billed == []


async def test_nobody_is_asked_where_it_is_neither_wanted_nor_set_up(
    bedrock: FakeBedrock, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in AWS_KEYS:
        monkeypatch.delenv(name)
    [finding] = await check(BedrockSettings(), wanted=False)
    assert (finding.name, finding.state) == ("Bedrock", "good")
    assert "for nothing" in finding.sentence
    assert bedrock.calls == []


async def test_where_it_is_wanted_missing_credentials_are_told(bedrock: FakeBedrock, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in AWS_KEYS:
        monkeypatch.delenv(name)
    [finding] = await check(BedrockSettings(), wanted=True)
    assert (finding.name, finding.state) == ("AWS credentials", "bad")
    assert "AWS_ACCESS_KEY_ID" in finding.sentence


async def test_credentials_that_aws_does_not_take_are_told(bedrock: FakeBedrock, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "wrong")
    findings = await found(BedrockSettings())
    assert findings["Bedrock"].state == "bad"
    assert "belong together" in findings["Bedrock"].sentence
    assert "Nova model" not in findings


async def test_a_model_that_is_not_enabled_is_told(bedrock: FakeBedrock) -> None:
    bedrock.deny("amazon.nova-2-lite-v1:0")
    finding = (await found(BedrockSettings()))["Nova model"]
    assert finding.state == "bad"
    assert "Model access" in finding.sentence


@pytest.mark.parametrize(
    ("settings", "told"),
    [
        (BedrockSettings(default_model="nova-9"), 'There is no model "nova-9"'),
        (BedrockSettings(scope="apac"), "SPILLWAY_BEDROCK_SCOPE"),
    ],
)
async def test_a_model_that_cannot_be_called_so_is_told(bedrock: FakeBedrock, settings: BedrockSettings, told: str) -> None:
    finding = (await found(settings))["Nova model"]
    assert finding.state == "bad"
    assert told in finding.sentence


async def test_a_clock_that_is_wrong_is_told(bedrock: FakeBedrock, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(checks, "MOST_SKEW", -1.0)
    finding = (await found(BedrockSettings()))["Bedrock"]
    assert finding.state == "note"
    assert "clock" in finding.sentence


@pytest.mark.connected
async def test_a_staging_bucket_is_tried(stack_environment: dict[str, str], bedrock: FakeBedrock) -> None:
    client = boto3.Session(region_name="us-east-1").client("s3")
    client.create_bucket(Bucket="spillway-checked")
    finding = (await found(BedrockSettings(staging_bucket="spillway-checked")))["Staging bucket"]
    assert (finding.state, finding.sentence) == ("good", "spillway-checked takes files and lets go of them.")
    assert "Contents" not in client.list_objects_v2(Bucket="spillway-checked")


@pytest.mark.usefixtures("bedrock")
async def test_a_staging_bucket_that_cannot_be_reached_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL_S3", "http://127.0.0.1:1")
    finding = (await found(BedrockSettings(staging_bucket="anyones")))["Staging bucket"]
    assert finding.state == "bad"
    assert "cannot be reached" in finding.sentence


@pytest.fixture
def no_files(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_CONFIG_FILE", "/dev/null")
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", "/dev/null")


@pytest.mark.usefixtures("no_files")
@pytest.mark.parametrize(
    ("environment", "expected"),
    [({}, False), ({"AWS_PROFILE": "mine"}, True), ({"AWS_ACCESS_KEY_ID": "A"}, True), ({"AWS_REGION": "us-east-1"}, False)],
)
def test_what_says_that_somebody_set_it_up(environment: dict[str, str], expected: bool) -> None:
    assert is_set_up(environment) is expected
