"""How a receiver knows that a message is ours: HMAC-SHA256 over `timestamp.body`, with the secret of project.yaml.

The scheme that most webhooks use. The time is signed as well, so that a message that somebody has kept is refused
later; the event's id stands in the body and stays the same however often a message is tried or replayed.
"""

import hashlib
import hmac

VERSION = "v1"
EVENT, TIMESTAMP, SIGNATURE = "SignalOps-Event", "SignalOps-Timestamp", "SignalOps-Signature"


def sign(secret: str, *, timestamp: int, body: bytes) -> str:
    """`v1=` and the hexadecimal digest. `timestamp` is in seconds since 1970."""
    digest = hmac.new(secret.encode(), f"{timestamp}.".encode() + body, hashlib.sha256).hexdigest()
    return f"{VERSION}={digest}"


def signed_headers(secret: str, *, event: str, timestamp: int, body: bytes) -> dict[str, str]:
    return {
        EVENT: event,
        TIMESTAMP: str(timestamp),
        SIGNATURE: sign(secret, timestamp=timestamp, body=body),
    }
