"""JSON web tokens: a short access token, and a refresh token that is good for one use.

Each refresh gives a new pair. A refresh token that comes a second time was copied: its whole family ends,
and whoever holds one of it signs in again. Closing an account or changing its password ends all its tokens.
"""

from dataclasses import dataclass
from typing import cast
from uuid import UUID

from django.contrib.auth.models import User
from django.db import transaction
from django.utils import timezone
from rest_framework.exceptions import AuthenticationFailed
from rest_framework_simplejwt.authentication import JWTAuthentication
from rest_framework_simplejwt.exceptions import AuthenticationFailed as TokenRefused
from rest_framework_simplejwt.exceptions import TokenError
from rest_framework_simplejwt.tokens import AccessToken, RefreshToken, Token

from ..models import TokenFamily

FAMILY = "family"
REFUSED = "The token is not valid, has expired, or was ended by a change of the account. Sign in again."


@dataclass(frozen=True, slots=True)
class TokenPair:
    access: str
    refresh: str


@transaction.atomic
def issue_tokens(user: User) -> TokenPair:
    """The first pair after a sign-in. The user's families that have run out are forgotten."""
    TokenFamily.objects.filter(user=user, expires_at__lte=timezone.now()).delete()
    token = RefreshToken.for_user(user)
    family = TokenFamily.objects.create(user=user, **_newest(token))
    return _pair(token, family.pk)


def renew_tokens(text: str) -> TokenPair:
    """A new pair for a refresh token that has not been used."""
    try:
        used = RefreshToken(cast("Token", text))
    except TokenError as error:
        raise AuthenticationFailed(REFUSED) from error
    user, family_id = user_of(used), used.get(FAMILY)
    token = RefreshToken.for_user(user)
    family = TokenFamily.objects.filter(pk=family_id, user=user)
    if not family.filter(newest=used["jti"]).update(**_newest(token)):
        family.delete()
        raise AuthenticationFailed(REFUSED)
    return _pair(token, family_id)


def user_with(text: str) -> User:
    """The user behind an access token."""
    try:
        return user_of(AccessToken(cast("Token", text)))
    except TokenError as error:
        raise AuthenticationFailed(REFUSED) from error


def user_of(token: Token) -> User:
    """The token's user, whose account must be open and whose password still the one it was made with."""
    try:
        user = JWTAuthentication().get_user(token)
    except TokenRefused as error:
        raise AuthenticationFailed(REFUSED) from error
    if not isinstance(user, User):
        raise AuthenticationFailed(REFUSED)
    return user


def _newest(token: RefreshToken) -> dict[str, object]:
    return {"newest": token["jti"], "expires_at": token.current_time + token.lifetime}


def _pair(token: RefreshToken, family: UUID | str) -> TokenPair:
    token[FAMILY] = str(family)
    return TokenPair(access=str(token.access_token), refresh=str(token))
