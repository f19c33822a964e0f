"""The page needs nothing from elsewhere, and its policy allows nothing else."""

import base64
import hashlib
import re

from services.search.page import PAGE, content_policy


def test_the_page_loads_nothing_from_elsewhere() -> None:
    assert "http://" not in PAGE
    assert "https://" not in PAGE
    assert not re.search(r"<(script|link|img)[^>]+(src|href)=\"(?!data:)", PAGE)


def test_the_policy_knows_the_script_by_its_hash() -> None:
    script = re.search(r"<script>(.*?)</script>", PAGE, re.DOTALL)
    assert script is not None
    digest = base64.b64encode(hashlib.sha256(script[1].encode()).digest()).decode()
    policy = content_policy(PAGE, None)
    assert f"script-src 'sha256-{digest}'" in policy
    assert "unsafe" not in policy


def test_pictures_come_from_the_object_store() -> None:
    assert "img-src 'self' data: http://127.0.0.1:9000;" in content_policy(PAGE, "http://127.0.0.1:9000/bucket")
