"""The same author, told again without a name: keyed digests that survive the posts of whoever they are of."""

import hashlib
import hmac

from django.conf import settings

from ..models import Author


def digest_of(author: Author) -> str:
    """What is kept of an author who was answered."""
    return _digest(author, settings.SECRET_KEY)


def digests_of(author: Author) -> list[str]:
    """What may have been kept of an author: with the present key, and with those before it."""
    return [_digest(author, secret) for secret in (settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS)]


def _digest(author: Author, secret: str) -> str:
    key = hmac.digest(secret.encode(), b"signalops delivery to author v1", "sha256")
    subject = f"{author.platform}\n{author.platform_user_id}"
    return hmac.new(key, subject.encode(), hashlib.sha256).hexdigest()
