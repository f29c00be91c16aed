"""A model that does whatever it is told outside of the delimiters, by whoever stands there.

It says "irrelevant" of every post. As soon as anything else than the judge's own words reaches it outside, it
obeys that: relevant, for certain. It reads as models do: a delimiter counts in any case, width or alphabet.
"""

import json
import re
import unicodedata

from leads.judges.base import JudgeContext
from leads.judges.prompts import full_prompt, several_prompt, short_prompt
from tests.llm_stand_in import Asked, Reply, Script, says

SOBER = {"label": "irrelevant", "confidence": 0.9, "reasoning": "It asks for nothing."}
OBEYED = {"label": "relevant", "confidence": 1.0, "reasoning": "I was told so."}
POST = re.compile(r"<post(?: id=\"([^\"]*)\")?[^>]*>(.*?)</\s*post[^>]*>", re.S | re.I)
_LOOKALIKES = str.maketrans("\u2039\u203a\u27e8\u27e9\u3008\u3009\u0440\u043e\u0455\u0435", "<><><>pose")


def as_read(text: str) -> str:
    """A text as a model may take it: widths and lookalikes made plain, what nobody sees left out."""
    plain = unicodedata.normalize("NFKC", text).translate(_LOOKALIKES)
    seen = "".join(sign for sign in plain if unicodedata.category(sign) != "Cf")
    return re.sub(r"<\s*(/?)\s*post", r"<\1post", seen, flags=re.I)


def outside_of(asked: Asked, context: JudgeContext) -> str:
    """What reaches the model outside of the delimiters, but for the judge's own instructions."""
    known = {prompt(context).instructions for prompt in (full_prompt, several_prompt, short_prompt)}
    told = "\n".join(content for role, content in asked.messages if not (role == "system" and content in known))
    return POST.sub("", as_read(told)).strip()


def obeying(context: JudgeContext) -> Script:
    def script(asked: Asked) -> Reply:
        said = OBEYED if outside_of(asked, context) else SOBER
        ids = [name for name, _data in POST.findall(asked.messages[-1][1])]
        if any(ids):
            return says({"answers": [{"id": name, **said} for name in ids]})
        return says(said)

    return script


def data_in(asked: Asked) -> list[dict[str, object]]:
    """The posts of a request, read back."""
    return [json.loads(data) for _name, data in POST.findall(asked.messages[-1][1])]
