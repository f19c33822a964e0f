"""Excerpts are safe and show the match."""

import html
import re

from hypothesis import given
from hypothesis import strategies as st

from services.search.moments.snippets import CLOSE, LEAD, OPEN, WIDTH, snippet


def mark(word: str) -> str:
    return f"{OPEN}{word}{CLOSE}"


def test_matches_are_marked_and_all_else_is_escaped() -> None:
    text = f"a <b> & a {mark('water<fall')} > b"
    assert snippet(text) == "a &lt;b&gt; &amp; a <mark>water&lt;fall</mark> &gt; b"


def test_a_short_text_is_shown_whole() -> None:
    assert snippet("It rains.") == "It rains."


def test_a_long_text_is_cut_between_words_around_the_match() -> None:
    text = f"{'before ' * 80}{mark('waterfall')}{' after' * 80}"
    cut = snippet(text)
    assert cut.startswith("…before ")
    assert cut.endswith(" after…")
    assert "<mark>waterfall</mark>" in cut
    assert len(cut) < WIDTH + 40


def test_a_match_after_an_endless_word_is_still_shown() -> None:
    assert "<mark>waterfall</mark>" in snippet(f"{'x' * 500}{mark('waterfall')} {'y ' * 200}")


def test_a_text_without_a_match_is_shown_from_its_beginning() -> None:
    assert snippet("word " * 200).startswith("word word")


PIECES = st.lists(st.tuples(st.text(max_size=LEAD * 2), st.booleans()), max_size=20)


@given(PIECES)
def test_nothing_but_marks_is_html(pieces: list[tuple[str, bool]]) -> None:
    clean = [(text.replace(OPEN, "").replace(CLOSE, ""), marked) for text, marked in pieces]
    shown = snippet("".join(mark(text) if marked else text for text, marked in clean))
    without = re.sub(r"</?mark>", "", shown)
    assert "<" not in without
    assert ">" not in without
    assert OPEN not in shown
    assert CLOSE not in shown
    assert shown.count("<mark>") == shown.count("</mark>")
    assert html.unescape(without).strip("…").strip() in "".join(text for text, _ in clean)
