"""Estimates against what is charged: real media and prompts, cut and sent as the nova service does, to the fake Bedrock."""

import io
from pathlib import Path
from typing import Any

import boto3
import pytest
from PIL import Image

from services.nova.analyst import Material, Passage, Span, Summary
from services.nova.chunking.cutting import cut, keyframes
from services.nova.chunking.plan import Chunk, planned
from services.nova.prompting.context import context_of
from services.nova.prompting.instructions import Prompt, instructions, merge_prompt, transcript_summary_prompt
from services.nova.requests import Medium, MediumKind, converse_request
from services.nova.taxonomy import load as load_taxonomy
from shared.analyses import STILL, TIMED, AnalysisType
from shared.contracts.event import Kind
from shared.models.asking import asking
from shared.models.catalogue import load
from shared.models.estimates import Estimate, Question, estimate
from shared.models.prices import Usage, cost
from tests.support.bedrock.fake import FakeBedrock
from tests.support.bedrock.fixtures import bedrock
from tests.support.material import material
from tests.support.media import run_ffmpeg

__all__ = ["bedrock"]

CATALOGUE = load()
TAXONOMY = load_taxonomy()
HEARD = (AnalysisType.TRANSCRIPT_SUMMARY,)
PATH = "/media/Smith Residence - job_2024_0812/Grotto build/grotto_walkthrough.mp4"
SENTENCES = (
    "the waterfall is white in the evening and the children slide down behind it into the blue water",
    "We built this one last summer with about forty tons of sandstone, and it took two weeks.",
    "okay so here you can see the pump",
)
TOLERANCE = 0.05


class Meter:
    """Asks a model by boto3, and adds up what is charged."""

    def __init__(self, key: str) -> None:
        self._called = CATALOGUE.find(key).called("us")
        self._client = boto3.client("bedrock-runtime", region_name="us-east-1")
        self.input_tokens = self.output_tokens = 0

    def ask(self, prompt: Prompt, context: str, medium: Medium | None) -> None:
        request = converse_request(self._called, prompt, context, medium, most_output_tokens=10_000)
        usage = self._client.converse(**request)["usage"]
        self.input_tokens += usage["inputTokens"]
        self.output_tokens += usage["outputTokens"]


@pytest.fixture(scope="module")
def footage(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Forty minutes with a key frame every sixteen seconds, as proxies have them at least."""
    path = tmp_path_factory.mktemp("footage") / "long.mp4"
    source = ("-f", "lavfi", "-i", "testsrc=size=64x48:rate=1:duration=2400")
    run_ffmpeg(*source, "-c:v", "libx264", "-preset", "ultrafast", "-g", "16", "-pix_fmt", "yuv420p", path)
    return path


def spoken(seconds: float, *, often: bool) -> Material:
    """A video in which somebody speaks all the time, or never."""
    count = int(seconds / 4.5) if often else 0
    return material(*(SENTENCES[at % len(SENTENCES)] for at in range(count)), path=PATH, duration=seconds)


def context(known: Material, span: Span | None = None) -> str:
    told = asking().told
    return context_of(known, span, characters=told.characters + told.transcript_characters)


def expected(key: str, known: Material, types: tuple[AnalysisType, ...], size: tuple[int, int] = (64, 48)) -> Estimate:
    said = sum(len(segment.text) for segment in known.segments)
    question = Question(known.kind, known.duration, *size, said, types)
    return estimate(CATALOGUE.find(key), "us", question)


def assert_foreseen(key: str, found: Estimate, meter: Meter) -> None:
    """Within 5 % by the rules of the first generation, and never too little by those of the second."""
    if key in ("lite", "pro", "micro"):
        assert found.total_input_tokens == pytest.approx(meter.input_tokens, rel=TOLERANCE)
    assert meter.input_tokens <= found.total_input_tokens * (1 if key.startswith("2") else 1 + TOLERANCE)
    assert found.output_tokens_low <= meter.output_tokens <= found.output_tokens_high
    paid = cost(CATALOGUE.find(key), Usage(meter.input_tokens, meter.output_tokens), "us")
    assert float(found.usd_low) * (1 - TOLERANCE) <= float(paid) <= float(found.usd_high)


@pytest.mark.parametrize("often", [False, True])
@pytest.mark.parametrize("seconds", [10.0, 120.0])
@pytest.mark.parametrize("key", ["lite", "pro", "2-lite"])
async def test_a_short_video(
    bedrock: FakeBedrock, tmp_path: Path, footage: Path, key: str, seconds: float, often: bool
) -> None:
    known, meter = spoken(seconds, often=often), Meter(key)
    clip = await cut(footage, Chunk(1, 0.0, seconds), tmp_path)
    meter.ask(instructions(Kind.VIDEO, TIMED, taxonomy=TAXONOMY), context(known), medium_of(clip))
    assert_foreseen(key, expected(key, known, TIMED), meter)


@pytest.mark.parametrize("often", [False, True])
@pytest.mark.parametrize("key", ["lite", "2-lite"])
async def test_a_long_video(bedrock: FakeBedrock, tmp_path: Path, footage: Path, key: str, often: bool) -> None:
    known, meter, model = spoken(2400.0, often=often), Meter(key), CATALOGUE.find(key)
    chunks = planned(2400.0, (), keyframes(footage), window=model.useful_window_seconds, overlap=model.overlap_seconds)
    for chunk in chunks:
        clip = await cut(footage, chunk, tmp_path)
        span = Span(start=chunk.start, end=chunk.end)
        meter.ask(instructions(Kind.VIDEO, TIMED, taxonomy=TAXONOMY), context(known, span), medium_of(clip))
    told = Passage(text=" ".join(SENTENCES), evidence=(), confidence=0.9)
    summaries = [(Span(start=one.start, end=one.end), Summary(brief=told, standard=told, detailed=told)) for one in chunks]
    meter.ask(merge_prompt(summaries, taxonomy=TAXONOMY), "", None)
    found = expected(key, known, TIMED)
    assert found.chunks == len(chunks) == 3
    assert_foreseen(key, found, meter)


@pytest.mark.parametrize("size", [(1344, 896), (1195, 896), (896, 896), (1593, 896), (896, 1593)])
@pytest.mark.parametrize("key", ["lite", "2-lite"])
def test_an_image(bedrock: FakeBedrock, key: str, size: tuple[int, int]) -> None:
    known, meter, picture = material(path=PATH, kind=Kind.IMAGE), Meter(key), io.BytesIO()
    Image.new("RGB", size, "steelblue").save(picture, "JPEG")
    shown = Medium(MediumKind.IMAGE, picture.getvalue(), "jpeg")
    meter.ask(instructions(Kind.IMAGE, STILL, taxonomy=TAXONOMY), context(known), shown)
    assert_foreseen(key, expected(key, known, STILL, size), meter)


def test_a_transcript(bedrock: FakeBedrock) -> None:
    known, meter = spoken(600.0, often=True), Meter("micro")
    meter.ask(transcript_summary_prompt(taxonomy=TAXONOMY), context(known), None)
    found = expected("micro", known, HEARD)
    assert meter.input_tokens <= found.total_input_tokens
    assert found.total_input_tokens == pytest.approx(meter.input_tokens, rel=0.25)


def medium_of(clip: Path) -> Any:
    return Medium(MediumKind.VIDEO, clip.read_bytes(), "mp4")
