"""How much the post moved others."""

from ..base import Facts, PluginParams, Points, ScoringPlugin, register

RATES = (("likes", 3.0, 30.0), ("replies", 5.0, 30.0), ("reposts", 4.0, 20.0), ("views", 1 / 500, 20.0))
"""(what is counted, points for each, most points)"""


@register
class EngagementSignals(ScoringPlugin[PluginParams]):
    """min(3 likes, 30) + min(5 replies, 30) + min(4 reposts, 20) + min(views / 500, 20).

    A count below zero (some platforms subtract votes) is worth nothing.
    """

    name = "engagement_signals"
    version = "1.0"
    default_weight = 0.15
    Params = PluginParams

    def score(self, facts: Facts, _params: PluginParams) -> Points:
        score, reasons, known = 0.0, [], False
        counts = (facts.likes, facts.replies, facts.reposts, facts.views)
        for (name, rate, most), count in zip(RATES, counts, strict=True):
            if count is None:
                reasons.append(f"{name} unknown")
                continue
            known = True
            score += min(max(count, 0) * rate, most)
            reasons.append(f"{count:,} {name}")
        if not known:
            return Points(0.0, "No count of reactions is known.", known=False)
        return Points(score, f"Reactions: {', '.join(reasons)}.")
