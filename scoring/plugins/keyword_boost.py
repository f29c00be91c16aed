"""Words that this project cares about."""

from functools import cached_property

from pydantic import Field

from signalops_site.core.config.schema import NonEmpty

from ..base import Facts, PluginParams, Points, ScoringPlugin, register
from ..phrases import Phrases, normalize


class KeywordParams(PluginParams):
    keywords: tuple[NonEmpty, ...] = Field(default=(), description="words and phrases; each counts once")

    @cached_property
    def phrases(self) -> Phrases:
        return Phrases(self.keywords)


@register
class KeywordBoost(ScoringPlugin[KeywordParams]):
    """min(20 x matches, 100), where each of the configured keywords counts once, as whole words."""

    name = "keyword_boost"
    version = "1.0"
    default_weight = 0.05
    Params = KeywordParams

    def score(self, facts: Facts, params: KeywordParams) -> Points:
        if not params.phrases:
            return Points(0.0, "No keywords are configured.", known=False)
        if facts.text is None:
            return Points(0.0, "The text is unknown.", known=False)
        found = params.phrases.found_in(normalize(facts.text))
        if not found:
            return Points(0.0, "None of the keywords found.")
        return Points(min(20.0 * len(found), 100.0), f"Keywords found: {', '.join(found)}.")
