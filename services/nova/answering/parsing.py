"""The text that a model answered, as an `Answer`; what is wrong with it, in words that a model can mend it by."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any

from pydantic import ValidationError

from services.nova.answering.answer import Answer, sections
from services.nova.answering.objects import NoObject, first_object
from shared.analyses import AnalysisType
from shared.contracts import Kind

MOST_FAULTS = 20
LONGEST = 60
"""Characters shown of what was told instead."""
EXPECTED: Mapping[str, str] = {
    "missing": "is missing",
    "float_parsing": "has to be a number",
    "float_type": "has to be a number",
    "greater_than_equal": "has to be 0 or more",
    "less_than_equal": "has to be 1 or less",
    "string_type": "has to be a text",
    "string_too_short": "must not be empty",
    "tuple_type": "has to be a list",
    "dict_type": "has to be an object",
    "model_type": "has to be an object",
    "model_attributes_type": "has to be an object",
    "finite_number": "has to be a finite number",
}


class InvalidAnswer(Exception):
    """An answer that is not as it was asked for; each fault says where and what was expected."""

    def __init__(self, faults: Sequence[str]) -> None:
        super().__init__(" ".join(faults))
        self.faults = tuple(faults)


def parsed(raw: str, kind: Kind, types: Collection[AnalysisType]) -> Answer:
    """The answer about a file of this kind to these analyses; raises InvalidAnswer."""
    due = sections(types)
    answer = parsed_sections(raw, due)
    if kind is not Kind.IMAGE and answer.chapters == ():
        raise InvalidAnswer(["chapters: at least one chapter is expected, as they together cover the whole clip."])
    return answer


def parsed_sections(raw: str, due: Collection[str]) -> Answer:
    """The sections that are due, each of which has to be there; raises InvalidAnswer."""
    try:
        told = first_object(raw, due)
    except NoObject as fault:
        raise InvalidAnswer([str(fault)]) from None
    wanted = {name: told[name] for name in due if told.get(name) is not None}
    missing = [f"{name} is missing." for name in due if name not in wanted]
    try:
        answer = Answer.model_validate(wanted)
    except ValidationError as error:
        raise InvalidAnswer(_shown([*missing, *_faults(error)])) from None
    if missing:
        raise InvalidAnswer(missing)
    return answer


def _faults(error: ValidationError) -> Iterator[str]:
    for fault in error.errors(include_url=False):
        place = _place(fault["loc"])
        yield f"{place} {_expected(fault['type'], fault['msg'])}{_instead(fault['type'], fault['input'])}."


def _place(location: tuple[int | str, ...]) -> str:
    told = "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in location)
    return told.removeprefix(".")


def _expected(kind: str, message: str) -> str:
    if kind in EXPECTED:
        return EXPECTED[kind]
    return message.removeprefix("Value error, ").replace("Input should be", "has to be", 1)


def _instead(kind: str, told: Any) -> str:
    if kind == "missing":
        return ""
    shown = repr(told)
    return f", not {shown if len(shown) <= LONGEST else shown[:LONGEST] + '…'}"


def _shown(faults: list[str]) -> list[str]:
    left = len(faults) - MOST_FAULTS
    return faults if left <= 0 else [*faults[:MOST_FAULTS], f"There are {left} more faults of this kind."]
