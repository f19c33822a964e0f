"""Nova Multimodal Embeddings on Bedrock: texts, pictures and clips to vectors in one space. Each call is paid for once."""

import copy
import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from functools import partial
from typing import NamedTuple, Protocol
from uuid import UUID

import numpy as np
from numpy.typing import NDArray
from pydantic import JsonValue

from shared import embedding_requests
from shared.analyses import NOBODY
from shared.embedding_requests import Purpose, readable, stored_name
from shared.errors import BadMedia, Invalid
from shared.gathering import gathered
from shared.models.bedrock_settings import BedrockSettings
from shared.models.catalogue import Model
from shared.models.prices import Usage, cost, media_cost
from shared.paying.asking import Asker
from shared.paying.calls import Call, Reply, Reserve, question_of
from shared.paying.calls import Purpose as Why

KEY = "nova-embed"
"""Of the model in the catalogue."""
MOST_BYTES = 25_000_000
"""Of a request, media within it as base64."""

Vectors = NDArray[np.float32]


class Invoking(Protocol):
    """What is needed of Bedrock."""

    async def invoke(self, model_id: str, body: Mapping[str, JsonValue]) -> Reply:
        """The model's answer to a request."""
        ...


@dataclass(frozen=True)
class Charged:
    """Something that has a vector: the question for it, and what the answer costs."""

    question: str
    body: dict[str, JsonValue]
    input_tokens: int
    usd: Decimal
    """At most."""
    price: Callable[[Usage], Decimal]


class Paid(NamedTuple):
    """A vector of length one, and the row of the ledger that keeps it."""

    vector: Vectors
    call_id: UUID


class NovaEmbedder:
    """The model with vectors of one length; a `file_id` is for the ledger."""

    def __init__(
        self, model: Model, dimensions: int, *, settings: BedrockSettings, asker: Asker, bedrock: Invoking, prices_as_of: date
    ) -> None:
        if dimensions not in model.dimensions:
            there_are = ", ".join(map(str, model.dimensions))
            raise Invalid(
                f"{model.name} has no vectors of {dimensions} numbers; set SPILLWAY_EMBEDDING_DIMENSIONS to {there_are}."
            )
        self.dimensions = dimensions
        self.model = stored_name(model.model_id, dimensions)
        self.catalogued = model
        self.settings = settings
        self.scope = scope_of(model, settings)
        self.asker = asker
        self.prices_as_of = prices_as_of
        self._bedrock = bedrock
        self._requested_by = NOBODY

    def on_behalf_of(self, requested_by: str) -> "NovaEmbedder":
        """The same, with the ledger told that this person asks."""
        other = copy.copy(self)
        other._requested_by = requested_by
        return other

    async def embed(self, texts: Sequence[str]) -> Vectors:
        """What is stored: one row of length one per text, shape (texts, dimensions); raises Invalid for an empty text."""
        paid = await self.embed_texts(texts, file_id=None)
        return np.array([one.vector for one in paid], dtype=np.float32).reshape(len(texts), self.dimensions)

    async def embed_query(self, text: str, *, requested_by: str = NOBODY) -> Vectors:
        """What is asked with, and in whose name: a vector of length one, shape (dimensions)."""
        charged = self.of_text(text, Purpose.ASK)
        return (await self.on_behalf_of(requested_by)._paid(charged, "query", None)).vector

    async def embed_texts(self, texts: Sequence[str], *, file_id: UUID | None) -> list[Paid]:
        """What is stored of texts, in their order; one call each, several at a time."""
        asked = [partial(self._paid, self.of_text(text, Purpose.STORE), "embedding", file_id) for text in texts]
        return await gathered(asked, self.settings.concurrency)

    async def embed_image(self, image: bytes, kind: str, *, file_id: UUID | None) -> Paid:
        """What is stored of an image; raises BadMedia if it is too large for a request."""
        return await self._paid(self.of_image(image, kind), "embedding", file_id)

    async def embed_clip(self, clip: bytes, seconds: float, *, file_id: UUID | None) -> Paid:
        """What is stored of a silent MP4; raises BadMedia if it is too large for a request."""
        return await self._paid(self.of_clip(clip, seconds), "embedding", file_id)

    def of_text(self, text: str, purpose: Purpose) -> Charged:
        """A text as it is asked for; what the model would not read is left out."""
        read = readable(text.strip())
        if not read:
            raise Invalid("There is nothing to embed in an empty text.")
        most = min(len(read.encode()), self.catalogued.context_tokens)  # a token has a byte at least
        price = partial(cost, self.catalogued, scope=self.scope)
        return Charged(
            self._question(text=read, purpose=purpose),
            embedding_requests.text_body(read, purpose, self.dimensions),
            most,
            price(Usage(most, 0)),
            price,
        )

    def of_image(self, image: bytes, kind: str) -> Charged:
        """An image as it is asked for."""
        self._require_fit(image, "The picture")
        usd = media_cost(self.catalogued, images=1, scope=self.scope)
        body = embedding_requests.image_body(image, kind, self.dimensions)
        return Charged(self._question(image=_digest(image), purpose=Purpose.STORE), body, 0, usd, lambda _: usd)

    def of_clip(self, clip: bytes, seconds: float) -> Charged:
        """A clip as it is asked for."""
        self._require_fit(clip, "A part of the video")
        usd = media_cost(self.catalogued, video_seconds=seconds, scope=self.scope)
        body = embedding_requests.clip_body(clip, self.dimensions)
        return Charged(self._question(clip=_digest(clip), purpose=Purpose.STORE), body, 0, usd, lambda _: usd)

    def of_segments(self, digest: str, seconds: float) -> Charged:
        """A whole video, told by its digest, as it is asked for once it is staged; see `segments_body`."""
        usd = media_cost(self.catalogued, video_seconds=seconds, scope=self.scope)
        return Charged(self._question(segments_of=digest, purpose=Purpose.STORE), {}, 0, usd, lambda _: usd)

    def segments_body(self, uri: str) -> dict[str, JsonValue]:
        """The request for the vectors of the segments of a staged video."""
        return embedding_requests.segments_body(uri, self.dimensions)

    def fits(self, size: int) -> bool:
        """Whether media of so many bytes can be sent within a request."""
        return embedding_requests.fits_request(size, MOST_BYTES)

    def call(self, charged: Charged, why: Why, file_id: UUID | None) -> Call:
        """What the ledger notes before it is asked."""
        return Call(
            question=charged.question,
            purpose=why,
            provider=self.catalogued.provider,
            model=self.catalogued.key,
            model_id=self.catalogued.called(self.scope),
            requested_by=self._requested_by,
            reserve=Reserve(charged.input_tokens, 0, charged.usd, self.prices_as_of),
            file_id=file_id,
        )

    async def _paid(self, charged: Charged, why: Why, file_id: UUID | None) -> Paid:
        call = self.call(charged, why, file_id)

        async def work() -> Reply:
            reply = await self._bedrock.invoke(call.model_id, charged.body)
            vector = embedding_requests.vector_in(reply.body, self.dimensions)
            return replace(reply, body=embedding_requests.kept(vector))

        answer = await self.asker.ask(call, work, charged.price)
        return Paid(embedding_requests.told(answer.body, self.dimensions), answer.call_id)

    def _question(self, **about: str) -> str:
        return question_of(model_id=self.catalogued.model_id, dimensions=self.dimensions, **about)

    def _require_fit(self, media: bytes, what: str) -> None:
        if not self.fits(len(media)):
            raise BadMedia(f"{what} has {len(media):,} bytes and is too large for a request to {self.catalogued.name}.")


def scope_of(model: Model, settings: BedrockSettings) -> str:
    """Whose prices apply: a model without inference profiles is the same in every scope, and priced in one of them."""
    scopes = model.prices.scopes if model.prices else {}
    return settings.scope if settings.scope in scopes or model.profiles else next(iter(scopes), settings.scope)


def _digest(media: bytes) -> str:
    return hashlib.sha256(media).hexdigest()
