import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.ingest.metadata import markup as module
from services.ingest.metadata.markup import DEEPEST, Markup, read_markup

BOMB = (
    b'<?xml version="1.0"?><!DOCTYPE lolz [<!ENTITY lol "lol">'
    + b"".join(b'<!ENTITY lol%d "%s">' % (level, b"&lol%d;" % (level - 1) * 10) for level in range(1, 10))
    + b"]><lolz>&lol9;</lolz>"
)


def names(markup: Markup) -> list[str]:
    return [node.name for node in markup.top.within()][1:]


def test_elements_attributes_and_texts_are_read() -> None:
    found = read_markup(b'<a xmlns="urn:x" b="1">one<c/>two</a>')
    (top,) = found.top.children
    assert (top.name, top.attributes, top.text) == ("urn:x a", {"b": "1"}, "onetwo")
    assert names(found) == ["urn:x a", "urn:x c"]
    assert found.is_whole


def test_what_stands_before_the_damage_is_kept() -> None:
    found = read_markup(b"<a><b>words</b><c></a>")
    assert not found.is_whole
    assert [node.text for node in found.top.within() if node.name == "b"] == ["words"]


@pytest.mark.parametrize(
    "content",
    [
        BOMB,
        b'<!DOCTYPE a [<!ENTITY b SYSTEM "file:///etc/passwd">]><a>&b;</a>',
        b'<!DOCTYPE a SYSTEM "http://127.0.0.1/x.dtd"><a/>',
        b'<!DOCTYPE a [<!ENTITY % p SYSTEM "file:///etc/passwd"> %p;]><a/>',
    ],
)
def test_a_document_type_is_not_read_so_that_no_entity_can_do_harm(content: bytes) -> None:
    found = read_markup(content)
    assert not found.is_whole
    assert names(found) == []


def test_nothing_is_read_deeper_than_people_nest() -> None:
    found = read_markup(b"<a>" * 5000)
    assert not found.is_whole
    assert len(names(found)) == DEEPEST


def test_only_so_many_elements_and_bytes_and_letters_are_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MOST_ELEMENTS", 10)
    assert len(names(read_markup(b"<a>" + b"<b/>" * 100 + b"</a>"))) == 10
    monkeypatch.setattr(module, "LARGEST", 20)
    assert names(read_markup(b"<a><b/>" + b" " * 50 + b"<c/></a>")) == ["a", "b"]
    monkeypatch.setattr(module, "LARGEST", 1 << 20)
    monkeypatch.setattr(module, "LONGEST_TEXT", 5)
    assert len(read_markup(b"<a>" + b"<b/>x" * 100 + b"</a>").top.children[0].text) <= 10


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16", "utf-16-le", "utf-16-be"])
def test_every_encoding_that_writers_use_is_read(encoding: str) -> None:
    text = "<a>Grüße</a>" if encoding in {"utf-8", "utf-16"} else "\ufeff<a>Grüße</a>"
    assert read_markup(text.encode(encoding)).top.children[0].text == "Grüße"


def test_an_encoding_that_nobody_knows_costs_the_document_only() -> None:
    assert not read_markup(b'<?xml version="1.0" encoding="klingon"?><a/>').is_whole


@given(st.binary() | st.text().map(str.encode) | st.binary().map(lambda noise: b"<a b='" + noise + b"'/>"))
def test_no_bytes_can_crash_it(content: bytes) -> None:
    for node in read_markup(content).top.within():
        assert isinstance(node.text, str)
