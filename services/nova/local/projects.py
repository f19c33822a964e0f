"""Which project and job a file belongs to, from names and from what is said."""

import re
from collections.abc import Iterator
from functools import cache

from services.nova.analyst import Project
from services.nova.lexicon import name_words, things
from services.nova.local.cues import Lexicon
from services.nova.local.customers import customers, homes
from services.nova.local.evidenced import Candidate, best
from services.nova.names import below, capital, read_name
from services.nova.provenance import Evidence, Source
from services.nova.reading import Reading, spoken

CODE = re.compile(r"[A-Z]{2,5}-\d{2,6}")
NUMBER = re.compile(r"\d")
SPOKEN_JOB = re.compile(r"\b(?:job|project) (?:number|no\.?|nr\.?)(?: is)? ?((?:\d[\d_-]*)(?: \d[\d_-]*)*)", re.IGNORECASE)


def project(reading: Reading) -> Project:
    """What names and speech say of the project; every value unknown unless one of them says it."""
    return Project(
        customer_name=best(customers(reading)),
        project_name=best(_project_names(reading)),
        project_code=best(_codes(reading)),
        job_number=best(_job_numbers(reading)),
        project_type=best(_project_types(reading)),
    )


def _project_names(reading: Reading) -> Iterator[Candidate]:
    yield from homes(reading)
    for folder in below(reading.material.path, name_words().folders_of_projects):
        found = read_name(folder)
        if found.tokens and not any(map(NUMBER.search, found.jobs)):
            yield Candidate(" ".join(map(capital, found.tokens)), Evidence(source=Source.PATH, phrase=folder))


def _codes(reading: Reading) -> Iterator[Candidate]:
    for name, evidence in reading.named:
        yield from (Candidate(job, evidence) for job in name.jobs if CODE.fullmatch(job))


def _job_numbers(reading: Reading) -> Iterator[Candidate]:
    for name, evidence in reading.named:
        yield from (Candidate(job, evidence) for job in name.jobs if NUMBER.search(job) and not CODE.fullmatch(job))
    for segment in reading.material.segments:
        for match in SPOKEN_JOB.finditer(segment.text):
            yield Candidate(match[1].replace(" ", "-"), spoken(segment, match[0]))


@cache
def _project_type_words() -> Lexicon:
    return Lexicon(things().project_types, things().masks)


def _project_types(reading: Reading) -> Iterator[Candidate]:
    for text in reading.texts:
        for mention in _project_type_words().mentions(text):
            if not mention.denied:
                yield Candidate(mention.term, mention.evidence)
