"""What platforms allow, in docs/connectors.md and docs/compliance.md, made from connectors/policies.py."""

from collections.abc import Iterator

from connectors.policies import POLICIES
from connectors.rules import ANY_RELATION, Mode, PlatformPolicy, Relation, Rule

from .markdown import ROOT, between_marks, table

PAGE = ROOT / "docs" / "connectors.md"
LEGAL_PAGE = ROOT / "docs" / "compliance.md"

RELATIONS = {
    ANY_RELATION: "anybody",
    (Relation.MENTIONED_US,): "mentioned the account",
    (Relation.MENTIONED_US, Relation.QUOTED_US): "mentioned or quoted the account",
    (Relation.NONE,): "did neither",
    (Relation.NONE, Relation.QUOTED_US): "did not mention it",
}
MODES = {
    Mode.API: "by the program, once a person sends it",
    Mode.ASSISTED: "by a person, in the platform's own box",
    Mode.BLOCKED: "none",
}


def connectors_page() -> str:
    """The page as it stands, with fresh tables between its two marks."""
    return between_marks(PAGE.read_text(encoding="utf-8"), f"{_replies()}\n{_posts()}")


def compliance_page() -> str:
    """The same for those who read in the order of the platforms."""
    parts = [_section(name, known) for name, known in POLICIES.items()]
    return between_marks(LEGAL_PAGE.read_text(encoding="utf-8"), "\n".join(parts))


def _section(name: str, known: PlatformPolicy) -> str:
    columns = ("a reply", "account", "the author", "rule", "read on")
    rows = [_reply_row(name, known, rule) for rule in known.rules]
    lines = [
        (MODES[rule.mode], account, author, told, read_on)
        for rule, (_, account, author, _, told, read_on) in zip(known.rules, rows, strict=True)
    ]
    told = table(columns, lines)
    message = known.messages
    told += f"\nDirect messages: {_dated(message) if message else 'none are offered.'}\n"
    if content := known.content:
        sourced = _sourced(content.sentence, content.source)
        told += f"\nIts posts: training on them is {content.training}. {sourced} (read on {content.read_on})\n"
    return f"### {name}\n\n{told}"


def _dated(rule: Rule) -> str:
    return f"{MODES[rule.mode]}. {_sourced(rule.sentence, rule.source)} (read on {rule.read_on})"


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
