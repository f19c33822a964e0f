"""The fake as a process of its own, as a person starts it."""

import signal
import subprocess
import sys

import boto3
import pytest
from botocore.config import Config

from tests.support.bedrock.clients import converse, said


def test_it_tells_the_environment_and_serves_until_it_is_ended(monkeypatch: pytest.MonkeyPatch) -> None:
    command = [sys.executable, "-m", "tests.support.bedrock", "--region", "eu-central-1"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout
        told = [process.stdout.readline().removeprefix("export ").strip().split("=", 1) for _ in range(9)]
        for name, value in told:
            monkeypatch.setenv(name, value)
        runtime = boto3.Session().client("bedrock-runtime", config=Config(retries={"total_max_attempts": 1}))
        assert said(converse(runtime, model="eu.amazon.nova-lite-v1:0"))
        runtime.close()
        process.send_signal(signal.SIGTERM)
        assert process.wait(30) == 0
