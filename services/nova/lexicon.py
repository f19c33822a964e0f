"""Word lists as data: what is noise in a name, a place, an everyday word, a thing that people talk about."""

from functools import cache
from pathlib import Path
from typing import Any

import yaml

from services.nova.provenance import Frozen
from services.nova.words import stem

FOLDER = Path(__file__).parent / "lexicons"


class NameWords(Frozen):
    """What tells the parts of file and folder names apart; everything in lower case."""

    noise: frozenset[str]
    camera_prefixes: frozenset[str]
    folders_without_meaning: frozenset[str]
    folders_of_users: frozenset[str]
    folders_of_customers: frozenset[str]
    folders_of_projects: frozenset[str]
    job_words: tuple[str, ...]
    home_words: frozenset[str]
    site_words: frozenset[str]
    titles: frozenset[str]
    never_names: frozenset[str]


class Places(Frozen):
    """Places that may stand alone, and those whose names mean something else as well."""

    states: dict[str, str]
    """Postal abbreviation to name."""
    ambiguous_abbreviations: frozenset[str]
    ambiguous_states: frozenset[str]
    countries: dict[str, str]
    """Lower case as written to name."""
    street_words: tuple[str, ...]


class Things(Frozen):
    """Terms to look for in what is said, by kind of element and by question."""

    masks: tuple[str, ...]
    elements: dict[str, dict[str, tuple[str, ...]]]
    project_types: dict[str, tuple[str, ...]]


class DenialWords(Frozen):
    """The words by which English says that something is not there; stems."""

    negators: frozenset[str]
    turns: frozenset[str]
    """After one of these a sentence turns: what follows is not denied."""
    undenied: frozenset[str]
    """After no or not these make a figure of speech."""
    articles: frozenset[str]
    absences: frozenset[str]
    """A thing that is not so is not there."""


def read(name: str) -> Any:
    """The content of one YAML file of the lexicon."""
    return yaml.safe_load((FOLDER / name).read_text(encoding="utf-8"))


@cache
def name_words() -> NameWords:
    """The words of names."""
    return NameWords.model_validate(read("names.yaml"))


@cache
def places() -> Places:
    """The words of places."""
    return Places.model_validate(read("places.yaml"))


@cache
def things() -> Things:
    """The things that people talk about."""
    return Things.model_validate(read("things.yaml"))


@cache
def everyday() -> frozenset[str]:
    """Stems of words that say nothing of what a text is about."""
    return frozenset(stem(word) for word in str(read("everyday.yaml")["words"]).split())


@cache
def denial_words() -> DenialWords:
    """The words of denial."""
    return DenialWords.model_validate({name: str(words).split() for name, words in read("denial.yaml").items()})


@cache
def number_words() -> tuple[str, ...]:
    """The words for zero, one, two and so on."""
    return tuple(str(read("numbers.yaml")["words"]).split())


@cache
def role_words() -> frozenset[str]:
    """Stems of the words by which people are told without being named."""
    of_elements = (word for phrases in things().elements["person"].values() for phrase in phrases for word in phrase.split())
    return frozenset(stem(word) for word in (*read("roles.yaml")["words"], *of_elements))
