"""What each platform allows, as a table: one row for each rule, with the day on which it was read and where.

`policy` is the gate. It knows nothing but the table: an unknown platform, tier or relation is blocked. To add a
platform, add its rules to POLICIES; an installed connector of another package declares them as its `policy`.
"""

from collections.abc import Mapping
from datetime import date

from .base import connectors
from .rules import SELF_SERVE, ContentRule, Mode, PlatformPolicy, Policy, Relation, Rule, Training

NOVEMBER = date(2026, 11, 23)

MENTIONED = (Relation.MENTIONED_US,)
MENTIONED_OR_QUOTED = (Relation.MENTIONED_US, Relation.QUOTED_US)
NOT_MENTIONED = (Relation.NONE, Relation.QUOTED_US)

X_CHANGES = "https://docs.x.com/changelog"
X_GUIDELINES = "https://docs.x.com/developer-guidelines"
BLUESKY_BOTS = "https://docs.bsky.app/docs/starter-templates/bots"
MASTODON_RULES = "https://docs.joinmastodon.org/methods/instance/#rules"
REDDIT_BUILDERS = "https://support.reddithelp.com/hc/en-us/articles/42728983564564-Responsible-Builder-Policy"
REDDIT_DATA_TERMS = "https://redditinc.com/policies/data-api-terms"
HACKER_NEWS_API = "https://github.com/HackerNews/API"
LINKEDIN_AGREEMENT = "https://www.linkedin.com/legal/user-agreement"
OURS = ""

AFTER_THEY_WROTE = Rule(
    Mode.ASSISTED,
    "To people who have written to us a person may write directly; to nobody else, and never a program.",
    OURS,
    NOVEMBER,
)

POLICIES: Mapping[str, PlatformPolicy] = {
    "x": PlatformPolicy(
        rules=(
            Rule(
                Mode.API,
                "The author mentioned or quoted the account, so X takes a reply by its API: one for each time. "
                "Replies that a model wrote need X's prior approval.",
                X_CHANGES,
                NOVEMBER,
                relations=MENTIONED_OR_QUOTED,
            ),
            Rule(
                Mode.ASSISTED,
                "Since 2026-02-23 X rejects replies by API to authors who did not mention or quote the account. "
                "A person may post one in X's own reply box.",
                X_CHANGES,
                NOVEMBER,
                relations=(Relation.NONE,),
            ),
            Rule(
                Mode.API,
                "Enterprise access may reply by API. Replies that a keyword sets off stay forbidden, and those "
                "that a model wrote need X's prior approval.",
                X_GUIDELINES,
                NOVEMBER,
                tier="enterprise",
            ),
        ),
        content=ContentRule(
            Training.FORBIDDEN,
            "Models must not be trained on X's posts. What is deleted there has to go here within 24 hours, and "
            "nobody's handle may be linked to a customer record without their consent.",
            X_GUIDELINES,
            NOVEMBER,
            deleted_within_hours=24,
        ),
        messages=Rule(
            Mode.ASSISTED,
            "X wants no automated direct messages to people who have not written. To those who have, a person may "
            "write, in X's own window.",
            X_GUIDELINES,
            NOVEMBER,
        ),
    ),
    "bluesky": PlatformPolicy(
        rules=(
            Rule(
                Mode.API,
                "The author tagged the account, which is the consent that Bluesky asks of programs. The account "
                "should be labelled as a bot.",
                BLUESKY_BOTS,
                NOVEMBER,
                relations=MENTIONED,
            ),
            Rule(
                Mode.ASSISTED,
                "Programs may approach only people who tagged the account. A person may reply.",
                BLUESKY_BOTS,
                NOVEMBER,
                relations=NOT_MENTIONED,
            ),
        ),
        messages=AFTER_THEY_WROTE,
    ),
    "mastodon": PlatformPolicy(
        rules=(
            Rule(
                Mode.API,
                "The author mentioned the account. Read the rules of your instance as well: each has its own.",
                MASTODON_RULES,
                NOVEMBER,
                relations=MENTIONED,
            ),
            Rule(
                Mode.ASSISTED,
                "Each instance has its own rules, and programs that speak unasked break many of them. A person "
                "may reply.",
                MASTODON_RULES,
                NOVEMBER,
                relations=NOT_MENTIONED,
            ),
        ),
        messages=AFTER_THEY_WROTE,
    ),
    "reddit": PlatformPolicy(
        rules=(
            Rule(
                Mode.ASSISTED,
                "Reddit's API is for approved applications, and no approval is recorded for the account. A person "
                "may reply.",
                REDDIT_BUILDERS,
                NOVEMBER,
            ),
            Rule(
                Mode.API,
                "An operator recorded that Reddit approved this use. The rules of each community count as well.",
                REDDIT_BUILDERS,
                NOVEMBER,
                tier="approved",
            ),
        ),
        content=ContentRule(
            Training.FORBIDDEN,
            "Models must not be trained on Reddit's posts without the permission of those who hold the rights to "
            "them.",
            REDDIT_DATA_TERMS,
            NOVEMBER,
        ),
        messages=AFTER_THEY_WROTE,
    ),
    "hackernews": PlatformPolicy(
        rules=(
            Rule(
                Mode.ASSISTED,
                "The API of Hacker News only reads. A person may reply there.",
                HACKER_NEWS_API,
                NOVEMBER,
            ),
        ),
    ),
    "linkedin": PlatformPolicy(
        rules=(
            Rule(
                Mode.BLOCKED,
                "LinkedIn is read only here: it offers no replies by API, and forbids programs that act for its "
                "members.",
                LINKEDIN_AGREEMENT,
                NOVEMBER,
            ),
        ),
    ),
    "file": PlatformPolicy(
        rules=(Rule(Mode.BLOCKED, "A post from a file has no platform to be answered on.", OURS, NOVEMBER),),
    ),
    "sample": PlatformPolicy(
        rules=(
            Rule(
                Mode.API,
                "Replies to the bundled posts are simulated: nothing leaves this machine.",
                OURS,
                NOVEMBER,
            ),
        ),
        content=ContentRule(
            Training.PERMITTED, "The bundled posts are invented, and free for any use.", OURS, NOVEMBER
        ),
        messages=AFTER_THEY_WROTE,
    ),
}


def policy(platform: str, *, tier: str, relation: str) -> Policy:
    """How an account of a tier may answer an author who stands in that relation to it, and by which rule."""
    known = policy_of(platform)
    if not known.rules:
        return Policy(Mode.BLOCKED, f"Nothing is known of what {platform[:32]} allows, so nothing is sent there.")
    for rule in known.rules:
        if rule.tier == tier and relation in rule.relations:
            return Policy(rule.mode, rule.sentence, rule.source, rule.read_on)
    return Policy(Mode.BLOCKED, f"No rule of {platform[:32]} is known for this case, so nothing is sent.")


def message_policy(platform: str) -> Policy:
    """Whether people on that platform may be written to directly once they have written, and by which rule. By a
    person: a rule that would let programs do it is none here.
    """
    rule = policy_of(platform).messages
    if rule is None or rule.mode != Mode.ASSISTED:
        return Policy(Mode.BLOCKED, f"No direct messages are known of on {platform[:32]}, so none are sent.")
    return Policy(rule.mode, rule.sentence, rule.source, rule.read_on)


def policy_of(platform: str) -> PlatformPolicy:
    """A platform's rules: ours, or those that its connector declares; none at all when there are none."""
    if platform in POLICIES:
        return POLICIES[platform]
    declared = connectors.get(platform).policy if platform in connectors else None
    return declared or PlatformPolicy()


def all_policies() -> Mapping[str, PlatformPolicy]:
    """Of every platform that is known here or that a connector serves, by name."""
    return {name: policy_of(name) for name in sorted({*POLICIES, *connectors})}


__all__ = [
    "POLICIES",
    "SELF_SERVE",
    "Mode",
    "Policy",
    "Relation",
    "all_policies",
    "message_policy",
    "policy",
    "policy_of",
]
