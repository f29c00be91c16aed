"""How fresh the post is: an answer is welcome today, and strange next month."""

from math import exp

from ..base import Facts, PluginParams, Points, ScoringPlugin, register

DECAY = 0.03
OLD_AFTER_HOURS = 168


@register
class Recency(ScoringPlugin[PluginParams]):
    """100 e^(-0.03 h); h <= 0 gives 100, h >= 168 (a week) gives 0, no date gives 0."""

    name = "recency"
    version = "1.0"
    default_weight = 0.15
    Params = PluginParams

    def score(self, facts: Facts, _params: PluginParams) -> Points:
        hours = facts.hours_ago
        if hours is None:
            return Points(0.0, "The post has no date.", known=False)
        if hours <= 0:
            return Points(100.0, "Posted just now.")
        if hours >= OLD_AFTER_HOURS:
            return Points(0.0, f"Posted {hours / 24:.0f} days ago, over a week.")
        return Points(100 * exp(-DECAY * hours), f"Posted {hours:.1f} hours ago.")
