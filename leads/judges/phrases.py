"""Turns of phrase that tell what a post does, whatever product it is about.

Each group is one idea; a sentence of a post either holds it or not. All groups are searched in one
pass by a set of RE2 automata: linear time on any text. Texts come from `text.normalise`.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

import re2


@dataclass(frozen=True, slots=True)
class PhraseGroup:
    """`reason` completes "the post ..."; `asks` marks the groups in which somebody wants something."""

    name: str
    reason: str
    patterns: tuple[str, ...]
    asks: bool = False


_THING = (
    r"(?:tool|app|software|platform|service|solution|product|system|program|plugin|library|vendor|provider"
    r"|package|option|way|something|site|website|tracker|template|api)s?"
)
_ART = r"(?:an?|some|any|the|our|your|my|good|decent|simple|cheap|better|new|free|affordable|reliable|solid)"

GROUPS: tuple[PhraseGroup, ...] = (
    PhraseGroup(
        "search",
        "says it is looking for something",
        (
            r"looking (?:for|into|around for)",
            (
                r"(?:searching|hunting|shopping|on the hunt|on the lookout|in search|"
                r"in the market) (?:for|of|around)"
            ),
            (
                r"(?:we|i|i'm|we're|team|company|shop|office) (?:really |desperately |badly |urgently |"
                r"just |also )?(?:need|needs|needing|want|require|could use)"
            ),
            r"need(?:ing)? (?:" + _ART + r" )+(?:[\w-]+ ){0,3}" + _THING,
            r"wish (?:there|i|we|somebody|someone)",
            r"trying to find|in need of|where (?:do|did|should|would|can) (?:i|we|you|y'all|people|everyone)",
            (r"(?:any|is there an?|an?) " + _THING + r" (?:that|which|where|with|without|for|to|out there|worth)"),
            (
                r"(?:must|should|has to|needs to|have to) (?:work|support|have|run|handle|integrate|let|"
                r"be able|allow|export|import)"
            ),
            (
                r"(?:someone|somebody|anyone|please|pls|just)? ?(?:tell|point|show|steer) (?:me|"
                r"us) (?:what|which|where|how|to|at|toward|towards|in)"
            ),
            r"(?:iso|wtb)\b",
        ),
        asks=True,
    ),
    PhraseGroup(
        "recommendation",
        "asks for a recommendation",
        (
            (
                r"(?:anyone|anybody|someone|somebody|folks|people|you|y'all|peeps|"
                r"hivemind) (?:here )?(?:have |got |can |could |would |please )?(?:to )?(?:recommend|recs|"
                r"suggest|suggestions|recommendations|know of|know any|know a|know an)"
            ),
            r"recommendations?(?: for| on|\?| please| welcome| appreciated|$)",
            r"suggestions?(?: for| on|\?| please| welcome| appreciated|$)",
            (
                r"any (?:good |decent |solid |other )?(?:recommendations?|suggestions?|recs|ideas|"
                r"alternatives|tips|pointers|leads|advice|experiences?)"
            ),
            (
                r"what (?:do|does|are|is|did|would) (?:you|y'all|people|everyone|everybody|folks|others|"
                r"other|your|teams|anyone)(?: [\w-]+){0,3} (?:use|using|used|recommend|suggest|prefer|"
                r"like|running)"
            ),
            (
                r"(?:what|which)(?:'s| is| are)? (?:the )?(?:best|easiest|simplest|cheapest|good|go-to|"
                r"right|most)"
            ),
            r"(?:what|which) (?:[\w-]+ ){0,4}(?:should|would|do|are) (?:i|we|you|people|folks)",
            (
                r"(?:is there|are there|does|do|has|have|anyone|anybody|someone) (?:an? |any |anyone |"
                r"anybody |know |know of |use |using |used |tried |got |found |have )+"
            ),
            r"(?:drop|share|send) (?:me )?your (?:favou?rites?|recommendations?|recs|go-to)",
            r"(?:best|easiest|simplest|cheapest) (?:way|place|option|" + _THING + r") (?:for|to)",
            (
                r"(?:recs|recos|pointers|opinions|advice|experiences?|thoughts)(?: for| on| please|"
                r" welcome| appreciated|\?|$)"
            ),
            r"taking suggestions|grateful for",
            (
                r"(?:what|which|who|where) (?:did|do|does|would|are|have) (?:you|y'all|people|everyone|"
                r"others|folks|other|your)"
            ),
            r"which (?:ones?|" + _THING + r")",
            r"what's your (?:go-to|favou?rite|setup|stack)",
        ),
        asks=True,
    ),
    PhraseGroup(
        "switching",
        "wants to leave what it uses now",
        (
            r"alternatives?(?: to| for|\?| please|$| that)",
            (
                r"(?:raised?|raising|doubled|tripled|increased|hiked|jacked up|upped) (?:the|their|its|"
                r"our|my) (?:\w+ )?(?:price|prices|pricing|fee|fees|rate|rates|tier|plan|plans|bill)"
            ),
            r"added an? (?:\w+ )?fee",
            r"(?:dropped|removed|killed|sunset|shut down|shutting down|discontinued|suspended)",
            r"(?:i'm|we're|i am|we are|am|want) out\b",
            r"what to (?:move|switch|migrate|change) to|move (?:on|elsewhere|to)|(?:last|final) straw",
            (
                r"(?:switch|switching|move|moving|migrate|migrating|transition|transitioning|get|"
                r"getting) (?:away )?(?:from|off)"
            ),
            r"replac(?:e|ing|ement)",
            (
                r"(?:cancel|cancell?ing|leaving|ditch|ditching|dropping|outgrown|outgrew|outgrowing|"
                r"sick of|tired of|done with|fed up with)"
            ),
            r"(?:price|pricing|cost) (?:hike|increase|went up|doubled|tripled)",
            r"renewal",
            r"instead of",
        ),
        asks=True,
    ),
    PhraseGroup(
        "pain",
        "describes a pain of its own",
        (
            r"frustrat(?:ed|ing|ion)",
            r"annoy(?:ed|ing)",
            r"painful|a pain|nightmare|tedious|drowning|overwhelmed|a mess|messy|chaos|headache",
            r"(?:i|we) hate",
            r"takes? (?:me |us )?(?:forever|ages|hours|days|too long|so long)",
            r"wast(?:e|ed|ing) (?:of )?(?:time|hours|days|money)",
            r"there (?:has|must|have|got) (?:got )?(?:to )?be",
            r"struggl(?:e|ing|ed)",
            r"(?:can't|cannot|couldn't) (?:keep|figure|find|get|stand|believe how)",
            r"keeps? (?:breaking|crashing|losing|failing|forgetting|missing)",
            r"(?:hours|days) (?:a|every|each|per) (?:day|week|month)",
            r"by hand|manually|copy(?:ing)?(?: and |[ -])past(?:e|ing)|spreadsheets?",
            r"losing (?:track|customers|clients|money|my mind)",
        ),
        asks=True,
    ),
    PhraseGroup(
        "evaluation",
        "compares or evaluates products",
        (
            r"evaluat(?:e|ing)",
            r"compar(?:e|ing|ison)",
            r"trying out|test(?:ing)? out|trialing|trialling|piloting",
            r"worth (?:it|the|paying|switching|trying)",
            r"\bvs\b|versus",
            r"short-?list",
            r"(?:deciding|torn|choosing|choose|decide|pick|picking) (?:between|among)",
            r"(?:experience|experiences|thoughts|opinions?|reviews?) (?:with|on|of|about)",
            r"(?:has|have) (?:anyone|anybody|you)",
            r"rfp|procurement|quotes? from|requirements",
        ),
        asks=True,
    ),
    PhraseGroup(
        "help",
        "asks how others do it",
        (
            (
                r"how (?:do|does|are|can|should|would|did) (?:i|we|you|y'all|people|everyone|everybody|"
                r"folks|others|teams|other|small|your)"
            ),
            r"(?:need|want|some|any|please|pls) (?:help|advice|guidance|tips|pointers)",
            r"help me (?:find|choose|pick|decide|with|out)",
            r"can (?:anyone|anybody|someone|somebody|you)",
            r"(?:is|isn't) there (?:a|an|any|some) (?:[\w-]+ ){0,3}(?:way|" + _THING + r")",
            r"(?:advice|tips|pointers) (?:on|for|about|welcome|appreciated)",
            r"what am i (?:missing|doing wrong)",
        ),
        asks=True,
    ),
    PhraseGroup(
        "buying",
        "speaks of a budget or of paying",
        (
            r"budget",
            r"(?:willing|happy|ready|prepared|glad) to (?:pay|spend)",
            r"(?:under|below|up to|around|max|less than) [$€£]\s?\d",
            (
                r"(?:we're|we are|i'm|i am|i run|we run|we have) (?:a )?(?:team|an? \w+ (?:team|agency|"
                r"startup|company|shop|studio|business|practice))"
            ),
            r"(?:team|staff|company|shop|agency) of \d",
            r"take my money|shut up and",
            r"by (?:monday|friday|next week|next month|the end of|end of)",
        ),
    ),
    PhraseGroup(
        "promotion",
        "promotes a product",
        (
            r"check (?:out|it out) (?:our|my|this|the)|check it out",
            (
                r"(?:we|i|just|finally|proudly) (?:just |have |finally |recently |"
                r"officially )?(?:launched|released|shipped|built|created|made|published|developed|"
                r"rolled out)"
            ),
            (
                r"(?:excited|thrilled|proud|happy|pleased|delighted) to (?:announce|share|introduce|"
                r"launch|reveal)"
            ),
            r"introducing|announcing|now (?:live|available)|we're live|is live|is here\b",
            r"(?:use|with) (?:promo |discount |the )?code|\d+ ?% off|discount|limited[- ]time",
            r"black friday|special offer|save up to|lifetime deal",
            r"link in (?:bio|profile|comments)|sign up|free trial|try it (?:out )?(?:for )?free",
            r"get started|book a (?:call|demo)|learn more|click (?:here|the link)",
            r"download (?:now|our|the)|join (?:the )?wait-?list",
            r"(?:feedback|thoughts) on (?:my|our)|roast my",
            (
                r"(?:my|our) (?:new )?(?:startup|saas|app|side project|tool|product|extension|plugin|"
                r"course|ebook|channel|podcast)\b"
            ),
            r"say (?:goodbye|hello) to|stop (?:wasting|struggling|juggling)|(?:meet|try) [a-z]+(?:\.|!|,)",
            r"(?:helps?|lets|allows|enables) (?:you|teams|businesses|companies|founders|people)",
            r"product ?hunt|beta testers|early access|show hn",
            r"webinar|case study|whitepaper|ebook",
        ),
    ),
    PhraseGroup(
        "offering",
        "offers a service",
        (
            (
                r"(?:i|we) (?:offer|provide|specialize|specialise|help|can help|build|design|"
                r"do) (?:[\w-]+ ){0,3}(?:services|businesses|companies|clients|founders|startups|for you|"
                r"in)"
            ),
            r"for hire|available for|open to (?:work|new|freelance|projects|opportunities)",
            r"taking on (?:new )?clients|accepting (?:new )?clients|slots? (?:open|available|left)",
            r"(?:dm|message|email|contact|ping|hit|reach out to|text|whatsapp|call) (?:me|us|now)",
            r"my dms|dms (?:are )?open",
            r"my (?:services|rates|portfolio|skills|fee)",
            r"our (?:services|agency|team of experts|packages|clients)",
            r"years? of experience|years' experience",
            r"freelancer here|affordable (?:price|rate)s?|guaranteed|satisfaction",
        ),
    ),
    PhraseGroup(
        "hiring",
        "is about a job",
        (
            r"hiring|we're recruiting|recruiting for|job (?:opening|alert|post|opportunity)",
            r"open (?:role|position)s?|vacanc(?:y|ies)",
            r"join our (?:\w+ )?team|apply (?:now|here|today|at|via|by)",
            r"send (?:your |a )?(?:cv|resume)|salary|full[- ]time|part[- ]time|internship|intern\b",
            (
                r"looking for (?:a |an )?(?:[\w-]+ ){0,3}(?:developer|engineer|designer|cofounder|"
                r"co-founder|manager|assistant|intern|marketer|freelancer|job|role|accountant|bookkeeper|"
                r"writer|analyst)"
            ),
            r"resume|interview(?:s|ing)?\b|job (?:hunt|search|seeker)|laid off|my next role",
        ),
    ),
    PhraseGroup(
        "teaching",
        "teaches or reports rather than asks",
        (
            r"here(?:'s| is| are) (?:how|what|why|my|the|a|our|some|\d)",
            (
                r"\d+ (?:\w+ ){0,2}(?:tips|ways|reasons|things|lessons|mistakes|tools|steps|habits|hacks|"
                r"apps|trends)"
            ),
            r"pro[- ]?tip|tip of the day|hot take|unpopular opinion|reminder:|fun fact|psa\b|til\b|fact:",
            r"a thread|thread:|thread below|\bguide\b|tutorial|how to\b|step[- ]by[- ]step",
            r"new (?:post|blog|video|episode|article)|blog post|on the blog|new podcast",
            r"you (?:should|need to|must|don't need|have to)",
            r"if you(?:'re| are) (?:a|an|still|not|looking|running|struggling)",
            r"most (?:people|founders|teams|companies|businesses)",
            r"(?:i|we) (?:recommend|suggest)|i'd (?:recommend|suggest|go with)|my advice|highly recommend",
        ),
    ),
    PhraseGroup(
        "news",
        "reports news",
        (
            r"announces|announced|acquires?d?\b|acquisition|raises|raised|funding|series [a-e]\b",
            r"valuation|ipo\b|shares|stock|quarter(?:ly)?|earnings|ceo\b",
            r"according to|report(?:s|ed|edly)|study (?:finds|shows)|survey (?:finds|shows)|breaking",
            r"news:|market (?:size|share|report)|percent of|\d+ ?% of",
            r"outage|breach|lawsuit|sues|regulators?|layoffs",
        ),
    ),
    PhraseGroup(
        "settled",
        "has already settled the matter",
        (
            (
                r"(?:we|i) (?:ended up|went with|settled on|finally (?:switched|moved|found|got)|"
                r"already (?:use|have|switched|pay)|just (?:switched|moved|bought|signed))"
            ),
            (
                r"(?:love|loving|happy with|thrilled with|obsessed with|shoutout to|shout-out|kudos|"
                r"props to|thanks to|big fan)"
            ),
            r"(?:switched|moved|migrated) (?:to|from|over)",
            r"(?:works|working) (?:great|well|fine|perfectly)|best decision",
            r"never (?:looked|going) back|game[- ]changer|no longer need",
            r"solved|problem solved|fixed it|figured it out|update:",
        ),
    ),
    PhraseGroup(
        "idle",
        "jokes, muses or studies rather than asks",
        (
            r"\blol\b|lmao|haha|\bmeme|😂|🤣|joke|be like\b|\btfw\b|nobody:|plot twist",
            (
                r"(?:my|a|our) (?:thesis|dissertation|research|assignment|homework|class|professor|survey|"
                r"essay)"
            ),
            r"student|university|for school",
            r"imagine|i wonder|funny how|remember when|back in (?:the day|\d)|years ago|used to\b|grew up",
            r"giveaway|retweet|follow (?:me|us|for|back)|like and|tag (?:a|someone)|win a|airdrop",
            r"crypto|nft|whitelist|passive income|financial freedom|make money|\$\$+",
            r"good (?:morning|night)|happy (?:monday|friday|birthday)|motivation|mindset|hustle",
            r"grateful|blessed",
        ),
    ),
    PhraseGroup(
        "instruction",
        "holds text that addresses a judge",
        (
            (
                r"(?:ignore|disregard|forget|override|bypass|skip) (?:all |any |the |your |my |every |"
                r"these |those )*(?:of )?(?:previous|above|prior|earlier|preceding|system|other|existing|"
                r"instructions?|rules?|prompts?|guidelines?|negative|criteria)"
            ),
            (
                r"(?:answer|respond|reply|output|return|print|write|say|label|mark|classify|rate|score|"
                r"judge|treat|flag|tag|categori[sz]e|set|consider)(?: (?:with|this|it|the|post|as|to|only|"
                r"exactly|just|message|tweet|label|lead|a|one|word|me|json|verdict|above|following|text|"
                r"following:|be))*[ :='\"]+(?:highly |very |strictly |definitely |100% )?(?:relevant|"
                r"positive|true|qualified|hot)\b"
            ),
            (
                r"confidence\W{0,4}(?:is|of|=|:|to|score|level|be)?\W{0,4}(?:1\b|1\.0|0?\.9\d*|100|max|"
                r"high|full)"
            ),
            (
                r"(?:you are|you're|act as|pretend|behave as|as) (?:now )?(?:an? |"
                r"the )?(?:\w+ ){0,2}(?:ai|llm|assistant|classifier|judge|language model|grader|bot|"
                r"model)\b"
            ),
            r"(?:system|developer|hidden|initial|original) (?:prompt|message|instruction)s?",
            r"prompt injection|jailbreak",
            (
                r"(?:new|updated|important|real|actual|final|special|additional) (?:instructions?|task|"
                r"directive|prompt|system message)\b"
            ),
            (
                r"[\"']?(?:label|verdict|classification|relevance|"
                r"is_relevant)[\"']?\s*[:=]\s*[\"']?(?:relevant|maybe|irrelevant|true|yes|1)"
            ),
            r"<\|?/?(?:system|assistant|user|im_start|im_end|instructions?|post|end|prompt)\|?>",
            r"\[/?inst\]|###\s*(?:system|instruction|response|end)",
            r"^(?:system|assistant|user|developer)\s*:|end of (?:post|prompt|input|data|document)",
            (
                r"(?:this|the) (?:post|tweet|message|text|author|lead) (?:is|was|has been|must be|"
                r"should be) (?:already |clearly |definitely |absolutely |100% |highly |considered |"
                r"pre-?)*(?:approved|verified as|relevant|labell?ed|classified|marked|judged)"
            ),
            (
                r"(?:to|dear|attention|hey|note to|hello),? (?:the |any |all )?(?:ai|llm|classifier|judge|"
                r"model|grader|moderation|language model|bot|automated)s?\b"
            ),
        ),
    ),
)

ASKS = tuple(group.asks for group in GROUPS)
INSTRUCTION = next(index for index, group in enumerate(GROUPS) if group.name == "instruction")


class PhraseMatcher:
    """Finds the groups that a sentence holds. One compiled set for all patterns of all groups."""

    def __init__(self, groups: Sequence[PhraseGroup]) -> None:
        options = re2.Options()
        options.max_mem = 64 << 20
        self._set = re2.Set.SearchSet(options)
        self._group_of: list[int] = []
        for index, group in enumerate(groups):
            for pattern in group.patterns:
                self._set.Add(_bounded(pattern))
                self._group_of.append(index)
        self._set.Compile()

    def groups_in(self, sentence: str) -> set[int]:
        """Indices into the groups that the matcher was built from."""
        return {self._group_of[found] for found in self._set.Match(sentence) or ()}


@cache
def matcher() -> PhraseMatcher:
    """The matcher over `GROUPS`, one per process."""
    return PhraseMatcher(GROUPS)


def _bounded(pattern: str) -> str:
    """Start at a word's start: "asked for hire" is no offer, but "rehiring" would have been one."""
    return rf"(?:^|\W)(?:{pattern})"
