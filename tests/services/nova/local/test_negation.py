import pytest

from services.nova.local.negation import denied
from services.nova.words import said
from tests.support.material import segments


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("there is no slide", True),
        ("without a slide", True),
        ("it does not have a slide", True),
        ("it doesn\u2019t have any slide", True),
        ("no grotto or slide", True),
        ("never built a slide here", True),
        ("the slide is not included", True),
        ("the slide wasn't built", True),
        ("a grotto instead of a slide", True),
        ("a grotto rather than a slide", True),
        ("neither a grotto nor a slide", True),
        ("a slide", False),
        ("no grotto but a slide", False),
        ("no grotto, a slide", False),
        ("no grotto. a slide", False),
        ("no grotto and a slide", False),
        ("not only a slide", False),
        ("not just a slide", False),
        ("no doubt a slide", False),
        ("without a doubt a slide", False),
        ("the slide is not slippery", False),
        ("not that far away from the house stands a slide", False),
    ],
)
def test_denied(text: str, expected: bool) -> None:
    words = said(segments([text]))
    at = next(at for at, word in enumerate(words) if word.stem == "slide")
    assert denied(words, at, at) is expected
