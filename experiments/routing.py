"""Who judges this author's posts: the same answer on every machine, for as long as the experiment lives."""

import hashlib

from .models import Variant

BYTES = 8


def variant_of(author_key: str, *, experiment_id: str, salt: str, canary_pct: float) -> Variant:
    """The arm of an author (`<platform>:<platform_user_id>`; a post without author: its subject key).

    ValueError when the share is not between 0 and 1.
    """
    require_share(canary_pct)
    place = place_of(author_key, experiment_id=experiment_id, salt=salt)
    return Variant.CANARY if place / 2 ** (8 * BYTES) < canary_pct else Variant.PRIMARY


def place_of(author_key: str, *, experiment_id: str, salt: str) -> int:
    """The first 8 bytes of SHA-256(`salt:experiment_id:author key`) as a number from 0 to 2^64 - 1."""
    digest = hashlib.sha256(f"{salt}:{experiment_id}:{author_key}".encode()).digest()
    return int.from_bytes(digest[:BYTES], "big")


def digest_of(author_key: str, *, experiment_id: str, salt: str) -> str:
    """That number as 16 hexadecimal digits: it counts authors in the results, and names nobody there."""
    return f"{place_of(author_key, experiment_id=experiment_id, salt=salt):016x}"


def require_share(canary_pct: float) -> None:
    if not 0 < canary_pct < 1:
        raise ValueError(f"The canary's share lies between 0 and 1, both excluded; it is {canary_pct!r}.")
