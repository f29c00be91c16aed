"""How relevant a judge found the post, and how sure it was."""

from ..base import Facts, PluginParams, Points, ScoringPlugin, register

SHARES = {"relevant": 1.0, "maybe": 0.3, "irrelevant": 0.0}


@register
class RelevanceJudgment(ScoringPlugin[PluginParams]):
    """confidence x {relevant 1, maybe .3, irrelevant 0} x 100."""

    name = "relevance_judgment"
    version = "1.0"
    default_weight = 0.35
    Params = PluginParams

    def score(self, facts: Facts, _params: PluginParams) -> Points:
        share = SHARES.get(facts.label or "")
        if share is None:
            return Points(0.0, "Not judged yet.", known=False)
        if share == 0:
            return Points(0.0, "Judged irrelevant.")
        if facts.confidence is None:
            return Points(0.0, f"Judged {facts.label}, but with unknown confidence.", known=False)
        score = facts.confidence * share * 100
        return Points(score, f"Judged {facts.label} with confidence {facts.confidence:.2f}.")
