"""One value from several that say the same, with all that they rest on."""

from collections import defaultdict
from collections.abc import Callable, Hashable, Iterable, Sequence
from typing import Protocol, TypeVar

from services.nova.provenance import Evidence, Fact, Frozen
from services.nova.words import WORD, stem


class Rested(Protocol):
    """What rests on evidence."""

    @property
    def evidence(self) -> tuple[Evidence, ...]: ...


class Trusted(Rested, Protocol):
    """What rests on evidence, and is trusted so far."""

    @property
    def confidence(self) -> float: ...


T = TypeVar("T")
C = TypeVar("C", bound=Trusted)
M = TypeVar("M", bound=Frozen)


def same(text: str) -> str:
    """What texts have in common that mean one thing: neither case nor plural nor what stands between words tells them apart."""
    return " ".join(stem(word) for word in WORD.findall(text)) or text.strip().casefold()


def evidence(parts: Iterable[Rested]) -> tuple[Evidence, ...]:
    """All that these rest on, each piece once."""
    return tuple(dict.fromkeys(piece for part in parts for piece in part.evidence))


def grouped(parts: Iterable[T], key: Callable[[T], Hashable]) -> list[list[T]]:
    """Those that belong together, in the order of the first of each."""
    groups = defaultdict[Hashable, list[T]](list)
    for part in parts:
        groups[key(part)].append(part)
    return list(groups.values())


def strongest(parts: Sequence[C]) -> C:
    """The most trusted, of equals the first."""
    return max(parts, key=lambda part: part.confidence)


def words(lists: Iterable[Sequence[str]], most: int) -> tuple[str, ...]:
    """The words of several lists: those that stand in many before those in few, then those that stand in front."""
    placed = [(place, word) for listed in lists for place, word in enumerate(listed)]
    groups = grouped(placed, lambda pair: same(pair[1]))
    groups.sort(key=lambda group: (-len(group), min(place for place, _ in group)))
    return tuple(group[0][1] for group in groups[:most])


def facts(lists: Iterable[Iterable[Fact]]) -> tuple[Fact, ...]:
    """Every known value once, the most trusted first."""
    known = (fact for listed in lists for fact in listed if fact.known)
    return tuple(
        sorted((_agreed(group) for group in grouped(known, lambda fact: same(fact.value))), key=lambda fact: -fact.confidence)
    )


def fact(candidates: Iterable[Fact]) -> Fact:
    """The most trusted value, with all that speaks for it; unknown if nothing is known."""
    found = facts([candidates])
    return found[0] if found else Fact()


def blended(parts: Sequence[M]) -> M:
    """A value made of facts and lists of facts alone, field by field."""
    kind = type(parts[0])
    fields = {name: [getattr(part, name) for part in parts] for name in kind.model_fields}
    return kind(**{name: fact(values) if isinstance(values[0], Fact) else facts(values) for name, values in fields.items()})


def _agreed(group: Sequence[Fact]) -> Fact:
    return strongest(group).model_copy(update={"evidence": evidence(group)})
