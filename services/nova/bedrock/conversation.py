"""What is asked about one file, and how its answers become one analysis."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import partial

from services.nova.analyst import Analysis, Course, Passage, Span, Summary
from services.nova.answering.answer import Lengths
from services.nova.answering.conclusions import analysis_of
from services.nova.answering.passages import readable
from services.nova.bedrock.interview import Ask, Interview, Look, nothing
from services.nova.bedrock.looking import Footage, Picture
from services.nova.bedrock.outcomes import CutOff
from services.nova.bedrock.reserving import Expected
from services.nova.chunking.merging import merged, parts_to_tell
from services.nova.chunking.plan import Chunk, planned
from services.nova.prompting.context import context_of, spoken_in
from services.nova.prompting.instructions import instructions, merge_prompt, transcript_summary_prompt
from shared.analyses import AnalysisType, Depth
from shared.gathering import gathered
from shared.models.asking import asking
from shared.models.tokens import image_tokens, unknown_image_tokens, video_tokens

Types = tuple[AnalysisType, ...]

HEARD = (AnalysisType.TRANSCRIPT_SUMMARY,)
ROOM = 2.5
"""Characters that surely fit into a token."""


@dataclass
class Conversation:
    """All questions of one interview; `most_at_once` calls are under way at a time."""

    interview: Interview
    course: Course
    most_at_once: int
    _speech: Passage | None = field(default=None, init=False)

    async def about_image(self, picture: Picture, types: Types) -> Analysis:
        """What a picture shows."""
        tokens = self._image_tokens(picture)
        asks = [self._ask(group, None, tokens) for group in self._groups(types)]
        return self._together(None, [await self._asked(ask, picture.medium) for ask in asks])

    async def about_speech(self, types: Types) -> Analysis:
        """What is said in a sound file, which no model hears."""
        await self._sum_up_long_speech(None)
        context = self._context(None)
        asks = [self._ask(group, None, 0, text=context) for group in self._groups(types)]
        return self._together(None, [await self._asked(ask, nothing) for ask in asks])

    async def about_video(self, footage: Footage, types: Types) -> Analysis:
        """What a video shows, chunk by chunk, in the source's clock."""
        chunks = await self._chunks(footage)
        await self.course.chunks(0, len(chunks))
        for chunk in chunks:
            await self._sum_up_long_speech(chunk)
        looks = [partial(self._about_chunk, footage, chunk, types, len(chunks)) for chunk in chunks]
        parts = list(zip(chunks, await gathered(looks, self.most_at_once, self._advanced(chunks)), strict=True))
        whole = merged(parts, self.interview.material.duration)
        if whole.summary and len(chunks) > 1:
            return whole.model_copy(update={"summary": await self._retold(parts, whole.summary)})
        return whole

    async def summary_of_speech(self) -> Passage | None:
        """What is said in the file, summed up; None if nothing is."""
        material = self.interview.material
        if self._speech is None and spoken_in(material, None):
            room = int((self.interview.model.context_tokens - self.interview.model.most_output_tokens) * ROOM)
            context = context_of(material, None, characters=room)
            prompt = transcript_summary_prompt(language=self.interview.errand.language, taxonomy=self.interview.taxonomy)
            expected = Expected.of(HEARD, depth=None, seconds=0.0)
            ask = Ask("summary", HEARD, prompt, context, expected, text=context)
            self._speech = (await self._asked(ask, nothing)).transcript_summary
        return self._speech

    async def _about_chunk(self, footage: Footage, chunk: Chunk, types: Types, chunks: int) -> Analysis:
        tokens = video_tokens(self.interview.model, chunk.length).high
        asks = [self._ask(group, chunk, tokens) for group in self._groups(types)]
        clip = chunk if chunks > 1 else None
        return self._together(chunk, [await self._asked(ask, partial(footage.medium, clip, ask.characters)) for ask in asks])

    async def _asked(self, ask: Ask, look: Look) -> Analysis:
        """What the answer comes to; one that is too long for one call is asked for in several."""
        try:
            answer = await self.interview.answer(ask, look)
        except CutOff:
            if len(ask.types) == 1:
                raise
            tokens = ask.expected.media_tokens
            alone = [self._ask((one,), ask.chunk, tokens, text=ask.text) for one in ask.types]
            return self._together(ask.chunk, [await self._asked(one, look) for one in alone])
        return analysis_of(
            answer,
            self.interview.material,
            span=span_of(ask.chunk),
            types=ask.types,
            taxonomy=self.interview.taxonomy,
        )

    def _ask(self, types: Types, chunk: Chunk | None, media_tokens: int, *, text: str | None = None) -> Ask:
        interview = self.interview
        errand, kind = interview.errand, interview.material.kind
        prompt = instructions(kind, types, depth=errand.depth, language=errand.language, taxonomy=interview.taxonomy)
        seconds = chunk.length if chunk else interview.material.duration or 0.0
        expected = Expected.of(types, depth=errand.depth, seconds=seconds, media_tokens=media_tokens)
        return Ask("analysis", types, prompt, self._context(chunk), expected, chunk, text)

    def _context(self, chunk: Chunk | None) -> str:
        told, speech = asking().told, self._speech
        return context_of(
            self.interview.material,
            span_of(chunk),
            transcript_summary=speech.text if speech else None,
            characters=told.characters + told.transcript_characters,
        )

    async def _sum_up_long_speech(self, chunk: Chunk | None) -> None:
        """Have a summary at hand where there is more speech than goes with one question."""
        said = spoken_in(self.interview.material, span_of(chunk))
        if sum(len(segment.text) for segment in said) > asking().told.transcript_characters:
            await self.summary_of_speech()

    async def _chunks(self, footage: Footage) -> tuple[Chunk, ...]:
        material, model = self.interview.material, self.interview.model
        long = (material.duration or 0.0) > model.useful_window_seconds
        return planned(
            material.duration,
            material.shots,
            await footage.keyframes() if long else (),
            window=model.useful_window_seconds,
            overlap=model.overlap_seconds,
        )

    async def _retold(self, parts: Sequence[tuple[Chunk, Analysis]], joined: Summary) -> Summary:
        """One summary out of those of the chunks; it rests on what theirs, which are `joined`, rest on."""
        interview, types = self.interview, (AnalysisType.SUMMARY,)
        errand = interview.errand
        told = [(chunk.span, summary) for chunk, summary in parts_to_tell(parts)]
        prompt = merge_prompt(told, depth=errand.depth, language=errand.language, taxonomy=interview.taxonomy)
        expected = Expected.of(types, depth=errand.depth, seconds=0.0)
        answer = await interview.answer(Ask("merge", types, prompt, "", expected, text=prompt.text))
        return retold(answer.summary, joined)

    def _together(self, chunk: Chunk | None, found: Sequence[Analysis]) -> Analysis:
        """The answers about one stretch, each of which has other sections."""
        if len(found) == 1:
            return found[0]
        duration = self.interview.material.duration
        stretch = chunk or Chunk(1, 0.0, duration or 0.0)
        chapters = next((one.chapters for one in found if one.chapters), ())
        return merged([(stretch, one) for one in found], duration).model_copy(update={"chapters": chapters})

    def _groups(self, types: Types) -> tuple[Types, ...]:
        return (types,) if self.interview.errand.combined else tuple((one,) for one in types)

    def _image_tokens(self, picture: Picture) -> int:
        model, width, height = self.interview.model, picture.rendition.width, picture.rendition.height
        known = width is not None and height is not None
        return (image_tokens(model, width or 0, height or 0) if known else unknown_image_tokens(model)).high

    def _advanced(self, chunks: Sequence[Chunk]) -> "Advance":
        return Advance(self.course, chunks)


def span_of(chunk: Chunk | None) -> Span | None:
    """The stretch that is asked about; None for the whole of a file."""
    return chunk.span if chunk else None


def retold(told: Lengths | None, joined: Summary) -> Summary:
    """A summary in new words, at the lengths at which it is told."""
    passages = {
        depth: (getattr(joined, depth) or joined.usual).model_copy(update={"text": readable(prose.text)})
        for depth in Depth
        if (prose := getattr(told, depth, None))
    }
    return Summary(**passages) if passages else joined


@dataclass
class Advance:
    """Tells how far a video is, as its chunks are done in any order."""

    course: Course
    chunks: Sequence[Chunk]
    done: set[int] = field(default_factory=set)

    async def __call__(self, place: int) -> None:
        self.done.add(place)
        seconds = sum(self.chunks[one].length for one in self.done)
        self.course.report(seconds, sum(chunk.length for chunk in self.chunks))
        await self.course.chunks(len(self.done), len(self.chunks))
