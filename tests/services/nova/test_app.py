"""The nova service's choices."""

import pytest

from services.nova.app import choose_analyst
from services.nova.local.analyst import LocalAnalyst
from services.nova.settings import NovaSettings
from shared.errors import Invalid


def test_the_local_analyst_is_the_default(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("SPILLWAY_ANALYST", raising=False)
    assert isinstance(choose_analyst(NovaSettings()), LocalAnalyst)


def test_bedrock_is_refused_in_words(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SPILLWAY_ANALYST", "bedrock")
    with pytest.raises(Invalid, match="set it to local"):
        choose_analyst(NovaSettings())
