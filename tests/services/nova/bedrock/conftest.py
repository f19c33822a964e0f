from pathlib import Path

import pytest

from shared.models.bedrock_settings import BedrockSettings
from shared.service import Platform
from tests.support.bedrock import FakeBedrock
from tests.support.studio import Studio


@pytest.fixture
def studio(platform: Platform, bedrock: FakeBedrock, tmp_path: Path) -> Studio:
    return Studio(platform, bedrock, BedrockSettings(), tmp_path)
