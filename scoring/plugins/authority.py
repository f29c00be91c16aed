"""How far the author's voice carries."""

from functools import cached_property
from math import log10

from signalops_site.core.config.schema import ProjectDocument

from ..base import Facts, PluginParams, Points, ScoringPlugin, register, section_of
from ..phrases import Phrases, normalize

BASE = 10.0
MOST_FOR_FOLLOWERS = 60.0
FOR_VERIFIED = 20.0
FOR_BIO = 10.0


class AuthorityParams(PluginParams):
    """The phrases come from `icp.prefer_bios_containing`; only the weight stands under `scoring`."""

    preferred_bios: tuple[str, ...] = ()

    @cached_property
    def bio_phrases(self) -> Phrases:
        return Phrases(self.preferred_bios)


@register
class AuthorAuthority(ScoringPlugin[AuthorityParams]):
    """10 + min(log10(followers) / 6 x 60, 60) + 20 if verified + 10 if the bio holds a preferred phrase."""

    name = "author_authority"
    version = "1.0"
    default_weight = 0.25
    Params = AuthorityParams

    @classmethod
    def params_from(cls, document: ProjectDocument) -> AuthorityParams:
        own = cls.Params.model_validate(section_of(cls.name, document))
        return own.model_copy(update={"preferred_bios": tuple(document.icp.prefer_bios_containing)})

    def score(self, facts: Facts, params: AuthorityParams) -> Points:
        bio_unknown = facts.author_bio is None or not params.bio_phrases
        if facts.author_followers is None and facts.author_verified is None and bio_unknown:
            return Points(0.0, "Nothing is known of the author's reach.", known=False)
        score, reasons = BASE, []
        for points, reason in (_followers(facts), _verified(facts), _bio(facts, params.bio_phrases)):
            score += points
            if reason:
                reasons.append(reason)
        return Points(score, f"The author: {', '.join(reasons)}.")


def _followers(facts: Facts) -> tuple[float, str]:
    followers = facts.author_followers
    if followers is None:
        return 0.0, "followers unknown"
    points = min(log10(max(followers, 1)) / 6 * MOST_FOR_FOLLOWERS, MOST_FOR_FOLLOWERS)
    return points, "1 follower" if followers == 1 else f"{followers:,} followers"


def _verified(facts: Facts) -> tuple[float, str]:
    if facts.author_verified is None:
        return 0.0, "verification unknown"
    return (FOR_VERIFIED, "verified") if facts.author_verified else (0.0, "not verified")


def _bio(facts: Facts, phrases: Phrases) -> tuple[float, str]:
    if not phrases:
        return 0.0, ""
    if facts.author_bio is None:
        return 0.0, "bio unknown"
    found = phrases.found_in(normalize(facts.author_bio))
    return (FOR_BIO, f"bio says '{found[0]}'") if found else (0.0, "")
