"""The latest facts, kept once for all listeners: each of them is no more than a number of facts that it has seen."""

from collections import deque
from itertools import islice

from services.search.live.facts import Fact
from services.search.live.places import Place

MOST = 10_000
"""Facts: what a listener may be behind before it is sent away, some seconds of the busiest import."""
LARGEST = 16 << 20
"""Bytes of all of them on the wire."""


class Ring:
    """Facts in the order of the stream, numbered from the first that was ever put in."""

    def __init__(self, *, most: int = MOST, largest: int = LARGEST) -> None:
        self._facts: deque[Fact] = deque()
        self._most, self._largest = most, largest
        self._bytes = 0
        self.oldest = 0
        """The number of the oldest fact that is kept."""
        self.newest = 0
        """The number that the next fact gets."""
        self._begun = 0
        self._since = Place(0)
        """The place after which nothing of the stream was left out."""
        self.last = Place(0)
        """The place up to which the stream is followed."""

    def begin(self, at: Place) -> None:
        """Go on in another stream, or after a gap, from the place on."""
        self._since = self.last = at
        self._begun = self.newest

    def put(self, fact: Fact) -> None:
        """Add the next fact, and give up the oldest if they are too many."""
        self._facts.append(fact)
        self._bytes += len(fact.wire)
        self.newest += 1
        self.last = fact.place
        while len(self._facts) > self._most or (self._bytes > self._largest and len(self._facts) > 1):
            dropped = self._facts.popleft()
            self._bytes -= len(dropped.wire)
            self.oldest += 1
            if dropped.place.stream == self._since.stream:
                self._since = max(self._since, dropped.place)

    def facts(self, seen: int, most: int) -> list[Fact]:
        """Up to so many facts from the one with this number on; it must not be older than the oldest."""
        begin = seen - self.oldest
        assert begin >= 0
        if begin >= len(self._facts):
            return []
        recent = len(self._facts) - begin
        if recent <= most:  # nearly always: from the right end, which is where listeners are
            return [self._facts[place] for place in range(begin, len(self._facts))]
        return list(islice(self._facts, begin, begin + most))

    def number_after(self, place: Place) -> int | None:
        """The number of the first fact after the place; None if the ring does not reach back so far, or counts otherwise."""
        if place.stream != self.last.stream or not self._since.sequence <= place.sequence <= self.last.sequence:
            return None
        number = self.newest
        while number > max(self._begun, self.oldest) and self._facts[number - 1 - self.oldest].place > place:
            number -= 1
        return number
