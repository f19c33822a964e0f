"""The page needs nothing from elsewhere, and its policy allows nothing else."""

import base64
import hashlib
import re

import pytest

from services.search.identity.oidc.refusals import Reason
from services.search.page import PAGE, content_policy


def test_the_page_loads_nothing_from_elsewhere() -> None:
    assert "http://" not in PAGE
    assert "https://" not in PAGE
    assert not re.search(r"<(script|link|img)[^>]+(src|href)=\"(?!data:)", PAGE)


@pytest.mark.parametrize("tag", ["script", "style"])
def test_the_policy_knows_script_and_style_by_their_hashes(tag: str) -> None:
    [text] = re.findall(rf"<{tag}>(.*?)</{tag}>", PAGE, re.DOTALL)
    assert len(text.splitlines()) > 50
    digest = base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
    policy = content_policy(PAGE, None)
    assert f"{tag}-src 'sha256-{digest}'" in policy
    assert "unsafe" not in policy


def test_pictures_and_films_come_from_the_object_store() -> None:
    policy = content_policy(PAGE, "http://127.0.0.1:9000/bucket")
    assert "img-src 'self' data: http://127.0.0.1:9000;" in policy
    assert "media-src 'self' http://127.0.0.1:9000;" in policy


def test_the_page_has_a_sentence_for_every_failure_of_a_sign_in_elsewhere() -> None:
    assert set(re.findall(r"^  (\w+): \".*\.\",$", PAGE, re.MULTILINE)) == set(Reason)
