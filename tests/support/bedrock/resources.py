"""What operations are given, and what they give back."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from tests.support.bedrock.catalogue import FakeModel, served
from tests.support.bedrock.errors import AwsError
from tests.support.bedrock.faults import Trouble
from tests.support.bedrock.invocations import Invocations
from tests.support.bedrock.metering import Usage
from tests.support.bedrock.objects import Objects
from tests.support.bedrock.protocol import Answered


@dataclass(frozen=True)
class Resources:
    """What the fake has: its region, its store, the day that it takes for today, and what it remembers."""

    region: str
    objects: Objects
    now: datetime
    denied: set[str] = field(default_factory=set)
    prefixes: set[str] = field(default_factory=set)
    """Digests of what is in the prompt cache."""
    invocations: Invocations = field(default_factory=Invocations)

    def model(self, model_id: str) -> FakeModel:
        """The model that a call means; raises what AWS answers where it cannot be called."""
        model = served(model_id, self.region, self.now)
        if model.id in self.denied:
            raise AwsError("AccessDeniedException", "You don't have access to the model with the specified model ID.")
        return model


@dataclass(frozen=True)
class Asking:
    """One request's parameters, and the fault that its answer shall have."""

    parameters: dict[str, Any]
    trouble: Trouble | None = None


@dataclass(frozen=True)
class Done:
    """The answer; `usage` is None where nothing is charged."""

    answered: Answered
    usage: Usage | None = None
