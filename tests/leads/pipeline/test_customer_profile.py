"""The ideal customer profile: whom it filters out, why, and that what is not known filters nobody."""

from dataclasses import dataclass
from typing import Any

import pytest

from leads.pipeline.customer_profile import reason_to_filter
from signalops_site.core.config.schema import IdealCustomerProfile


@dataclass(frozen=True)
class Person:
    language: str = "en"
    followers: int | None = 500
    verified: bool | None = True
    bio: str | None = "Runs a bakery"


def reason(person: Person, **profile: Any) -> str:
    found = reason_to_filter(person, profile=IdealCustomerProfile(**profile))
    return found.text if found else ""


@pytest.mark.parametrize(
    ("person", "profile", "expected"),
    [
        (Person(language="de"), {"languages": ["en", "fr"]}, "language is de"),
        (Person(language="fr"), {"languages": ["en", "fr"]}, ""),
        (Person(language="de"), {"languages": []}, ""),
        (Person(language="en"), {"languages": ["en-GB"]}, ""),
        (Person(language="en-gb"), {"languages": ["en"]}, ""),
        (Person(followers=99), {"min_followers": 100}, "fewer than 100 followers"),
        (Person(followers=100), {"min_followers": 100}, ""),
        (Person(followers=1001), {"max_followers": 1000}, "more than 1000 followers"),
        (Person(followers=1000), {"max_followers": 1000}, ""),
        (Person(followers=0), {"min_followers": 0}, ""),
        (Person(verified=False), {"verified_only": True}, "not verified"),
        (Person(verified=False), {"verified_only": False}, ""),
        (
            Person(bio="Senior RECRUITER"),
            {"exclude_bios_containing": ["crypto", "Recruiter"]},
            "bio contains 'Recruiter'",
        ),
        (Person(bio="Runs a bakery"), {"exclude_bios_containing": ["recruiter"]}, ""),
    ],
)
def test_a_person_outside_the_profile_is_filtered_with_the_reason(
    person: Person, profile: dict[str, Any], expected: str
) -> None:
    assert reason(person, **profile) == expected


def test_what_is_not_known_filters_nobody() -> None:
    nobody = Person(language="", followers=None, verified=None, bio=None)
    assert (
        reason(
            nobody,
            languages=["en"],
            min_followers=100,
            max_followers=200,
            verified_only=True,
            exclude_bios_containing=["recruiter"],
        )
        == ""
    )


def test_a_language_is_told_before_the_author() -> None:
    assert reason(Person(language="de", followers=1), languages=["en"], min_followers=5) == "language is de"


@pytest.mark.parametrize(
    ("person", "kind"),
    [
        (Person(language="de"), "language"),
        (Person(followers=1), "followers"),
        (Person(followers=1001), "followers"),
        (Person(verified=False), "verified"),
        (Person(bio="A recruiter"), "bio"),
    ],
)
def test_each_reason_has_a_kind_by_which_runs_count(person: Person, kind: str) -> None:
    profile = IdealCustomerProfile(
        languages=["en"], max_followers=1000, verified_only=True, exclude_bios_containing=["recruiter"]
    )
    found = reason_to_filter(person, profile=profile)
    assert found is not None
    assert found.kind == kind
