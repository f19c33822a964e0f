"""Settings of sign-in by a provider."""

import pytest
from pydantic import ValidationError

from services.search.identity.oidc.settings import OidcSettings
from services.search.identity.roles import Role


def test_without_any_there_is_no_such_sign_in(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("SPILLWAY_OIDC_ISSUER", raising=False)
    assert OidcSettings().issuer is None


def test_they_are_read_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SPILLWAY_OIDC_ISSUER", "https://id.example/realm")
    monkeypatch.setenv("SPILLWAY_OIDC_CLIENT_ID", "spillway")
    monkeypatch.setenv("SPILLWAY_OIDC_CLIENT_SECRET", "kept to ourselves")
    monkeypatch.setenv("SPILLWAY_OIDC_ROLE_GROUPS", '{"admin": ["chiefs"], "viewer": ["staff", "guests"]}')
    monkeypatch.setenv("SPILLWAY_OIDC_ROLE_WITHOUT_GROUP", "viewer")
    settings = OidcSettings()
    assert settings.role_groups == {Role.ADMIN: ("chiefs",), Role.VIEWER: ("staff", "guests")}
    assert settings.role_without_group is Role.VIEWER
    assert "kept to ourselves" not in repr(settings)


@pytest.mark.parametrize(
    "given",
    [
        {"issuer": "http://id.example", "client_id": "spillway"},
        {"issuer": "id.example", "client_id": "spillway"},
        {"issuer": "https://", "client_id": "spillway"},
        {"issuer": "https://id.example"},
        {"issuer": "https://id.example", "client_id": "spillway", "scopes": "profile email"},
        {"issuer": "https://id.example", "client_id": "spillway", "role_groups": {"owner": ["chiefs"]}},
        {"issuer": "https://id.example", "client_id": "spillway", "name": ""},
    ],
)
def test_what_cannot_work_is_refused(given: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        OidcSettings.model_validate(given)


@pytest.mark.parametrize("issuer", ["http://127.0.0.1:9000/o", "http://localhost:9000", "http://[::1]:9000"])
def test_on_this_machine_a_provider_needs_no_tls(issuer: str) -> None:
    assert OidcSettings.model_validate({"issuer": issuer, "client_id": "spillway"}).issuer == issuer
