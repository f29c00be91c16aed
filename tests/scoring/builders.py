"""What the scoring tests share: a document from a `scoring` section, one fully known lead, any lead at all."""

from typing import Any

from hypothesis import strategies as st

from scoring.base import Facts
from signalops_site.core.config.schema import ProjectDocument
from tests.factories import document


def scoring_document(icp: dict[str, Any] | None = None, **scoring: Any) -> ProjectDocument:
    return document(scoring=scoring, icp=icp or {})


def whole_case(**changes: Any) -> Facts:
    """Relevant .9, 10,000 followers, verified, 5/4/3/2500, 24 hours, all four intents: 74.10."""
    facts: dict[str, Any] = {
        "text": "Anyone know an alternative to this? It is so annoying. Comparing a few.",
        "language": "en",
        "platform": "sample",
        "queries": ("invoicing",),
        "label": "relevant",
        "confidence": 0.9,
        "author_followers": 10_000,
        "author_verified": True,
        "likes": 5,
        "replies": 4,
        "reposts": 3,
        "views": 2500,
        "hours_ago": 24.0,
    }
    return Facts(**{**facts, **changes})


texts = st.none() | st.text(max_size=60)
lists = st.none() | st.lists(st.text(max_size=12), max_size=4).map(tuple)
counts = st.none() | st.integers(min_value=-(2**63), max_value=2**63)
numbers = st.none() | st.floats()
truths = st.none() | st.booleans()

any_facts = st.builds(
    Facts,
    text=texts,
    language=texts,
    platform=texts,
    queries=st.lists(st.text(max_size=12), max_size=3).map(tuple),
    label=st.none() | st.sampled_from(["relevant", "maybe", "irrelevant"]) | st.text(max_size=8),
    confidence=numbers,
    author_handle=texts,
    author_name=texts,
    author_bio=texts,
    author_followers=counts,
    author_verified=truths,
    author_age_days=numbers,
    likes=counts,
    replies=counts,
    reposts=counts,
    views=counts,
    hours_ago=numbers,
    hashtags=lists,
    mentions=lists,
    urls=lists,
)
