"""Bodies of dead letters as events: what is wrong with them, and what may be changed."""

import json
from typing import Any

from services.search.replay.letters import Letter
from shared.contracts import Event, FileEvent
from shared.errors import Invalid, InvalidEvent
from shared.messaging import parse

OTHER_MATTER = "A letter is put right, not addressed anew: {} must stay as it is."
NO_TEXT = "The body has what cannot be sent: U+0000, halves of characters, or numbers that are none."


def event_of(letter: Letter) -> Event:
    """The event that is sent again; raises Invalid, saying what is wrong with the body."""
    try:
        return parse(letter.address, letter.sent)
    except InvalidEvent as error:
        raise Invalid(f"{error} Edit the letter before it is sent again.") from error


def is_readable(letter: Letter) -> bool:
    """Whether the message, as it came, is an event."""
    return _as_it_came(letter) is not None


def mended(letter: Letter, body: Any) -> bytes:
    """A body as it is to be sent; raises Invalid unless it is an event about the same matter."""
    written = _written(body)
    try:
        event = parse(letter.address, written)
    except InvalidEvent as error:
        raise Invalid(str(error)) from error
    if unknown := sorted(set(body) - set(type(event).model_fields)):
        raise Invalid(f"{event.subject} has no {' and no '.join(unknown)}; it has {', '.join(type(event).model_fields)}.")
    _require_same(letter, event)
    return written


def shown(body: bytes | None) -> Any:
    """A body as JSON; None if it is none, or has characters that no JSON can tell."""
    try:
        value = json.loads(body or b"null", parse_constant=_refuse)
        json.dumps(value, ensure_ascii=False).encode()
    except (ValueError, RecursionError):
        return None
    return value


def _written(body: Any) -> bytes:
    try:
        text = json.dumps(body, ensure_ascii=False, allow_nan=False)
        written = text.encode()
    except ValueError as error:
        raise Invalid(NO_TEXT) from error
    if "\\u0000" in text:
        raise Invalid(NO_TEXT)
    return written


def _require_same(letter: Letter, event: Event) -> None:
    """Raise Invalid unless the event goes where the letter came from, and is about the same as far as that is known."""
    came = _as_it_came(letter)
    if event.address != letter.address:
        raise Invalid(OTHER_MATTER.format("what the address is made of, file_id and priority,"))
    if came is not None and came.id != event.id:
        raise Invalid(OTHER_MATTER.format("what the event is about, file and revision or job, and run_id,"))
    if isinstance(came, FileEvent) and isinstance(event, FileEvent) and came.kind != event.kind:
        raise Invalid(OTHER_MATTER.format("the kind of the file"))


def _as_it_came(letter: Letter) -> Event | None:
    try:
        return parse(letter.address, letter.body)
    except InvalidEvent:
        return None


def _refuse(constant: str) -> None:
    raise ValueError(constant)
