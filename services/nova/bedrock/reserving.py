"""What one call may take, as it is reserved of the budgets before it is made."""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Self

from services.nova.answering.answer import sections
from shared.analyses import AnalysisType, Depth
from shared.models.asking import answer_tokens
from shared.models.bedrock_settings import BedrockSettings
from shared.models.catalogue import Model
from shared.models.prices import Usage, cost, require_price
from shared.paying.calls import Reserve

LEAST_ROOM = 4096
"""Tokens that every answer may have: what is cut off was paid in vain."""
SPARE_ROOM = 2
"""So many times what is expected an answer may have, as a film can have more in it than most."""


@dataclass(frozen=True)
class Expected:
    """Tokens of what is looked at, and of the answer, at most as far as can be told."""

    media_tokens: int
    answer_tokens: int

    @classmethod
    def of(cls, types: Collection[AnalysisType], *, depth: Depth | None, seconds: float, media_tokens: int = 0) -> Self:
        """Of an answer to these analyses of so many seconds."""
        return cls(media_tokens, answer_tokens(sections(types), depth, seconds / 60).high)

    def most_output_tokens(self, model: Model) -> int:
        """Where the model has to end."""
        return min(model.most_output_tokens, max(LEAST_ROOM, SPARE_ROOM * self.answer_tokens))

    def reserve(self, model: Model, settings: BedrockSettings, text_tokens: int) -> Reserve:
        """What is held of the budgets for a call with so many tokens of text beside the medium: no answer can cost more."""
        tokens = self.media_tokens + text_tokens
        usd = cost(model, Usage(tokens, self.most_output_tokens(model)), settings.scope, tier=settings.tier)
        return Reserve(tokens, self.answer_tokens, usd, require_price(model).read_on)
