"""What was made of a file's moments: their vectors by embedder, and who refused."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from services.nova.moments import Moment

PICTURE = "picture"
"""The field of a moment that is found by what is to be seen. It has no text: words are found by the other fields."""

OLD_STAY = "Until that is put right, searches answer with the vectors that there are."


@dataclass(frozen=True)
class Vectors:
    """One embedder's vectors as pgvector reads them: by text, and of pictures by moment.

    `staged` are the keys of what is of no use once this is stored, and `refused` is why something is missing.
    """

    texts: Mapping[str, str] = field(default_factory=dict)
    pictures: Mapping[Moment, str] = field(default_factory=dict)
    staged: Sequence[str] = ()
    refused: str | None = None

    def of(self, moment: Moment) -> str | None:
        """A moment's vector, if it has one."""
        return self.pictures.get(moment) if moment.field == PICTURE else self.texts.get(moment.text)


@dataclass(frozen=True)
class Made:
    """A file's moments with the vectors of every embedder in use."""

    told: Sequence[Moment]
    models: Mapping[str, Vectors]

    @property
    def moments(self) -> list[Moment]:
        """What the file is found by, in words and then in pictures."""
        seen = (moment for vectors in self.models.values() for moment in vectors.pictures)
        return [*self.told, *dict.fromkeys(seen)]

    @property
    def refused(self) -> str | None:
        """Why vectors are missing, as a sentence; None if none are."""
        reasons = [vectors.refused for vectors in self.models.values() if vectors.refused]
        return f"{' '.join(dict.fromkeys(reasons))} {OLD_STAY}" if reasons else None

    @property
    def staged(self) -> list[str]:
        """Keys of what was only needed to make them."""
        return [key for vectors in self.models.values() for key in vectors.staged]

    def vector(self, model: str, moment: Moment) -> str | None:
        """A moment's vector by an embedder, if it has one."""
        found = self.models.get(model)
        return found.of(moment) if found else None
