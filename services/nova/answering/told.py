"""What recurs in an answer: values and prose, each with its evidence and a confidence."""

from typing import Annotated, Any, Final, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

from services.nova.answering.lenient import Listed, Text, Time, folded, known, share, under, worded
from services.nova.provenance import UNKNOWN

DUE: Final[dict[str, Any]] = {"due": True}
"""Marks what is asked for and yet may be missing in an answer that is of use."""


class Told(BaseModel):
    """Part of an answer; what was not asked for is passed over."""

    model_config = ConfigDict(frozen=True, extra="ignore", str_strip_whitespace=True)


Share = Annotated[float, Field(ge=0, le=1), BeforeValidator(share)]
Confidence = Annotated[Share | None, Field(json_schema_extra=DUE)]
"""Null where the model gave none."""


class Quote(Told):
    """What a value rests on: words as they stand in a text, or what is to be seen, with its time."""

    source: Annotated[Literal["visual", "transcript", "filename", "path", "exif"], BeforeValidator(folded)]
    phrase: Text
    start: Time | None = None
    end: Time | None = None


Quotes = Annotated[tuple[Quote, ...], Listed, Field(json_schema_extra=DUE)]


class Value(Told):
    """One extracted value; `unknown` where nothing says what it is."""

    value: Annotated[Text, BeforeValidator(known), Field(json_schema_extra=DUE)] = UNKNOWN
    evidence: Quotes = ()
    confidence: Confidence = None


Maybe = Annotated[Value, BeforeValidator(under("value"))]
Values = Annotated[tuple[Maybe, ...], Listed]
Words = Annotated[tuple[Text, ...], Listed, Field(json_schema_extra=DUE)]
Prosaic = BeforeValidator(worded)


class Prose(Told):
    """A text with what it rests on."""

    text: Annotated[str, Field(min_length=1)]
    evidence: Quotes = ()
    confidence: Confidence = None
