"""What AWS says, without what is nobody else's business."""

import re

MOST = 400
"""Characters of AWS's words that are passed on: enough for a sentence or two, too little for a request that is quoted back."""

ARN = re.compile(r"arn:aws[\w-]*:(?P<service>[\w-]*):[^:\s]*:[^:\s]*:(?P<resource>[^\s,;\"'()]*)")
ACCOUNT = re.compile(r"(?<!\d)\d{12}(?!\d)")
KEY = re.compile(r"\b(?:AKIA|ASIA|AROA|AIDA|AGPA|ANPA|AKID)[A-Z0-9]{8,}\b")
SIGNED = re.compile(r"(?i)\b(x-amz-(?:security-token|signature|credential)|signature|credential)=[^&\s,]+")


def redacted(text: str) -> str:
    """The same, shorter if it is long, without account numbers, identities, keys and signatures."""
    text = ARN.sub(_named, " ".join(text.split()))
    text = SIGNED.sub(r"\1=…", KEY.sub("…", ACCOUNT.sub("…", text)))
    return text if len(text) <= MOST else f"{text[:MOST]}…"


def _named(found: re.Match[str]) -> str:
    """A resource without its account; who acts is left out altogether."""
    if found["service"] in {"iam", "sts"}:
        return "this identity"
    resource = found["resource"].rstrip(".")
    return resource + found["resource"][len(resource) :]
