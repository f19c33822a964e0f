"""One model asked about one file: each question is paid for once, and an answer of the wrong form is to be put right."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from decimal import Decimal
from functools import partial
from typing import Any

from services.nova.analyst import Errand, Material
from services.nova.answering.answer import Answer
from services.nova.answering.parsing import InvalidAnswer, parsed, parsed_sections
from services.nova.answering.schema import compact
from services.nova.bedrock.outcomes import Unreadable, text_of
from services.nova.bedrock.reserving import Expected
from services.nova.chunking.plan import Chunk
from services.nova.prompting.instructions import Prompt, repair_prompt
from services.nova.questions import question_parts
from services.nova.requests import Medium, converse_request
from services.nova.taxonomy import Taxonomy
from shared.analyses import AnalysisType
from shared.bedrock.client import Bedrock
from shared.models.bedrock_settings import BedrockSettings
from shared.models.catalogue import Model
from shared.models.prices import Usage, cost
from shared.models.tokens import notation_tokens, text_tokens
from shared.paying.asking import Asker
from shared.paying.calls import Call, Purpose, Reply, question_of

Look = Callable[[], Awaitable[Medium | None]]
"""Brings what is to be looked at; called only if the question has no answer yet."""


RETOLD = ("summary",)
"""All that one summary out of several comes to."""


async def nothing() -> None:
    """For a question about words alone."""


@dataclass(frozen=True)
class Ask:
    """A question: how it is put, about what, and what it may take."""

    purpose: Purpose
    types: tuple[AnalysisType, ...]
    prompt: Prompt
    context: str
    expected: Expected
    chunk: Chunk | None = None
    text: str | None = None
    """What the answer rests on where nothing is looked at."""

    @property
    def characters(self) -> int:
        """Of all that the model is told in words."""
        return len(self.prompt.system) + len(self.prompt.text) + len(self.context)

    @property
    def text_tokens(self) -> int:
        """About how many tokens that is; a schema has more of them than prose."""
        notation = len(compact(self.prompt.schema))
        return text_tokens(self.characters - notation) + notation_tokens(notation)


@dataclass(frozen=True)
class Interview:
    """A model, a file and an errand."""

    model: Model
    settings: BedrockSettings
    errand: Errand
    material: Material
    taxonomy: Taxonomy
    asker: Asker
    bedrock: Bedrock

    @property
    def called(self) -> str:
        """The id or inference profile by which the model is called."""
        return self.model.called(self.settings.scope)

    async def answer(self, ask: Ask, look: Look = nothing) -> Answer:
        """The answer to a question, in its sections; raises what says why there is none."""
        raw = await self._told(ask, look)
        try:
            return self._read(ask, raw)
        except InvalidAnswer as error:
            mended = await self._told(self._repair(ask, raw, error.faults), nothing)
        try:
            return self._read(ask, mended)
        except InvalidAnswer as error:
            raise Unreadable(error.faults, mended or raw) from error

    def _read(self, ask: Ask, raw: str) -> Answer:
        return parsed_sections(raw, RETOLD) if ask.purpose == "merge" else parsed(raw, self.material.kind, ask.types)

    def _repair(self, ask: Ask, raw: str, faults: tuple[str, ...]) -> Ask:
        prompt = repair_prompt(raw, faults, ask.prompt.schema)
        expected = replace(ask.expected, media_tokens=0)
        return Ask("repair", ask.types, prompt, "", expected, ask.chunk, text=raw)

    async def _told(self, ask: Ask, look: Look) -> str:
        """The text that the model answers with; raises what says why it is not whole."""
        call = self._call(ask)
        answer = await self.asker.known(call)
        if answer is None:
            medium = await look()  # before the call is written down: what fails here has cost nothing
            answer = await self.asker.ask(call, partial(self._converse, ask, medium), self._price)
        return text_of(answer.body, answer.stop_reason, answer.usage.output_tokens)

    async def _converse(self, ask: Ask, medium: Medium | None) -> Reply:
        most = ask.expected.most_output_tokens(self.model)
        return await self.bedrock.converse(
            converse_request(self.called, ask.prompt, ask.context, medium, most_output_tokens=most)
        )

    def _call(self, ask: Ask) -> Call:
        errand = self.errand
        return Call(
            question=question_of(**self._parts(ask)),
            purpose=ask.purpose,
            provider=self.model.provider,
            model=self.model.key,
            model_id=self.called,
            requested_by=errand.requested_by,
            reserve=ask.expected.reserve(self.model, self.settings, ask.text_tokens),
            file_id=self.material.file_id,
            analysis_run_id=errand.run_id,
            fresh=errand.fresh,
        )

    def _parts(self, ask: Ask) -> dict[str, Any]:
        return question_parts(
            fingerprint=self.material.fingerprint,
            types=ask.types,
            model=self.model.key,
            model_id=self.model.model_id,
            prompt_version=ask.prompt.version,
            taxonomy=(self.taxonomy.name, self.taxonomy.version),
            purpose=ask.purpose,
            chunk=ask.chunk,
            depth=self.errand.depth,
            language=self.errand.language,
            text=ask.text,
        )

    def _price(self, usage: Usage) -> Decimal:
        return cost(self.model, usage, self.settings.scope, tier=self.settings.tier)
