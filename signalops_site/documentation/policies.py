"""The table of what platforms allow in docs/connectors.md, made from connectors/policies.py."""

from collections.abc import Iterator

from connectors.policies import POLICIES
from connectors.rules import ANY_RELATION, PlatformPolicy, Relation, Rule

from .markdown import ROOT, between_marks, table

PAGE = ROOT / "docs" / "connectors.md"

RELATIONS = {
    ANY_RELATION: "anybody",
    (Relation.MENTIONED_US,): "mentioned the account",
    (Relation.MENTIONED_US, Relation.QUOTED_US): "mentioned or quoted the account",
    (Relation.NONE,): "did neither",
    (Relation.NONE, Relation.QUOTED_US): "did not mention it",
}


def connectors_page() -> str:
    """The page as it stands, with fresh tables between its two marks."""
    return between_marks(PAGE.read_text(encoding="utf-8"), f"{_replies()}\n{_posts()}")


def _replies() -> str:
    rows = [_reply_row(name, known, rule) for name, known in POLICIES.items() for rule in known.rules]
    return table(("platform", "account", "the author", "reply", "rule", "read"), rows)


def _reply_row(name: str, known: PlatformPolicy, rule: Rule) -> tuple[str, ...]:
    tier = rule.tier if len(known.tiers) > 1 else "any"
    return (
        f"`{name}`",
        tier,
        RELATIONS[rule.relations],
        f"`{rule.mode}`",
        _sourced(rule.sentence, rule.source),
        f"{rule.read_on}",
    )


def _posts() -> str:
    return table(("posts of", "training", "deleted ones go within", "rule", "read"), list(_post_rows()))


def _post_rows() -> Iterator[tuple[str, ...]]:
    for name, known in POLICIES.items():
        if content := known.content:
            hours = f"{content.deleted_within_hours} hours" if content.deleted_within_hours else ""
            rule = _sourced(content.sentence, content.source)
            yield f"`{name}`", content.training, hours, rule, f"{content.read_on}"


def _sourced(sentence: str, source: str) -> str:
    return f"{sentence} [Source]({source})" if source else sentence
