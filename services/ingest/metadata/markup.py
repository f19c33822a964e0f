"""XML from files, read without trusting it: no document type, no entities, and only so much of it.

What was read before the first fault is kept, since a title is no less a title for standing in a damaged packet.
"""

from collections.abc import Container, Iterator
from dataclasses import dataclass, field
from xml.parsers import expat

LARGEST = 4 << 20
"""Bytes read: what people write stands in front of the masks and histories that make some packets longer."""
MOST_ELEMENTS = 50_000
DEEPEST = 48
"""Elements inside each other; the deepest edits nest a dozen."""
LONGEST_TEXT = 1 << 16
"""Characters of one element from which on no more are kept: pictures as text are none that people wrote."""
WIDE = (b"\xff\xfe", b"\xfe\xff")
"""What documents begin with that have two bytes to a letter, of which one may be zero."""
PADDING = b"\0 \t\r\n"
"""What stands around documents that leave room to grow."""
SPACE = " "
"""Between namespace and name, as neither can have one."""


@dataclass(slots=True)
class Node:
    """An element; names are `namespace name`, or the name alone where it has no namespace."""

    name: str
    attributes: dict[str, str] = field(default_factory=dict)
    text: str = ""
    children: list["Node"] = field(default_factory=list)

    def within(self, *, without: Container[str] = ()) -> Iterator["Node"]:
        """The element itself and all inside it, in the order of the document; not those of the names `without`."""
        waiting = [self]
        while waiting:
            node = waiting.pop()
            if node.name not in without:
                yield node
                waiting.extend(reversed(node.children))


@dataclass(frozen=True, slots=True)
class Markup:
    """A document, as far as it could be read; `top` holds its outermost element."""

    top: Node
    is_whole: bool


class _Enough(Exception):
    """What comes next is not to be read."""


def read_markup(content: bytes) -> Markup:
    """The elements of an XML document; never raises."""
    reader = _Reader()
    try:
        reader.read(content[:LARGEST] if content.startswith(WIDE) else content[:LARGEST].strip(PADDING))
    except (_Enough, expat.ExpatError, ValueError, LookupError):  # the latter two of odd encodings
        return Markup(reader.top, is_whole=False)
    return Markup(reader.top, is_whole=len(content) <= LARGEST)


class _Reader:
    def __init__(self) -> None:
        self.top = Node("")
        self._open = [self.top]
        self._count = 0
        self._parser = expat.ParserCreate(namespace_separator=SPACE)
        self._parser.buffer_text = True
        self._parser.StartElementHandler = self._start
        self._parser.EndElementHandler = self._end
        self._parser.CharacterDataHandler = self._text
        # Entities can only be declared in a document type, and none of the formats read here has one.
        self._parser.StartDoctypeDeclHandler = self._refuse

    def read(self, content: bytes) -> None:
        self._parser.Parse(content, True)

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        self._count += 1
        if self._count > MOST_ELEMENTS or len(self._open) > DEEPEST:
            raise _Enough
        node = Node(name, attributes)
        self._open[-1].children.append(node)
        self._open.append(node)

    def _end(self, _: str) -> None:
        self._open.pop()

    def _text(self, text: str) -> None:
        if len(self._open[-1].text) < LONGEST_TEXT:
            self._open[-1].text += text

    def _refuse(self, *_: object) -> None:
        raise _Enough
