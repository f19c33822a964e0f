"""What the OpenID provider of the tests adds to Django's login form and django-oauth-toolkit: groups, and a way to set it up.

Imported where Django's settings are made already.
"""

import json
from collections.abc import Mapping
from typing import Any

from django.contrib.auth.models import Group, User
from django.contrib.auth.views import LoginView
from django.http import HttpRequest, HttpResponse
from django.urls import include, path
from django.views.decorators.csrf import csrf_exempt
from jwcrypto.jwk import JWK
from oauth2_provider.models import Application
from oauth2_provider.oauth2_validators import OAuth2Validator
from oauth2_provider.settings import oauth2_settings


class Validator(OAuth2Validator):  # type: ignore[misc]  # Django has no types
    """The toolkit's own, which tells groups too."""

    oidc_claim_scope = {**OAuth2Validator.oidc_claim_scope, "groups": "profile"}  # noqa: RUF012 - as the toolkit has it

    def get_additional_claims(self, request: Any) -> dict[str, Any]:
        """What is known of the person beside the subject."""
        user = request.user
        return {
            "preferred_username": user.username,
            "name": user.get_full_name(),
            "email": user.email,
            "groups": [group.name for group in user.groups.all()],
        }


def new_signing_key() -> str:
    """A private key as PEM."""
    pem: bytes = JWK.generate(kty="RSA", size=2048).export_to_pem(private_key=True, password=None)
    return pem.decode()


@csrf_exempt  # type: ignore[untyped-decorator]  # Django has no types
def put_person(request: HttpRequest, name: str) -> HttpResponse:
    """Make a person, or change one: password, groups, names."""
    told: Mapping[str, Any] = json.loads(request.body)
    user, _ = User.objects.get_or_create(username=name)
    user.first_name, user.email = told["display_name"], told["email"]
    user.set_password(told["password"])
    user.save()
    user.groups.set([Group.objects.get_or_create(name=group)[0] for group in told["groups"]])
    return HttpResponse(status=204)


@csrf_exempt  # type: ignore[untyped-decorator]  # Django has no types
def put_client(request: HttpRequest) -> HttpResponse:
    """Register the gateway under its redirect URI of now."""
    told: Mapping[str, str] = json.loads(request.body)
    Application.objects.filter(client_id=told["client_id"]).delete()
    Application.objects.create(
        client_id=told["client_id"],
        client_secret=told["client_secret"],
        name="Spillway",
        redirect_uris=told["redirect_uri"],
        client_type=Application.CLIENT_CONFIDENTIAL,
        authorization_grant_type=Application.GRANT_AUTHORIZATION_CODE,
        algorithm=Application.RS256_ALGORITHM,
    )
    return HttpResponse(status=204)


@csrf_exempt  # type: ignore[untyped-decorator]  # Django has no types
def post_key(_: HttpRequest) -> HttpResponse:
    """Sign with a new key from now on; the old one is published no more."""
    oauth2_settings.OIDC_RSA_PRIVATE_KEY = new_signing_key()
    return HttpResponse(status=204)


urlpatterns = [
    path("o/", include("oauth2_provider.urls", namespace="oauth2_provider")),
    path("login/", LoginView.as_view(template_name="login.html"), name="login"),
    path("control/people/<str:name>", put_person),
    path("control/client", put_client),
    path("control/key", post_key),
]
