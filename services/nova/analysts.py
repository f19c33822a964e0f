"""Which analyst an errand goes to."""

from dataclasses import dataclass

from services.nova.analyst import Analysis, Analyst, Course, Errand, Material
from shared.analyses import LOCAL


@dataclass(frozen=True)
class Analysts:
    """The local one, and the one that asks models."""

    local: Analyst
    models: Analyst

    async def analyse(self, material: Material, errand: Errand, course: Course) -> Analysis:
        """The sections that the errand asks for."""
        analyst = self.local if errand.model == LOCAL else self.models
        return await analyst.analyse(material, errand, course)
