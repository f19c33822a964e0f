"""A Bedrock of our own for tests: real boto3 asks it over HTTP, and it answers, refuses and charges as AWS documents it."""

from tests.support.bedrock.errors import AwsError
from tests.support.bedrock.fake import Call, FakeBedrock, fake_bedrock
from tests.support.bedrock.faults import Fault, Gate, Trouble
from tests.support.bedrock.metering import Usage

__all__ = ["AwsError", "Call", "FakeBedrock", "Fault", "Gate", "Trouble", "Usage", "fake_bedrock"]
