"""The same author, told again without a name: keyed digests that survive the posts of whoever they are of."""

import hashlib
import hmac

from django.conf import settings

from ..models import Author


def digest_of(author: Author) -> str:
    """What is kept of an author who was answered."""
    return digest_of_person(author.platform, author.platform_user_id)


def digests_of(author: Author) -> list[str]:
    """What may have been kept of an author: with the present key, and with those before it."""
    return digests_of_person(author.platform, author.platform_user_id)


def digest_of_person(platform: str, platform_user_id: str) -> str:
    """The same of somebody who has written no post that is kept here."""
    return digests_of_person(platform, platform_user_id)[0]


def digests_of_person(platform: str, platform_user_id: str) -> list[str]:
    secrets = (settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS)
    return [_digest(platform, platform_user_id, secret) for secret in secrets]


def _digest(platform: str, platform_user_id: str, secret: str) -> str:
    key = hmac.digest(secret.encode(), b"signalops delivery to author v1", "sha256")
    return hmac.new(key, f"{platform}\n{platform_user_id}".encode(), hashlib.sha256).hexdigest()
