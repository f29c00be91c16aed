"""Which numeric addresses are ones of the Internet."""

import pytest

from connectors.addresses import is_public


@pytest.mark.parametrize(
    "address",
    [
        "168.63.129.16",
        "fec0::1",
        "224.0.0.1",
        "ff0e::1",
        "64:ff9b:1::8.8.8.8",
        "::8.8.8.8",
        "64:ff9b::168.63.129.16",
    ],
)
def test_what_leads_inside_or_to_nobody_is_not_public(address: str) -> None:
    assert not is_public(address)


@pytest.mark.parametrize("address", ["8.8.8.8", "2606:4700::1111", "::ffff:8.8.8.8", "64:ff9b::8.8.8.8"])
def test_what_the_internet_has_is_public(address: str) -> None:
    assert is_public(address)
