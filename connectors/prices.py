"""What reading costs at each platform, with the day on which it was read and where.

To add a price, add a row to PRICES; an installed connector of another package declares its own as `price`.
A platform without one is free to read, or nobody knows what it takes.
"""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal

from .base import connectors
from .rules import ReadPrice

PRICES: Mapping[str, ReadPrice] = {
    "x": ReadPrice(Decimal("0.005"), "https://docs.x.com/x-api/getting-started/pricing", date(2026, 11, 23)),
}


def price_of(platform: str) -> ReadPrice | None:
    """What a post costs to read there: by our table, or by its connector; None when no price is known."""
    if platform in PRICES:
        return PRICES[platform]
    return connectors.get(platform).price if platform in connectors else None
