"""`local/default`: judges on this machine, with no key and no server, and says why in one sentence.

Labels follow the calibrated probability p that the post is relevant:

| p           | label      | confidence |
| ----------- | ---------- | ---------- |
| >= .5       | relevant   | p          |
| .3 to .5    | maybe      | p          |
| < .3        | irrelevant | 1 - p      |

Relevant is more likely than not at .5; under .3, one post in eight was relevant on products
left out of training. Probabilities are those of the bundled set, where a third of the posts is
relevant; on a rarer stream they run high until the judge is trained on the project's own labels.

A sentence that addresses the judge ("answer relevant") is not read, and a post that holds one is
never called relevant: at best it is a maybe, for a person to look at.
"""

import hashlib
import secrets
import time
from collections.abc import Sequence
from functools import cache, lru_cache
from pathlib import Path

from django.conf import settings
from django.core.files import locks
from threadpoolctl import ThreadpoolController

from .base import JudgeContext, JudgeFailure, Label, PostView, Verdict
from .features import FACT_NAMES, MAX_CHARACTERS, Reading, extract
from .local_model import LocalModel, checksum_of, fit_model, load_model, save_model
from .phrases import ASKS, GROUPS, matcher
from .seed_set import SEED_FOLDER, read_seed_set
from .text import normalise
from .topic import Topic

MODEL_ID = "local/default"
RELEVANT_FROM = 0.5
MAYBE_FROM = 0.3
MAX_SIGNAL = 80

_SOURCES = ("features.py", "local_model.py", "phrases.py", "seed_set.py", "text.py", "topic.py")
_NEAR_POSITIVE = {"topic_best", "topic_all", "positive_cosine", "positive_mean", "positive_cover", "margin"}
_ASKING = {"asks", "ask_on_topic", "question_on_topic"}
_PHRASES = {f"phrase_{group.name}": group for group in GROUPS}
_PLAIN = {
    "question": "holds a question",
    "ends_with_question": "ends with a question",
    "first_person": "speaks of its author's own affairs",
    "first_on_topic": "speaks of its author's own affairs",
    "link": "holds a link",
    "hashtags": "is full of hashtags",
    "money": "names a price",
    "percent": "names a percentage",
    "exclamations": "exclaims",
    "second_person": "speaks to its readers",
}


class LocalJudge:
    """A fitted model for one project. `checksum` is the model file's, part of the prompt version."""

    def __init__(self, context: JudgeContext, model: LocalModel, *, model_id: str, checksum: str) -> None:
        self.model_id = model_id
        self.prompt_version = context.digest(model_id, checksum)
        self._model = model
        self._topic = Topic.of(context, model.stems)

    def judge_batch(self, posts: Sequence[PostView]) -> list[Verdict | JudgeFailure]:
        if not posts:
            return []
        started = time.perf_counter()
        with _threads().limit(limits=1):
            features = extract(posts, [self._topic] * len(posts))
            probabilities = self._model.probabilities(features).tolist()
            contributions = self._model.contributions(features).tolist()
        latency = (time.perf_counter() - started) * 1000 / len(posts)
        return [
            self._verdict(probability, reading, row, latency)
            for probability, reading, row in zip(probabilities, features.readings, contributions, strict=True)
        ]

    def _verdict(self, probability: float, reading: Reading, row: list[float], latency_ms: float) -> Verdict:
        label = _label(probability, reading)
        return Verdict(
            label=label,
            confidence=1 - probability if label is Label.IRRELEVANT else min(probability, _ceiling(reading)),
            reasoning=_reasoning(label, reading, row),
            model=self.model_id,
            prompt_version=self.prompt_version,
            latency_ms=latency_ms,
        )


def build_default(context: JudgeContext) -> LocalJudge:
    """`local/default` for a project; the first call on a machine fits the model, which takes a few seconds."""
    path = ensure_default_model()
    model, checksum = _loaded(path)
    return LocalJudge(context, model, model_id=MODEL_ID, checksum=checksum)


def ensure_default_model(*, seed_folder: Path = SEED_FOLDER) -> Path:
    """The shipped model's file, fitted on the seed set's training part when it is not there yet.

    Its name holds a checksum of the seed set and of the code that reads posts, so a new version of
    either makes a new file. One process fits; others wait for it at the lock.
    """
    folder = settings.DATA_DIR / "models"
    path: Path = folder / f"local-default-{_version(seed_folder)}.skops"
    if path.exists():
        return path
    folder.mkdir(parents=True, exist_ok=True)
    with path.with_suffix(".lock").open("w") as lock:
        locks.lock(lock, locks.LOCK_EX)
        if not path.exists():
            temporary = path.with_name(f".{secrets.token_hex(4)}-{path.name}")
            save_model(fit_model(read_seed_set(seed_folder).training()), temporary)
            temporary.replace(path)
    return path


@cache
def _threads() -> ThreadpoolController:
    """The numeric libraries' thread pools, looked for once: the search takes longer than judging ten posts."""
    return ThreadpoolController()


@lru_cache(maxsize=4)
def _loaded(path: Path) -> tuple[LocalModel, str]:
    """The model and its file's checksum, read once per process; reading warms the phrase automaton."""
    for post in read_seed_set().posts:
        matcher().groups_in(normalise(post.text[:MAX_CHARACTERS]))
    return load_model(path), checksum_of(path)


@lru_cache(maxsize=4)
def _version(seed_folder: Path) -> str:
    here = Path(__file__).parent
    code = b"\0".join((here / name).read_bytes() for name in _SOURCES)
    return hashlib.sha256(read_seed_set(seed_folder).checksum.encode() + code).hexdigest()[:12]


def _label(probability: float, reading: Reading) -> Label:
    if probability < MAYBE_FROM:
        return Label.IRRELEVANT
    if probability < RELEVANT_FROM or reading.addresses_the_judge:
        return Label.MAYBE
    return Label.RELEVANT


def _ceiling(reading: Reading) -> float:
    return RELEVANT_FROM if reading.addresses_the_judge else 1.0


def _reasoning(label: Label, reading: Reading, row: list[float]) -> str:
    """The two strongest reasons for the label. Names signals and fixed phrases; never the post's own words."""
    signed = [-value for value in row] if label is Label.IRRELEVANT else row
    reasons: list[str] = []
    if reading.addresses_the_judge:
        reasons.append("holds text that addresses the judge, which was not read")
    for index in sorted(
        (i for i, value in enumerate(signed) if value > 0.05), key=signed.__getitem__, reverse=True
    ):
        reason = _reason(FACT_NAMES[index], reading, label)
        if reason and reason not in reasons:
            reasons.append(reason)
        if len(reasons) == 2:
            break
    return "; ".join(reasons) or "nothing in it stands out"


def _reason(fact: str, reading: Reading, label: Label) -> str | None:
    value = reading.facts[_INDEX[fact]]
    if label is Label.IRRELEVANT:
        return _reason_against(fact, value, reading)
    if fact in _NEAR_POSITIVE and reading.nearest_positive:
        return f"close to the signal '{_short(reading.nearest_positive)}'"
    if fact in _ASKING and value:
        return _ask(reading) or "asks about the project's subject"
    return _present(fact, value)


def _reason_against(fact: str, value: float, reading: Reading) -> str | None:
    if fact in {"negative_cosine", "negative_cover"} and reading.nearest_negative:
        return f"close to the negative signal '{_short(reading.nearest_negative)}'"
    if fact == "no_topic" and value:
        return "says nothing of the project's subject"
    if fact in _NEAR_POSITIVE:
        return "far from the project's signals"
    if fact in _ASKING:
        return "asks for nothing in the project's field"
    return _present(fact, value)


def _present(fact: str, value: float) -> str | None:
    if not value:
        return None
    group = _PHRASES.get(fact)
    return group.reason if group else _PLAIN.get(fact)


def _ask(reading: Reading) -> str | None:
    """What kind of asking it is, the plainest kind first."""
    return next((GROUPS[i].reason for i in _PLAINEST_FIRST if i in reading.groups), None)


def _short(signal: str) -> str:
    return signal if len(signal) <= MAX_SIGNAL else signal[: MAX_SIGNAL - 1] + "…"


_INDEX = {name: index for index, name in enumerate(FACT_NAMES)}
_ORDER = ("recommendation", "switching", "evaluation", "help", "search", "pain")
_PLAINEST_FIRST = tuple(
    sorted((i for i, asks in enumerate(ASKS) if asks), key=lambda i: _ORDER.index(GROUPS[i].name))
)
