"""The nova service's choices."""

import pytest

from services.nova.analyst import Analysis, Course, Errand, Material
from services.nova.analysts import Analysts
from services.nova.app import resources_of
from services.nova.settings import NovaSettings
from shared.analyses import LOCAL, AnalysisType
from shared.contracts import Kind
from shared.identifiers import new_id
from shared.models.bedrock_settings import BedrockSettings
from shared.paying.asking import PaidCalls
from shared.service import Platform
from tests.support.material import material


class Named:
    """An analyst that says who it is."""

    def __init__(self, name: str) -> None:
        self._name = name

    async def analyse(self, material: Material, errand: Errand, course: Course) -> Analysis:
        return Analysis(model=self._name, version="1")


class Unseen:
    """A course that nobody looks at."""

    def report(self, done: float, total: float | None) -> None:
        pass

    async def chunks(self, done: int, total: int) -> None:
        pass


@pytest.mark.connected
@pytest.mark.parametrize(("analyst", "model"), [("local", LOCAL), ("bedrock", "pro")])
async def test_the_settings_say_who_is_asked(
    platform: Platform, monkeypatch: pytest.MonkeyPatch, analyst: str, model: str
) -> None:
    monkeypatch.setenv("SPILLWAY_ANALYST", analyst)
    monkeypatch.setenv("SPILLWAY_NOVA_MODEL", "pro")
    resources = resources_of(platform, NovaSettings(), BedrockSettings(), PaidCalls(platform.database))
    assert resources.usual_model == model


@pytest.mark.parametrize(("model", "name"), [(LOCAL, "rules"), ("2-lite", "nova")])
async def test_an_errand_goes_to_the_analyst_of_its_model(model: str, name: str) -> None:
    errand = Errand(run_id=new_id(), types=(AnalysisType.ELEMENTS,), model=model)
    found = await Analysts(Named("rules"), Named("nova")).analyse(material(kind=Kind.IMAGE), errand, Unseen())
    assert found.model == name
