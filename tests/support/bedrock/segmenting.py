"""Embeddings in the background: StartAsyncInvoke, the polls until it is done, and the files that it leaves in S3."""

import json
import math
import secrets
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

from tests.support.bedrock.catalogue import ACCOUNT
from tests.support.bedrock.embedding import charged, looked_at, stored_text, truncated, types_of, vector
from tests.support.bedrock.embedding_requests import Parameters, read_segmented
from tests.support.bedrock.errors import AwsError, invalid
from tests.support.bedrock.faults import Trouble
from tests.support.bedrock.invocations import Invocation, Lines
from tests.support.bedrock.metering import Usage, text_tokens
from tests.support.bedrock.protocol import Answered
from tests.support.bedrock.resources import Asking, Done, Resources

MOST_STORED = {"text": 634_000_000, "image": 50_000_000, "audio": 1_000_000_000, "video": 2_000_000_000}
MOST_SECONDS = 7200.0
MOST_SEGMENTS = {"text": 1900, "audio": 1434, "video": 1434}
FILES = {
    "TEXT": "embedding-text.jsonl",
    "IMAGE": "embedding-image.json",
    "VIDEO": "embedding-video.jsonl",
    "AUDIO": "embedding-audio.jsonl",
    "AUDIO_VIDEO_COMBINED": "embedding-video.jsonl",
}


def start_async_invoke(resources: Resources, asking: Asking) -> Done:
    """StartAsyncInvoke: takes the work on, once for each client token."""
    with resources.invocations.lock:
        return _started(resources, asking)


def _started(resources: Resources, asking: Asking) -> Done:
    asked = asking.parameters
    if known := resources.invocations.of_token(asked.get("clientRequestToken")):
        if known.asked != asked:
            raise AwsError("ConflictException", "The clientRequestToken was used with other parameters.")
        return Done(Answered({"invocationArn": known.arn}))
    model = resources.model(asked["modelId"])
    if not model.embeds:
        raise invalid("The provided model doesn't support asynchronous invocation.")
    output = asked["outputDataConfig"]["s3OutputDataConfig"]["s3Uri"].rstrip("/")
    if not resources.objects.has_bucket(output):
        raise invalid(f"Invalid Output Config/Credentials: the bucket of {output} cannot be written to.")
    begun = _begun(resources, asking, output, model.id)
    resources.invocations.known[begun.arn] = begun
    return Done(Answered({"invocationArn": begun.arn}), begun.usage)


def get_async_invoke(resources: Resources, asking: Asking) -> Done:
    """GetAsyncInvoke; each look brings the work on."""
    found = resources.invocations.known.get(asking.parameters["invocationArn"])
    if found is None:
        raise invalid("The provided invocationArn does not exist.")
    _go_on(found, resources)
    return Done(Answered(found.told()))


def list_async_invokes(resources: Resources, asking: Asking) -> Done:
    """ListAsyncInvokes, with its filters, by the page; a look at each brings the work on, too."""
    wanted = asking.parameters
    known = list(resources.invocations.known.values())
    for one in known:
        _go_on(one, resources)
    found = [one for one in known if _fits(one, wanted)]
    found.sort(key=lambda one: one.submitted, reverse=wanted.get("sortOrder", "Descending") == "Descending")
    start, most = int(wanted.get("nextToken", "0")), wanted.get("maxResults", 100)
    more = {"nextToken": str(start + most)} if start + most < len(found) else {}
    return Done(Answered({"asyncInvokeSummaries": [one.told() for one in found[start : start + most]], **more}))


def _fits(one: Invocation, wanted: dict[str, Any]) -> bool:
    after, before = wanted.get("submitTimeAfter", one.submitted), wanted.get("submitTimeBefore", one.submitted)
    return wanted.get("statusEquals", one.status) == one.status and bool(after <= one.submitted <= before)


def _begun(resources: Resources, asking: Asking, output: str, model: str) -> Invocation:
    """The work is done at once, and told of only later; what cannot be decoded fails then."""
    wanted = read_segmented(asking.parameters["modelInput"])
    source = _source(wanted)
    resources.objects.size(source)  # raises if it is not there
    lines, usage, failure = _worked(wanted, resources)
    if asking.trouble is Trouble.JOB_FAILED:
        lines, usage, failure = {}, None, "The system encountered an unexpected error during processing."
    return Invocation(
        arn=f"arn:aws:bedrock:{resources.region}:{ACCOUNT}:async-invoke/{secrets.token_hex(6)}",
        model_arn=f"arn:aws:bedrock:{resources.region}::foundation-model/{model}",
        asked=asking.parameters,
        output=output,
        source=source,
        dimension=wanted.embedding_dimension,
        polls_left=2 + len(resources.invocations.known) % 2,
        lines=lines,
        failure=failure,
        usage=usage,
        submitted=datetime.now(UTC),
    )


def _source(wanted: Parameters) -> str:
    part = wanted.text or wanted.image or wanted.audio or wanted.video
    assert part
    assert part.source
    assert part.source.s3_location
    return part.source.s3_location.uri


def _worked(wanted: Parameters, resources: Resources) -> tuple[Lines, Usage | None, str | None]:
    try:
        lines, usage = _text_lines(wanted, resources) if wanted.text else _media_lines(wanted, resources)
    except AwsError as error:
        return {}, None, error.message
    return lines, usage, None


def _text_lines(wanted: Parameters, resources: Resources) -> tuple[Lines, Usage]:
    assert wanted.text
    text = stored_text(wanted.text, resources.objects, MOST_STORED["text"])
    length = wanted.text.segmentation_config.max_length_chars if wanted.text.segmentation_config else 32_000
    parts = [(start, text[start : start + length]) for start in range(0, len(text), length)]
    _check_segments("text", len(parts))
    lines, tokens = [], 0
    for number, (start, part) in enumerate(parts):
        kept, cut = truncated(part, wanted.text.truncation_mode)
        tokens += text_tokens(kept)
        place = {"segmentIndex": number, "segmentStartCharPosition": start, "segmentEndCharPosition": start + len(part), **cut}
        lines.append({"embedding": vector(kept, wanted.embedding_dimension), "segmentMetadata": place, "status": "SUCCESS"})
    return {"TEXT": lines}, Usage(tokens)


def _media_lines(wanted: Parameters, resources: Resources) -> tuple[Lines, Usage]:
    media = looked_at(wanted, resources.objects, MOST_STORED)
    if media.seconds > MOST_SECONDS:
        raise invalid(f"The {media.kind} is {media.seconds:.0f} seconds long: the maximum is {MOST_SECONDS:.0f} seconds.")
    part = wanted.video or wanted.audio
    step = part.segmentation_config.duration_seconds if part and part.segmentation_config else 5
    spans = [(start, min(start + step, media.seconds)) for start in range(0, math.ceil(media.seconds), step)]
    if media.kind != "image":
        _check_segments(media.kind, len(spans))
    dimension = wanted.embedding_dimension
    if media.kind == "image":
        return {"IMAGE": [{"embedding": vector(f"image {media.digest}", dimension), "status": "SUCCESS"}]}, charged(media)
    lines = {
        kind: [
            {
                "embedding": vector(f"{kind} {media.digest} {number}", dimension),
                "segmentMetadata": {"segmentIndex": number, "segmentStartSeconds": float(start), "segmentEndSeconds": end},
                "status": "SUCCESS",
            }
            for number, (start, end) in enumerate(spans)
        ]
        for kind in types_of(wanted, media)
    }
    return lines, charged(media)


def _check_segments(kind: str, count: int) -> None:
    if count > MOST_SEGMENTS[kind]:
        raise invalid(f"The {kind} has {count} segments: the maximum is {MOST_SEGMENTS[kind]}.")


def _go_on(one: Invocation, resources: Resources) -> None:
    with resources.invocations.lock:
        if one.status != "InProgress":
            return
        one.polls_left -= 1
        if one.polls_left > 0:
            return
        if one.failure is None:
            for name, body, content_type in _files(one):
                resources.objects.write(f"{one.output}/{one.id}/{name}", body, content_type)
        one.status, one.ended = "Failed" if one.failure else "Completed", datetime.now(UTC)


def _files(one: Invocation) -> Iterator[tuple[str, bytes, str]]:
    """Name, bytes and content type of each file of a result."""
    results = []
    for kind, lines in one.lines.items():
        name = FILES[kind]
        yield name, "".join(f"{json.dumps(line)}\n" for line in lines).encode(), "application/jsonlines"
        results.append({"embeddingType": kind, "status": "SUCCESS", "outputFileUri": f"{one.output}/{one.id}/{name}"})
    result = {"sourceFileUri": one.source, "embeddingDimension": one.dimension, "embeddingResults": results}
    yield "segmented-embedding-result.json", json.dumps(result).encode(), "application/json"
    yield "manifest.json", json.dumps({"invocationArn": one.arn, "outputs": results}).encode(), "application/json"
