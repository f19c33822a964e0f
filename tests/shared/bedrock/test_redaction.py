"""What AWS says is passed on without what is nobody else's business."""

import pytest

from shared.bedrock.redaction import MOST, redacted


@pytest.mark.parametrize(
    ("said", "told"),
    [
        (
            (
                "User: arn:aws:sts::123456789012:assumed-role/admin/ada@example.org is not authorized to perform: "
                "bedrock:InvokeModel on resource: arn:aws:bedrock:us-east-1::foundation-model/amazon.nova-lite-v1:0 because no "
                "identity-based policy allows it"
            ),
            (
                "User: this identity is not authorized to perform: bedrock:InvokeModel on resource: "
                "foundation-model/amazon.nova-lite-v1:0 because no identity-based policy allows it"
            ),
        ),
        (
            "Denied on arn:aws-us-gov:bedrock:us-gov-west-1:123456789012:inference-profile/us.amazon.nova-2-lite-v1:0.",
            "Denied on inference-profile/us.amazon.nova-2-lite-v1:0.",
        ),
        ("Account 123456789012 is blocked", "Account … is blocked"),
        ("The key AKIAIOSFODNN7EXAMPLE is unknown", "The key … is unknown"),
        (
            "GET /?X-Amz-Signature=deadbeef&x=1 Credential=AKIAIOSFODNN7EXAMPLE/2026/us-east-1, SignedHeaders=host",
            "GET /?X-Amz-Signature=…&x=1 Credential=…, SignedHeaders=host",
        ),
        ("It takes 1234567890123 bytes,\n at most 25000000", "It takes 1234567890123 bytes, at most 25000000"),
        ("", ""),
    ],
)
def test_accounts_identities_keys_and_signatures_are_left_out(said: str, told: str) -> None:
    assert redacted(said) == told


def test_a_long_text_is_cut() -> None:
    assert redacted("x" * 10_000) == "x" * MOST + "…"
