"""What a person typed into the search box, taken apart: words, phrases, beginnings, exclusions and fields. Never an error."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum

TEXT_FIELDS = {
    "said": "transcript",
    "chapter": "chapter",
    "element": "element",
    "summary": "summary",
    "description": "description",
    "caption": "caption",
    "keyword": "tags",
}
"""Fields that say in which of a file's texts the words are to be; with the name of the text."""
FILE_FIELDS = frozenset(
    (
        *("camera", "family", "tier", "type", "subtype", "language", "kind", "project", "customer", "path", "name", "folder"),
        *("tag", "collection"),
    )
)
"""Fields that say which files are meant."""
MOST = 50
"""Words and fields that are understood; a query of more is a pasted text, of which the rest adds nothing."""

TOKEN = re.compile(r'(?P<minus>-)?(?:(?P<field>[A-Za-z_]+):)?(?:"(?P<quoted>[^"]*)"|(?P<bare>[^\s"]+))|(?P<stray>")')
BEGINNING = re.compile(r"\w+\*")
WORD = re.compile(r"\w")


class Form(StrEnum):
    """How a term is to be found: as a word in any form, as these words in a row, as a word that begins so."""

    WORD = "word"
    PHRASE = "phrase"
    BEGINNING = "beginning"


@dataclass(frozen=True)
class Term:
    """Something that a text has, or if `excluded` has not."""

    form: Form
    text: str
    excluded: bool = False


@dataclass(frozen=True)
class Condition:
    """What a file has to be, or if `excluded` must not; `field` is one of `FILE_FIELDS`."""

    field: str
    value: str
    excluded: bool = False


@dataclass(frozen=True)
class Asked:
    """A query: its terms, which files are meant, in which texts to look (none: in all), and what was not understood."""

    terms: tuple[Term, ...] = ()
    conditions: tuple[Condition, ...] = ()
    texts: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()

    @property
    def plain(self) -> str:
        """Words and phrases as `websearch_to_tsquery` reads them."""
        return " ".join(_written(term) for term in self.terms if not term.excluded and term.form is not Form.BEGINNING)

    @property
    def unwanted(self) -> str:
        """Excluded words and phrases, of which one is enough, for the same."""
        return " or ".join(f'"{term.text}"' for term in self.terms if term.excluded and term.form is not Form.BEGINNING)

    @property
    def beginnings(self) -> str:
        """Beginnings of words as `to_tsquery` reads them."""
        return " & ".join(_lexemes(self.terms, excluded=False))

    @property
    def unwanted_beginnings(self) -> str:
        """Excluded ones, of which one is enough."""
        return " | ".join(_lexemes(self.terms, excluded=True))

    @property
    def meant(self) -> str:
        """What is looked for, as a person would say it: for names, and for the embedder."""
        return " ".join(term.text for term in self.terms if not term.excluded)

    @property
    def is_exact(self) -> bool:
        """Whether the query says how its words are to be, so that texts with only some of them are no answer."""
        return any(term.excluded or term.form is not Form.WORD for term in self.terms)


def read(q: str) -> Asked:
    """The query taken apart; whatever is not understood is taken as words, with a note."""
    terms: list[Term] = []
    conditions: list[Condition] = []
    texts: list[str] = []
    notes: list[str] = []
    for at, token in enumerate(TOKEN.finditer(q)):
        if at >= MOST:
            notes.append(f"Only the first {MOST} words were searched for.")
            break
        if token["stray"]:
            notes.append("A quotation mark has no second one; what follows it was taken as words.")
            continue
        field = (token["field"] or "").lower()
        value, excluded = token["quoted"] if token["bare"] is None else token["bare"], bool(token["minus"])
        if field in FILE_FIELDS and WORD.search(value):
            conditions.append(Condition(field, value.strip(), excluded))
            continue
        if field and field not in TEXT_FIELDS:
            notes.extend(_unknown(field, value))
            terms.extend(_terms(token[0].lstrip("-").replace('"', " "), quoted=False, excluded=excluded))
            continue
        if field and not excluded:
            texts.append(TEXT_FIELDS[field])
        terms.extend(_terms(value, quoted=token["bare"] is None, excluded=excluded))
    return Asked(tuple(terms), tuple(conditions), _once(texts), _once(notes))


def _terms(text: str, *, quoted: bool, excluded: bool) -> Iterator[Term]:
    if not WORD.search(text):
        return
    if quoted:
        yield Term(Form.PHRASE, text.strip(), excluded)
    elif BEGINNING.fullmatch(text):
        yield Term(Form.BEGINNING, text.removesuffix("*"), excluded)
    else:
        yield Term(Form.WORD, text, excluded)


def _unknown(field: str, value: str) -> Iterator[str]:
    if field in FILE_FIELDS:
        yield f"The field {field}: has no value; it was taken as a word."
    elif not value.startswith("//"):
        known = ", ".join(sorted((*FILE_FIELDS, *TEXT_FIELDS)))
        yield f"There is no field {field}:, so it was taken as words. Fields are {known}."


def _written(term: Term) -> str:
    return f'"{term.text}"' if term.form is Form.PHRASE else term.text.lstrip("-")


def _lexemes(terms: Iterable[Term], *, excluded: bool) -> Iterator[str]:
    for term in terms:
        if term.form is Form.BEGINNING and term.excluded == excluded:
            yield f"'{term.text}':*"


def _once(texts: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(texts))
