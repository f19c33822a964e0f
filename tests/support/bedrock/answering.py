"""What the fake's models say: made of the prompt and of the media's digest, so that the same request has the same answer."""

import json
from dataclasses import dataclass

from tests.support.bedrock.conversation import Conversation
from tests.support.bedrock.faults import Trouble
from tests.support.bedrock.instances import Instances
from tests.support.bedrock.mending import mended
from tests.support.bedrock.prompts import read_brief
from tests.support.bedrock.schemas import fitted
from tests.support.bedrock.wording import Words

MEMBER = ',\n "'
"""Between two members of the outermost object."""
STOPPED = {
    Trouble.TRUNCATED: ("max_tokens", 0.5),
    Trouble.CONTENT_FILTERED: ("content_filtered", 0.0),
    Trouble.MALFORMED_MODEL_OUTPUT: ("malformed_model_output", 0.5),
    Trouble.CONTEXT_EXCEEDED: ("model_context_window_exceeded", 0.5),
}
"""Why a model stops before its end, and how much of its answer is there then."""


@dataclass(frozen=True)
class Answer:
    """A model's words, and why it stopped."""

    text: str
    stop_reason: str = "end_turn"


def answer_to(prompt: Conversation, trouble: Trouble | None = None) -> Answer:
    """The answer to a prompt: JSON if it has a schema, which it fits unless there is trouble; else a sentence."""
    media = prompt.media
    brief = read_brief(prompt.text, [one.seconds for one in media])
    words = Words(brief, "".join(one.digest for one in media) or prompt.digest)
    if brief.schema is None:
        return _spoilt(words.prose(words.topics()[0]), trouble)
    made = Instances(brief.schema, words, trouble).make()
    if brief.earlier is not None:
        made = fitted(mended(brief.earlier), made, brief.schema, brief.schema)
    if trouble is Trouble.MISSING_SECTION:
        del made[next(iter(made))]
    return _spoilt(json.dumps(made, ensure_ascii=False, indent=1), trouble)


def _spoilt(text: str, trouble: Trouble | None) -> Answer:
    """An answer as a fault makes it."""
    if trouble in STOPPED:
        stop_reason, share = STOPPED[trouble]
        return Answer(text[: int(len(text) * share)], stop_reason)
    match trouble:
        case Trouble.MALFORMED_JSON:
            return Answer(text.replace(MEMBER, MEMBER[1:], 1) if MEMBER in text else text[:-1])
        case Trouble.FENCED:
            return Answer(f"```json\n{text}\n```")
        case Trouble.TRAILING_PROSE:
            return Answer(f"Here is the JSON:\n\n{text}\n\nI hope that this helps {{as asked}}.")
        case _:
            return Answer(text)
