"""Which line of a post says what its author wants, for a reply that shows it was read."""

import re

from scoring.phrases import Phrases, normalize

LONGEST = 120
SENTENCE_END = re.compile(r"(?<=[.!?])\s+|\n+")
TELLING = Phrases(
    (
        "looking for", "recommend", "recommendations", "suggestions", "alternative to", "switching from",
        "any ideas", "what do you use", "which", "need", "there has to be", "takes forever", "tired of", "hate",
        "chasing", "comparing",
    )
)  # fmt: skip


def telling_line(text: str) -> str:
    """The first sentence that asks, complains or compares, word for word; "" when none does or it is long."""
    sentences = (sentence.strip() for sentence in SENTENCE_END.split(text))
    return next((sentence for sentence in sentences if len(sentence) <= LONGEST and _tells(sentence)), "")


def _tells(sentence: str) -> bool:
    return bool(TELLING.found_in(normalize(sentence)))
