"""The analyst that asks Amazon Nova."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from services.nova.analyst import Analysis, Course, Errand, Made, Material
from services.nova.bedrock.conversation import Conversation
from services.nova.bedrock.interview import Interview
from services.nova.bedrock.looking import Footage, Picture
from services.nova.local.analyst import LocalAnalyst
from services.nova.sections import composed, only
from services.nova.taxonomy import Taxonomy
from shared.analyses import PROMPT_VERSION, AnalysisType
from shared.bedrock.client import Bedrock
from shared.bedrock.staging import Staging
from shared.blobs import Blobs
from shared.clock import utc_now
from shared.contracts import Kind
from shared.models.bedrock_settings import BedrockSettings
from shared.models.capabilities import require
from shared.models.catalogue import Catalogue
from shared.paying.asking import Asker

NOTHING_SAID = "Nothing is said in this file, so that there was no transcript to summarise."


@dataclass(frozen=True)
class BedrockAnalyst:
    """Analyses by a model of the catalogue; what nobody has to look at or read is left to the local analyst."""

    catalogue: Callable[[], Awaitable[Catalogue]]
    settings: BedrockSettings
    bedrock: Bedrock
    staging: Staging
    asker: Asker
    blobs: Blobs
    taxonomy: Taxonomy
    local: LocalAnalyst

    async def analyse(self, material: Material, errand: Errand, course: Course) -> Analysis:
        """The sections that the errand asks for; raises before anything is sent if the model cannot answer."""
        model = (await self.catalogue()).find(errand.model)
        require(model, material.kind, errand.types, utc_now().date())
        interview = Interview(model, self.settings, errand, material, self.taxonomy, self.asker, self.bedrock)
        made = Made(model=model.key, version=PROMPT_VERSION, model_id=interview.called, run_id=errand.run_id, at=utc_now())
        conversation = Conversation(interview, course, self.settings.concurrency)
        heard = await self._heard(conversation, made) if AnalysisType.TRANSCRIPT_SUMMARY in errand.types else None
        types = tuple(one for one in errand.types if one is not AnalysisType.TRANSCRIPT_SUMMARY)
        if not types:
            assert heard is not None
            return heard
        if material.kind is Kind.AUDIO and not material.segments:
            found = await self.local.analyse(material, errand.model_copy(update={"types": types}), course)
        else:
            told = await self._told(conversation, material, types)
            found = only(told.model_copy(update={"model": made.model, "version": made.version}), types, made)
        return composed(heard, found)

    async def _told(self, conversation: Conversation, material: Material, types: tuple[AnalysisType, ...]) -> Analysis:
        if material.kind is Kind.IMAGE:
            return await conversation.about_image(Picture(material, self.blobs), types)
        if material.kind is Kind.AUDIO:
            return await conversation.about_speech(types)
        async with Footage(material, self.blobs, self.staging) as footage:
            return await conversation.about_video(footage, types)

    async def _heard(self, conversation: Conversation, made: Made) -> Analysis:
        passage = await conversation.summary_of_speech()
        notes = () if passage else (NOTHING_SAID,)
        found = Analysis(model=made.model, version=made.version, transcript_summary=passage, notes=notes)
        return only(found, (AnalysisType.TRANSCRIPT_SUMMARY,), made)
