"""What people have written about a file, gathered from all the places where programs let them write it."""

from collections.abc import Iterable, Iterator, Mapping

from pydantic import JsonValue

from services.ingest.metadata.values import text, texts, without_empty

SOURCES = ("sidecar", "xmp", "iptc", "exif", "ixml", "tags")
"""The blocks of a file's metadata that may hold words, those that programs of today write first."""
FIRST_WINS = {
    "title": "Title",
    "description": "Description",
    "headline": "Headline",
    "creator": "Creator",
    "rating": "Rating",
    "label": "Label",
    "city": "City",
    "state": "State",
    "country": "Country",
    "location": "Location",
}
"""Fields that have one value, and what the merged one is called: as in the standards, where the analyst looks."""
MOST_KEYWORDS = 200
LONGEST_KEYWORD = 200
MOST_COMMENTS = 20
LEVELS = "|"
"""Between the levels of a keyword that has others above it."""
MACHINES = frozenset({
    "default", "untitled", "image", "sony dsc", "cof", "dav", "edf", "fbt", "hdr", "mde", "oznor", "pho",
    "rbt", "rhdr", "sdr", "vtf", "handler", "videohandler", "soundhandler", "core media video", "core media audio",
})  # fmt: skip
"""What cameras and programs write where a person would describe what is to be seen, in lower case."""

EXIF = {
    "title": ("XPTitle",),
    "description": ("ImageDescription",),
    "comments": ("XPSubject", "XPComment", "UserComment"),
    "creator": ("Artist", "XPAuthor"),
}
TAGS = {
    "title": ("com.apple.quicktime.title", "com.apple.quicktime.displayname", "title"),
    "description": ("com.apple.quicktime.description", "description", "synopsis", "summary"),
    "comments": ("com.apple.quicktime.comment", "comment", "subtitle", "album", "show", "note"),
    "creator": ("com.apple.quicktime.author", "artist", "author", "album_artist", "composer", "originator"),
}
"""Where EXIF and the tags of video and sound have what other places call so."""


def merged(metadata: Mapping[str, JsonValue]) -> dict[str, JsonValue]:
    """One value for each field, from the blocks of a file's metadata, and in `sources` which blocks each came from."""
    blocks = {name: block for name in SOURCES if (block := _block(name, metadata.get(name)))}
    fields: dict[str, JsonValue] = {}
    sources: dict[str, JsonValue] = {}
    for field, name in FIRST_WINS.items():
        for source, block in blocks.items():
            if block.get(field) not in (None, "") and name not in fields:
                fields[name], sources[name] = block[field], [source]
    for name, found in (("Keywords", _keywords(blocks)), ("UserComment", _comments(blocks, fields))):
        if kept := list(found):
            fields[name] = list(dict.fromkeys(word for word, _ in kept))
            sources[name] = list(dict.fromkeys(source for _, source in kept))
    return {**fields, "sources": sources} if fields else {}


def keywords(flat: Iterable[object], hierarchical: Iterable[object] = ()) -> list[JsonValue]:
    """Keywords as they are written, and every level of those that have levels; each once, whatever its capitals."""
    levels = (level for path in hierarchical for level in (text(path) or "").split(LEVELS))
    unique: dict[str, str] = {}
    for word in texts((*flat, *levels), longest=LONGEST_KEYWORD):
        unique.setdefault(word.casefold(), word)
    return [*list(unique.values())[:MOST_KEYWORDS]]


def _block(source: str, block: JsonValue) -> Mapping[str, JsonValue]:
    if not isinstance(block, Mapping):
        return {}
    if source == "exif":
        return without_empty({**_named(block, EXIF), "keywords": _split(block.get("XPKeywords"), ";"), "rating": _stars(block)})
    if source == "tags":
        words = block.get("com.apple.quicktime.keywords") or block.get("keywords")
        return without_empty({**_named(block, TAGS), "keywords": _split(words, ",;")})
    if source == "ixml":
        slate = ", ".join(f"{name} {block[name]}" for name in ("scene", "take") if name in block)
        return without_empty({"comments": [text for text in (block.get("note"), slate, block.get("project")) if text]})
    return block


def _named(block: Mapping[str, JsonValue], names: Mapping[str, tuple[str, ...]]) -> dict[str, JsonValue]:
    found = {field: [block[tag] for tag in tags if _is_peoples(block.get(tag))] for field, tags in names.items()}
    return {field: values if field == "comments" else values[0] for field, values in found.items() if values}


def _is_peoples(value: JsonValue) -> bool:
    words = value.strip().casefold() if isinstance(value, str) else ""
    return bool(words) and words not in MACHINES and not words.endswith("digital camera")


def _split(words: JsonValue, separators: str) -> list[JsonValue]:
    if not isinstance(words, str):
        return []
    separator = next((sign for sign in separators if sign in words), separators[0])
    return keywords(words.split(separator))


def _stars(block: Mapping[str, JsonValue]) -> JsonValue:
    stars = block.get("Rating")
    return stars if isinstance(stars, int) and 0 < stars <= 5 else None


def _keywords(blocks: Mapping[str, Mapping[str, JsonValue]]) -> Iterator[tuple[JsonValue, str]]:
    seen: set[str] = set()
    for source, block in blocks.items():
        for field in ("keywords", "people"):
            for word in _listed(block.get(field)):
                if word.casefold() not in seen and len(seen) < MOST_KEYWORDS:
                    seen.add(word.casefold())
                    yield word, source


def _comments(
    blocks: Mapping[str, Mapping[str, JsonValue]], fields: Mapping[str, JsonValue]
) -> Iterator[tuple[JsonValue, str]]:
    """What is written beside the title and description that won: other descriptions, headlines and comments."""
    seen = {_same(value) for value in (fields.get("Title"), fields.get("Description"))}
    for source, block in blocks.items():
        for field in ("title", "description", "headline", "comments"):
            value = block.get(field)
            for words in _listed(value if isinstance(value, list) else [value]):
                if _same(words) not in seen and len(seen) < MOST_COMMENTS:
                    seen.add(_same(words))
                    yield words, source


def _listed(values: JsonValue) -> list[str]:
    return [value for value in values if isinstance(value, str)] if isinstance(values, list) else []


def _same(value: JsonValue) -> str:
    return " ".join(value.split()).casefold() if isinstance(value, str) else ""
