"""Whether the author is looking for something, suffers from something, or is choosing."""

from ..base import Facts, PluginParams, Points, ScoringPlugin, register
from ..phrases import Phrases, normalize

FOR_QUESTION = 40.0
SEARCH = "looking for|anyone recommend|anyone know|suggestions for|alternative to|switching from"
PAIN = "frustrated|annoying|painful|hate|takes forever|waste of time|there has to be"
EVALUATION = "evaluating|comparing|trying out|testing"
SIGNALS = (
    ("search", 30.0, Phrases(SEARCH.split("|"))),
    ("pain", 20.0, Phrases(PAIN.split("|"))),
    ("evaluation", 10.0, Phrases(EVALUATION.split("|"))),
)
"""(kind, points, phrases): any number of phrases of a kind counts once."""


@register
class IntentStrength(ScoringPlugin[PluginParams]):
    """A question 40 + a search phrase 30 + a pain phrase 20 + an evaluation phrase 10."""

    name = "intent_strength"
    version = "1.0"
    default_weight = 0.10
    Params = PluginParams

    def score(self, facts: Facts, _params: PluginParams) -> Points:
        if facts.text is None:
            return Points(0.0, "The text is unknown.", known=False)
        score, reasons = (FOR_QUESTION, ["a question"]) if facts.has_question else (0.0, [])
        text = normalize(facts.text)
        for kind, points, phrases in SIGNALS:
            found = phrases.found_in(text)
            if found:
                score += points
                reasons.append(f"{kind} ('{found[0]}')")
        return Points(score, f"Found: {', '.join(reasons)}." if reasons else "No sign of intent found.")
