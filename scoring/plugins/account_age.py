"""How long the author's account has been there: a five-day-old account is rarely a customer."""

from ..base import Facts, PluginParams, Points, ScoringPlugin, register


@register
class AccountAge(ScoringPlugin[PluginParams]):
    """d >= 1000: 100; >= 365: 80 + (d - 365) / 635 x 20; >= 30: 30 + (d - 30) / 335 x 50; else d."""

    name = "account_age"
    version = "1.0"
    default_weight = 0.05
    Params = PluginParams

    def score(self, facts: Facts, _params: PluginParams) -> Points:
        days = facts.author_age_days
        if days is None:
            return Points(50.0, "The account's age is unknown.", known=False)
        return Points(_points(max(days, 0.0)), f"The account is {days:,.0f} days old.")


def _points(days: float) -> float:
    if days >= 1000:
        return 100.0
    if days >= 365:
        return 80 + (days - 365) / 635 * 20
    if days >= 30:
        return 30 + (days - 30) / 335 * 50
    return days
