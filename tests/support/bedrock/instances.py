"""Instances of a JSON Schema: objects with evidence, times within the medium, values of enums, grounded in what is known."""

import math
import re
from collections.abc import Iterator
from itertools import pairwise
from typing import Any

from tests.support.bedrock.faults import Trouble
from tests.support.bedrock.schemas import Schema, resolved
from tests.support.bedrock.wording import Words

NO_VALUE = "No Such Value"
LONGEST_CHAPTER = 60.0
MOST_CHAPTERS = 6
MOST_ITEMS = 4
NAMED_ONLY = 0.35
"""Confidence at most where evidence is nothing but names."""
NAMES = frozenset({"filename", "path", "exif"})
DAY = re.compile(r"(?<!\d)(\d{4})[-:](\d{2})[-:](\d{2})(?!\d)")
FREE_FIELDS = {"customer_name", "project_code", "job_number"}
"""Values that are told where names tell them; others of their kind, such as cities, are never made up."""


class Instances:
    """Makes one answer; `trouble` can make it one that breaks the rules."""

    def __init__(self, root: Schema, words: Words, trouble: Trouble | None = None) -> None:
        self._root, self._words, self._trouble = root, words, trouble
        self._seconds = math.floor(words.brief.seconds * 10) / 10

    def make(self) -> Any:
        """The answer."""
        return self._made(self._root, "", self._words.topics()[0])

    def _made(self, schema: Schema, name: str, word: str) -> Any:
        """A value for the field `name`, about `word`; None where there is nothing to tell."""
        schema = resolved(schema, self._root)
        kind = schema.get("type", "object" if "properties" in schema else "string")
        if "enum" in schema:
            return self._one_of(schema["enum"], name, word)
        if kind == "object":
            return self._object(schema, name, word)
        if kind == "array":
            return list(self._items(resolved(schema.get("items", {}), self._root), name, word))
        if kind in {"number", "integer"}:
            return self._number(schema, name, word)
        return self._text(name, word) if kind == "string" else True

    def _object(self, schema: Schema, name: str, word: str) -> dict[str, Any] | None:
        properties, required = schema.get("properties", {}), schema.get("required", ())
        if {"source", "phrase"} <= properties.keys():
            return self._evidence(properties, word)
        if {"value", "evidence"} <= properties.keys() and "kind" not in properties and "type" not in properties:
            return self._value(properties, name, word)
        made = {field: self._made(one, field, word) for field, one in properties.items()}
        return self._weighed({field: one for field, one in made.items() if one is not None or field in required})

    def _evidence(self, properties: Schema, word: str) -> dict[str, Any] | None:
        quote = self._words.quote(word, resolved(properties["source"], self._root).get("enum", ("visual",)))
        if quote is None:
            return None
        times = self._times(quote.line.start, quote.line.end) if quote.line and "start" in properties else {}
        return {"source": quote.source, "phrase": quote.phrase, **times}

    def _value(self, properties: Schema, name: str, word: str) -> dict[str, Any] | None:
        """A value with its evidence; None for one that nothing tells."""
        shape = resolved(properties["value"], self._root)
        value = self._one_of(shape["enum"], name, word) if "enum" in shape else self._free(name, word)
        if value is None:
            return None
        if value.lower() == "unknown":
            reason = (
                {"unknown_reason": f"Nothing tells the {name.replace('_', ' ')}."} if "unknown_reason" in properties else {}
            )
            return {"value": value, "evidence": [], "confidence": 0.0, **reason}
        about = value if "enum" not in shape else word
        evidence = list(self._items(resolved(properties["evidence"], self._root)["items"], "evidence", about.lower()))
        return self._weighed({"value": value, "evidence": evidence, "confidence": self._share(name, about)})

    def _free(self, name: str, word: str) -> str | None:
        """What stands in names for a field, or the word itself in a list of values (which has no name)."""
        if not name:
            return word
        brief = self._words.brief
        if name == "customer_name" and brief.jobs:
            return next((one for one in brief.jobs[0].split() if one.isalpha()), None)
        numbered = [one for one in (*brief.file_words, *brief.folder_words) if any(sign.isdigit() for sign in one)]
        return numbered[0] if name in FREE_FIELDS and name != "customer_name" and numbered else None

    def _items(self, item: Schema, name: str, word: str) -> Iterator[Any]:
        item = resolved(item, self._root)
        properties = item.get("properties", {})
        if {"source", "phrase"} <= properties.keys():
            yield from filter(None, [self._evidence(properties, word)])
        elif {"start", "end", "title"} <= properties.keys():
            yield from self._chapters(item)
        elif properties.keys() == {"start", "end"}:
            yield from self._spans(word)
        elif name == "dates":
            yield from self._days(item)
        else:
            yield from (self._made(item, "", topic) for topic in self._listed(name))

    def _listed(self, name: str) -> list[str]:
        """What a list of this name is about: some of the topics, each once."""
        topics = self._words.topics()
        first = self._words.number("first", name) % len(topics)
        return [*topics[first:], *topics[:first]][:MOST_ITEMS]

    def _chapters(self, item: Schema) -> Iterator[dict[str, Any]]:
        """One after the other from the beginning to the end, each about what is spoken of in it."""
        count = min(max(round(self._seconds / LONGEST_CHAPTER), 1), MOST_CHAPTERS)
        edges = [round(self._seconds * number / count, 1) for number in range(count + 1)]
        if self._trouble is Trouble.BEYOND_THE_END:
            edges[-1] = round(self._seconds * 2 + 100, 1)
        for start, end in pairwise(edges):
            about = self._made(item, "", self._words.topics(start, end)[0])
            yield {**about, "start": start, "end": end}
        if self._trouble is Trouble.OVERLAPPING:
            yield {**self._made(item, "", self._words.topics()[0]), "start": 0.0, "end": self._seconds}

    def _spans(self, word: str) -> Iterator[dict[str, float]]:
        lines = [line for line in self._words.brief.lines if word in line.text.lower()][:MOST_ITEMS]
        if self._trouble is Trouble.BEYOND_THE_END:
            yield {"start": self._seconds + 50, "end": self._seconds + 60}
        elif lines:
            yield from (self._times(line.start, line.end) for line in lines)
        else:
            start = self._seconds * (self._words.number("span", word) % 80) / 100
            yield self._times(start, start + self._seconds / 5)

    def _days(self, item: Schema) -> Iterator[dict[str, Any]]:
        """Dates that the camera recorded."""
        for _, text in self._words.brief.recorded:
            if found := DAY.search(text):
                evidence = [{"source": "exif", "phrase": text}]
                yield {**self._made(item, "", text), "kind": "capture", "value": "-".join(found.groups()), "evidence": evidence}
                return

    def _times(self, start: float, end: float) -> dict[str, float]:
        return {"start": round(min(start, self._seconds), 1), "end": round(min(end, self._seconds), 1)}

    def _one_of(self, values: list[Any], name: str, word: str) -> Any:
        if self._trouble is Trouble.UNKNOWN_VALUE:
            return NO_VALUE
        said = " ".join(line.text for line in self._words.brief.lines).lower()
        return next((value for value in values if str(value).lower() in said), self._words.choice(values, name, word))

    def _number(self, schema: Schema, name: str, word: str) -> float:
        low, high = float(schema.get("minimum", 0)), float(schema.get("maximum", 100))
        number = low + (high - low) * self._share(name, word)
        return round(number, 2) if schema["type"] == "number" else int(number)

    def _share(self, *of: str) -> float:
        return round(0.5 + self._words.number("share", *of) % 45 / 100, 2)

    def _text(self, name: str, word: str) -> str | None:
        if name == "unknown_reason":
            return None
        if name in {"text", "summary", "description"}:
            return self._words.prose(word)
        return word.capitalize() if name == "title" else word

    def _weighed(self, made: dict[str, Any]) -> dict[str, Any]:
        """With little confidence in what rests on names alone."""
        sources = {one["source"] for one in made.get("evidence") or ()}
        if sources and sources <= NAMES and "confidence" in made:
            return {**made, "confidence": min(made["confidence"], NAMED_ONLY)}
        return made
