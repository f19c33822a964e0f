"""The prompts' sizes that estimates go by are those of the prompts that are sent."""

from itertools import chain, combinations
from typing import Any

import yaml

from services.nova.answering.schema import compact
from services.nova.prompting.instructions import Prompt, instructions, merge_prompt, transcript_summary_prompt
from services.nova.taxonomy import load
from shared.analyses import EVERYTHING, PROMPT_VERSION
from shared.contracts.event import Kind
from shared.models.asking import SIZES, named

HEAD = """\
# Characters of the prompts by kind of file and set of analyses: of their sentences, and of the answer's schema as JSON.
# Written by `pytest tests/shared/models/test_prompt_sizes.py --update-test-data`, which measures the prompts themselves.
"""


def size(prompt: Prompt) -> dict[str, int]:
    schema = compact(prompt.schema)
    assert schema in prompt.text
    return {"prose": len(prompt.system) + len(prompt.text) - len(schema), "notation": len(schema)}


def measured() -> dict[str, Any]:
    taxonomy = load()
    sizes = {
        kind.value: {
            named(types): size(instructions(kind, types, taxonomy=taxonomy))
            for types in chain.from_iterable(combinations(EVERYTHING[kind], count) for count in range(1, 5))
        }
        for kind in Kind
    }
    summary, merge = transcript_summary_prompt(taxonomy=taxonomy), merge_prompt([], taxonomy=taxonomy)
    return {"version": PROMPT_VERSION, "sizes": sizes, "transcript_summary": size(summary), "merge": size(merge)}


def test_sizes_are_those_of_the_prompts(update_test_data: bool) -> None:
    if update_test_data:
        SIZES.write_text(
            HEAD + yaml.safe_dump(measured(), sort_keys=False, width=128, default_flow_style=None), encoding="utf-8"
        )
    assert yaml.safe_load(SIZES.read_text(encoding="utf-8")) == measured()
